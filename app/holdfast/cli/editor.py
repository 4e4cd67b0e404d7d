"""Lets the user's own editor work on a secret text, in a folder in RAM that is gone afterwards."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import typer

from holdfast.cli import terminal
from holdfast.cli.failures import Interrupted
from holdfast.domain.errors import HoldfastError, UsageError, reason_of
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_document import parse

_EDITORS = ("sensible-editor", "editor", "nano", "vi")


def edited(document: Secret, ram: Path) -> Secret:
    """The document as the editor left it: readable TOML. On a terminal a mistake is shown and the
    editor opened again. ram: a folder in RAM. Raises UsageError, HoldfastError, Interrupted."""
    command = _editor(os.environ)
    with _file(document, ram) as file:
        while True:
            _edit([*command, str(file)])
            try:
                return parse(file.read_bytes())
            except UsageError as mistake:
                if not sys.stdin.isatty():
                    raise
                terminal.write_error(mistake)
            if not typer.confirm("Edit it again?", default=True, err=True):
                raise HoldfastError(
                    "Nothing was saved.", "The secrets could not be read.", "They are as before."
                )


def _editor(environment: Mapping[str, str]) -> list[str]:
    chosen = environment.get("VISUAL") or environment.get("EDITOR")
    if chosen:
        return shlex.split(chosen)
    for name in _EDITORS:
        if found := shutil.which(name):
            return [found]
    raise UsageError("There is no editor.", "EDITOR is not set.", "Set EDITOR, and try again.")


def _edit(command: list[str]) -> None:
    try:
        # Ctrl-C is the editor's affair while it is open
        with _handling(signal.SIGINT, lambda number, frame: None):
            status = subprocess.run(command, check=False).returncode
    except OSError as error:
        raise UsageError(
            f"The editor {command[0]} cannot be started.",
            reason_of(error),
            "Set EDITOR to one that can.",
        ) from error
    if status:
        raise HoldfastError(
            "Nothing was saved.",
            f"The editor ended with status {status}.",
            "The secrets are as before.",
        )


@contextmanager
def _file(document: Secret, ram: Path) -> Iterator[Path]:
    """In a folder of its own, for what an editor keeps beside the file that it works on."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Interrupted(number)

    with (
        _handling(signal.SIGTERM, interrupt),
        _handling(signal.SIGHUP, interrupt),
        # for its user alone, as mkdtemp makes it
        tempfile.TemporaryDirectory(prefix="holdfast-secrets-", dir=ram) as folder,
    ):
        file = Path(folder) / "secrets.toml"
        file.touch(mode=0o600, exist_ok=False)
        file.write_bytes(document.reveal())
        yield file


@contextmanager
def _handling(number: int, handler: signal._HANDLER) -> Iterator[None]:
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)
