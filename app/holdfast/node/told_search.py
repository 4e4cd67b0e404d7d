"""Searches what can be read without opening a file: what the engine tells, and processes show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError
from holdfast.domain.marks import Found, Marks
from holdfast.domain.operation import Cancelled, CancelToken
from holdfast.domain.proof import Place, Unsearched
from holdfast.node.disk_search import Searcher
from holdfast.node.node import Node
from holdfast.ports import Conflict, NotFound

#: Every process, after its number: PID 1's initial environment is that which the engine gave it.
_ENVIRONMENTS = (
    'for p in /proc/[0-9]*; do [ -r "$p/environ" ] || continue;'
    ' printf \'\\n@%s\\n\' "${p#/proc/}"; cat "$p/environ"; done 2>/dev/null; true'
)
_COMMAND_LINES = (
    'for p in /proc/[0-9]*; do printf \'\\n@%s\\n\' "${p#/proc/}"; cat "$p/cmdline"; done'
    " 2>/dev/null; true"
)


@dataclass
class Told:
    """seen: (where, mark and form). exceptions: processes beside the first of a container whose
    environment holds a mark, by the container's name."""

    seen: list[tuple[str, Found]] = field(default_factory=list)
    exceptions: dict[str, set[str]] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    unsearched: list[Unsearched] = field(default_factory=list)


@contextmanager
def recorded_events(node: Node) -> Iterator[list[bytes]]:
    """All events of the engine from now on: it remembers its last 256 alone."""
    cancel, listening, events = CancelToken(), Event(), list[bytes]()

    def record() -> None:
        try:
            with suppress(Cancelled, HoldfastError), node.engine.raw_events(cancel) as stream:
                listening.set()
                events.extend(stream)
        finally:
            listening.set()

    recorder = Thread(target=record, name="proof-events", daemon=True)
    recorder.start()
    listening.wait()
    try:
        yield events
    finally:
        cancel.cancel()
        recorder.join()


def search_told(node: Node, searcher: Searcher, marks: Marks, events: list[bytes]) -> Told:
    told = Told()
    _answers(node, marks, told)
    _look(told, marks, "events of the engine", "event", list(events))
    if not events:
        told.unsearched.append(Unsearched("events of the engine", "None were heard."))
    lines = _processes(searcher.look(_COMMAND_LINES))
    _look(told, marks, "command lines of the node's processes", "process", list(lines.values()))
    _environments(node, marks, told)
    return told


def _answers(node: Node, marks: Marks, told: Told) -> None:
    number = size = 0
    for where, answer in node.engine.told():
        number, size = number + 1, size + len(answer)
        told.seen += [(where, found) for found in marks.found_in(answer)]
    told.places.append(Place("inspect and history of everything", number, "answer", size))


def _look(told: Told, marks: Marks, where: str, unit: str, parts: list[bytes]) -> None:
    told.places.append(Place(where, len(parts), unit, sum(map(len, parts))))
    told.seen += [(where, found) for part in parts for found in marks.found_in(part)]


def _environments(node: Node, marks: Marks, told: Told) -> None:
    number = size = 0
    for container in node.engine.containers({names.LABEL_ROLE: ""}):
        # from the search's own container all processes of the host are seen
        if container.state != "running" or container.name == names.SEARCH:
            continue
        try:
            done = node.engine.run(container.name, ("/bin/sh", "-c", _ENVIRONMENTS))
        except (NotFound, Conflict):
            # it ended meanwhile
            continue
        except HoldfastError as error:
            told.unsearched.append(Unsearched(f"processes of {container.name}", str(error)))
            continue
        environments = _processes(done.output)
        if "1" not in environments:
            told.unsearched.append(
                Unsearched(f"first process of {container.name}", "Its environment was not shown.")
            )
        for process, environment in environments.items():
            number, size = number + 1, size + len(environment)
            for found in marks.found_in(environment):
                if process == "1":
                    where = f"environment of the first process of {container.name}"
                    told.seen.append((where, found))
                else:
                    told.exceptions.setdefault(container.name, set()).add(found.mark)
    told.places.append(Place("environments of processes", number, "process", size))


def _processes(output: bytes) -> dict[str, bytes]:
    """By number, what was printed after it."""
    found = {}
    for part in output.split(b"\n@")[1:]:
        number, _, content = part.partition(b"\n")
        found[number.decode(errors="replace")] = content
    return found
