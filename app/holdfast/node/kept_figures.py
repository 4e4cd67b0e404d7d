"""An app's figures on its encrypted volume: a line each measurement, a file each day.

They are kept where there is a folder for them, and nowhere else: without it whoever measures adds
nothing, so that what was deleted does not come back by somebody who had begun before.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import msgspec

from holdfast.domain import names
from holdfast.domain.container import Completed, PushedFile
from holdfast.domain.figures import KEPT_DAYS, AppFigures, Measured
from holdfast.domain.names import AppName
from holdfast.domain.stored import Damaged, from_json
from holdfast.node.node import Node
from holdfast.ports import command_refused

_FOLDER = "/keys/plain/figures"
_NOT_KEPT = 3
_ENTER = f"cd {_FOLDER} 2>/dev/null || exit {_NOT_KEPT}; "
#: Arguments: the pushed file, the day's file, and the last one that is too old.
_ADD = (
    "trap 'rm -f -- \"$1\"' EXIT; "
    + _ENTER
    + 'cat -- "$1" >>"$2" || exit 1; for each in *.jsonl; do '
    '[ "$each" = "$2" ] || [ "$each" \\> "$3" ] || rm -f -- "$each"; done'
)
_READ = _ENTER + "find . -name '*.jsonl' | sort | xargs -r cat --"
_BEGIN = f"mkdir -p -m 0700 {_FOLDER}"
_EMPTY = _ENTER + "rm -f -- *.jsonl"
_END = f"rm -rf -- {_FOLDER}"


class KeptFigures:
    """Of an app whose volume is unsealed."""

    def __init__(self, node: Node, app: AppName, uid: int) -> None:
        self._engine = node.engine
        self.app = app
        self._uid = uid
        self._mounter = names.mounter(app)

    @property
    def are_kept(self) -> bool:
        return self._run(f"test -d {_FOLDER}").exit_code == 0

    def begin(self) -> None:
        """Keep them from now on; those that are there stay."""
        self._checked(self._run(_BEGIN))

    def delete(self) -> None:
        """All of them; new ones are kept."""
        self._checked(self._run(_EMPTY))

    def end(self) -> None:
        """Delete them, and keep none any more."""
        self._checked(self._run(_END))

    def add(self, measured: Measured) -> None:
        """Keep one, where they are kept, and let go of those that are too old."""
        line = PushedFile(f"inbox/figures-{uuid4().hex}", msgspec.json.encode(measured) + b"\n")
        self._engine.push(self._mounter, "/keys", [line], self._uid)
        today, oldest = _file_of(measured.at), _file_of(measured.at - timedelta(days=KEPT_DAYS))
        self._checked(self._run(_ADD, f"/keys/{line.path}", today, oldest))

    def read(self) -> AppFigures:
        done = self._run(_READ)
        if done.exit_code == _NOT_KEPT:
            return AppFigures(self.app, kept=False)
        output = self._checked(done).output
        found = [row for line in output.splitlines() if (row := _row(line)) is not None]
        found.sort(key=lambda row: row.at)
        return AppFigures(self.app, True, tuple(found), len(output))

    def _run(self, script: str, *arguments: str) -> Completed:
        command = ("/bin/sh", "-c", script, "sh", *arguments)
        return self._engine.run(self._mounter, command, user=f"{self._uid}:{self._uid}")

    def _checked(self, done: Completed) -> Completed:
        if done.exit_code not in (0, _NOT_KEPT):
            raise command_refused(self._mounter, done)
        return done


def _file_of(at: datetime) -> str:
    return f"{at:%Y-%m-%d}.jsonl"


def _row(line: bytes) -> Measured | None:
    """None for one that was cut off, or was written by another release of Holdfast."""
    try:
        return from_json(Measured, line)
    except Damaged:
        return None
