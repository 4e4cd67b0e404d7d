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


def given_token() -> Secret:
    """Asked for on a terminal, without showing it; otherwise all of standard input."""
    if sys.stdin.isatty():
        return Secret(str(typer.prompt("Token", hide_input=True, err=True)).strip().encode())
    token = sys.stdin.buffer.read().strip()
    if not token:
        raise UsageError(
            "No token was given.",
            "Standard input, from which it is read, is empty.",
            "Pipe it in, or run the command on a terminal: it is asked for then.",
        )
    return Secret(token)


def asked(name: str) -> str:
    """What is no secret: asked for on a terminal, elsewhere nothing."""
    return str(typer.prompt(name, err=True)).strip() if sys.stdin.isatty() else ""


def given_passphrase() -> Secret:
    """As a token; a line's end belongs to no passphrase."""
    if sys.stdin.isatty():
        return Secret(str(typer.prompt("Passphrase", hide_input=True, err=True)).encode())
    return Secret(sys.stdin.buffer.readline().rstrip(b"\r\n"))


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


def check_free(file: Path | None, next: str = "Name a new one.") -> None:
    """Before anything is made that shall be written there. next: what to do about one that is
    there. Raises UsageError."""
    if file is None:
        return
    if file.exists():
        raise UsageError(f"{file} exists.", "A file that is there is not written over.", next)
    if not file.absolute().parent.is_dir():
        raise UsageError(f"{file.absolute().parent} is no folder.", "", "Name one that exists.")
