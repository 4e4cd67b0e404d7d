"""The node's volume of age files: each read whole, and replaced whole or not at all."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable, Mapping
from threading import Lock
from uuid import uuid4

from holdfast.domain import names
from holdfast.domain.container import Completed, PushedFile
from holdfast.domain.errors import AppBusy
from holdfast.node import payloads
from holdfast.node.full_disk import full_disk, tells_full_disk
from holdfast.node.parts import begin
from holdfast.ports import Engine, command_refused

_SUFFIX = ".age"
_CHANGED = 75
_ENTER = f"cd {payloads.KEY_FILES} && exec 9>.lock && flock 9 || exit 1; "
_READ = (
    f"{_ENTER} find . -maxdepth 1 -type f -name '*{_SUFFIX}' -print0"
    " | tar --null --no-recursion -T - -cf -"
)
#: Arguments: the pushed file, its place, then pairs of a file and the digest it must still have.
_REPLACE = _ENTER + (
    'new="$1" place="$2"; rm -f "$place.part";'
    ' trap \'rm -f "$new" "$place.part"\' EXIT; shift 2; while [ "$#" -gt 0 ]; do'
    ' [ "$(sha256sum "$1" 2>/dev/null | cut -c 1-64)" = "$2" ] || exit 75; shift 2; done;'
    ' cp "$new" "$place.part" && sync "$place.part" && mv "$place.part" "$place" && sync .'
)
_DELETE = f'{_ENTER} rm -f "$1" && sync .'


class KeyFiles:
    """Files by name: that of an app, or `node`. image: the node image's tag."""

    def __init__(self, engine: Engine, image: Callable[[], str]) -> None:
        self._engine = engine
        self._image = image
        self._guard = Lock()

    def exist(self) -> bool:
        """Whether the node has such a volume. Nothing is made by asking."""
        found = self._engine.volumes({names.LABEL_ROLE: "keys"})
        return any(name == names.KEYS for name, _ in found)

    def read(self) -> dict[str, bytes]:
        """All of them, as of one moment."""
        if not self.exist():
            return {}
        done = self._shell(_READ)
        with tarfile.open(fileobj=io.BytesIO(done.output)) as archive:
            entries = {member.name: archive.extractfile(member) for member in archive}
        return {
            path.removeprefix("./").removesuffix(_SUFFIX): entry.read()
            for path, entry in entries.items()
            if entry is not None
        }

    def replace(self, name: str, content: bytes, seen: Mapping[str, bytes | None]) -> None:
        """Write a file, unless one of those that were `seen` has changed since, or one that was
        not there (None) has appeared: then AppBusy is raised, and nothing is written."""
        self._engine.create_volume(names.KEYS, {names.LABEL_ROLE: "keys"})
        pushed = f"{name}-{uuid4().hex}"
        self._ensure_keeper()
        self._engine.push(names.KEYS, payloads.KEY_INBOX, [PushedFile(pushed, content)], uid=0)
        pairs = [part for file, was in seen.items() for part in (file + _SUFFIX, _digest(was))]
        self._shell(_REPLACE, f"{payloads.KEY_INBOX}/{pushed}", name + _SUFFIX, *pairs)

    def delete(self, name: str) -> None:
        """No error if it is missing."""
        if self.exist():
            self._shell(_DELETE, name + _SUFFIX)

    def _shell(self, script: str, *arguments: str) -> Completed:
        self._ensure_keeper()
        done = self._engine.run(names.KEYS, ("/bin/sh", "-c", script, "sh", *arguments))
        if done.exit_code == _CHANGED:
            raise AppBusy(
                "The node's keys were changed at the same moment.",
                "Another workstation, or another operation on this one, wrote them first.",
                "Try again.",
            )
        text = done.error.decode(errors="replace").strip()
        if tells_full_disk(text):
            raise full_disk(self._engine)
        if done.exit_code:
            raise command_refused(names.KEYS, done)
        return done

    def _ensure_keeper(self) -> None:
        with self._guard:
            keepers = self._engine.containers({names.LABEL_ROLE: "keys"})
            if not any(c.name == names.KEYS and c.state == "running" for c in keepers):
                begin(self._engine, payloads.key_keeper(self._image()))


def _digest(content: bytes | None) -> str:
    return "" if content is None else hashlib.sha256(content).hexdigest()
