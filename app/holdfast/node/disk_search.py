"""Searches every byte that the engine keeps on the disk for marks, in a container of its own."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from holdfast.domain import names
from holdfast.domain.container import PushedFile
from holdfast.domain.marks import Found, Marks
from holdfast.domain.operation import CancelToken
from holdfast.domain.proof import Unsearched
from holdfast.node import payloads
from holdfast.node.node import Node
from holdfast.node.scripts import PYTHON, SCRIPTS
from holdfast.ports import EngineError

_MISSING = "bind source path does not exist: "
_NO_DEVICE = 'error gathering device information while adding custom device "'
_JOB = "search.json"
_COMMAND = (*PYTHON, f"{SCRIPTS}/search.py")


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes and files that were searched so far; total: bytes that there are, about."""

    bytes: int
    files: int
    total: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A mark on the disk. path: of a file, on the engine's host."""

    path: str
    found: Found


@dataclass(frozen=True, slots=True)
class DiskSearch:
    """mounts: folders left out because something had been mounted there."""

    files: int
    bytes: int
    mounts: int
    seen: tuple[Seen, ...]
    unsearched: tuple[Unsearched, ...]


def outermost(roots: Sequence[str]) -> tuple[str, ...]:
    """These folders and files without those that lie within others, in order."""
    paths = dict.fromkeys(map(PurePosixPath, roots))
    return tuple(
        str(path)
        for path in paths
        if not any(path != other and path.is_relative_to(other) for other in paths)
    )


@dataclass(frozen=True, slots=True)
class Searcher:
    """The container that searches, while it runs. roots: folders and files of the engine's host.
    devices: of the host, which are searched as well."""

    node: Node
    roots: tuple[str, ...]
    devices: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Whether what lies there on the host is searched."""
        place = PurePosixPath(path)
        return path in self.devices or any(place.is_relative_to(root) for root in self.roots)

    def search(self, marks: Marks, cancel: CancelToken) -> Generator[Progress, None, DiskSearch]:
        """Raises CommandFailed, Cancelled."""
        job = json.dumps({"names": marks.names, "stem": marks.stem}).encode()
        engine = self.node.engine
        engine.push(names.SEARCH, payloads.SEARCH_JOB, [PushedFile(_JOB, job)], uid=0)
        folders = [f"{payloads.SEARCHED}/{at}" for at in range(len(self.roots))]
        command = (*_COMMAND, f"{payloads.SEARCH_JOB}/{_JOB}", *folders, *self.devices)
        seen: dict[Seen, None] = {}
        unsearched: dict[Unsearched, None] = {}
        total, ended = 0, {"files": 0, "bytes": 0, "mounts": 0}
        for line in engine.stream(names.SEARCH, command, cancel):
            told = json.loads(line)
            if "mark" in told:
                found = Found(told["mark"], told["form"])
                seen[Seen(self._on_host(told["path"]), found)] = None
            elif "reason" in told:
                unsearched[Unsearched(self._on_host(told["path"]), told["reason"])] = None
            elif "total" in told:
                total = told["total"]
            else:
                ended.update(told)
                yield Progress(ended["bytes"], ended["files"], total)
        return DiskSearch(
            ended["files"], ended["bytes"], ended["mounts"], tuple(seen), tuple(unsearched)
        )

    def look(self, script: str) -> bytes:
        """The output of a shell that sees the processes of the engine's host."""
        done = self.node.engine.run(names.SEARCH, ("/bin/sh", "-c", script))
        return done.output

    def _on_host(self, path: str) -> str:
        if path in self.devices:
            return path
        at, _, rest = path.removeprefix(f"{payloads.SEARCHED}/").partition("/")
        return str(PurePosixPath(self.roots[int(at)], rest))


@contextmanager
def searching(node: Node, roots: Sequence[str], devices: Sequence[str] = ()) -> Iterator[Searcher]:
    """Begun last: what is mounted below the roots until then is not what it sees. A root or a
    device that the host does not have is left out."""
    wanted, found = outermost(roots), tuple(devices)
    image = node.images.node_image
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(node.held(payloads.searcher(image, wanted, found)))
                break
            except EngineError as error:
                told = error.message
                there = tuple(root for root in wanted if f"{_MISSING}{root}" not in told)
                left = tuple(device for device in found if f"{_NO_DEVICE}{device}" not in told)
                if (there, left) == (wanted, found) or (wanted and not there):
                    raise
                wanted, found = there, left
        yield Searcher(node, wanted, found)
