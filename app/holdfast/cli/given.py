"""What the user hands to a command beside its arguments: a file, standard input, an answer."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from holdfast.domain.errors import UsageError, reason_of
from holdfast.domain.secret import Secret


def given_value(name: str) -> Secret:
    """A secret's value: asked for twice on a terminal, without showing it; otherwise all of
    standard input, without the line's end that `echo` adds."""
    if sys.stdin.isatty():
        answer = typer.prompt(
            f"Value of {name}", hide_input=True, confirmation_prompt=True, err=True
        )
        return Secret(str(answer).encode())
    given = sys.stdin.buffer.read()
    return Secret(given.removesuffix(b"\n").removesuffix(b"\r"))


def given_document(file: str) -> bytes:
    """The bytes of a file; - stands for standard input. Raises UsageError."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise UsageError(
            f"“{file[:200]}” cannot be read.",
            reason_of(error),
            "Name a file that you may read, or - for standard input.",
        ) from error
