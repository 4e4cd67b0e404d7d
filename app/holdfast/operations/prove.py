"""Prove: marks are planted as apps plant data, and every byte on the node's disk is searched.

The real path of each mark, all but one in an app that is deployed for the proof, beside the one
that is proved, and removed afterwards as every app is:

- code: committed to a repository, fetched by git, checked out on the encrypted volume, run;
- file: written by that app into /data;
- line: printed by that app, and written into its log by its launcher;
- secret: stored in the keychain (with a recovery kit, in its age file too), handed over in RAM, and
  read from the environment;
- upload: 2 MiB, sent as a visitor sends it, through the edge and the sidecar, into /tmp;
- own file: written into /data of the app that is proved, from within its container as its user.

So nothing of the app's own is changed: it is given one file more, for as long as it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from holdfast.domain import names
from holdfast.domain.container import EngineLocation
from holdfast.domain.errors import AppBusy, HoldfastError
from holdfast.domain.marks import Marks
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Operation, Step, Steps
from holdfast.domain.proof import Proof
from holdfast.domain.repository import parse_repository
from holdfast.domain.requests import DeployRequest
from holdfast.domain.stored import to_json
from holdfast.node.controls import CONTROLS, in_the_clear
from holdfast.node.disk_search import Progress, searching
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.proof_app import (
    MARKS,
    OWN,
    own_file,
    proof_files,
    proof_secrets,
    seen_marks,
    send_upload,
)
from holdfast.node.proof_limits import find_limits, host_memory
from holdfast.node.told_search import recorded_events, search_told
from holdfast.node.volume import PROOF_FILE
from holdfast.operations.deploy import deploy_under
from holdfast.operations.import_secrets import import_secrets
from holdfast.operations.proof_result import Searched, result
from holdfast.operations.remove import remove_app
from holdfast.operations.retold import in_lines, retold
from holdfast.operations.serving_app import OpenedApp, open_app
from holdfast.ports import EngineError, EngineHost


def prove_app(node: Node, host: EngineHost, name: AppName) -> Operation[Proof]:
    """Raises HoldfastError for an app that does not run, AppBusy while another proof is made."""

    def body(cancel: CancelToken) -> Steps[Proof]:
        yield Step("Look at the app")
        app = open_app(node, name)
        if app.parts.running is None:
            raise HoldfastError(
                f"{name} does not run.",
                "A proof writes a file from within its container.",
                f"Start it: holdfast app start {name}",
            )
        began = node.clock.now()
        marks = Marks((*MARKS, *CONTROLS))
        with _alone(node), recorded_events(node) as events:
            try:
                with ExitStack() as planted:
                    seen = yield from _plant(node, app, marks, planted, cancel)
                    searched = yield from _search(node, host, marks, seen, events, cancel)
            except BaseException:
                # what was wrong first is what counts; the next proof clears the rest
                with suppress(HoldfastError, EngineError):
                    _clear(node)
                raise
            left = _clear(node)
        proof = result(name, began, node.clock.now(), marks, searched, left)
        app.volume.store({PROOF_FILE: to_json(proof)})
        return proof

    return Operation(f"Prove {name}", target="proof", body=body)


@contextmanager
def _alone(node: Node) -> Iterator[None]:
    """One proof at a time on a node; what a killed one left is cleared first."""
    with ExitStack() as stack:
        try:
            stack.enter_context(holding(node, names.PROVING, "prove"))
        except AppBusy as busy:
            what = "Another proof is being made on this node."
            raise AppBusy(what, busy.why, busy.next) from None
        _clear_leftover(node)
        yield


def _clear_leftover(node: Node) -> None:
    left = node.engine.volumes({names.LABEL_APP: names.PROOF, names.LABEL_ROLE: "cipher"})
    if not all(names.LABEL_PROOF in labels for _, labels in left):
        raise HoldfastError(
            f"An app named {names.PROOF} is in the way.",
            "Holdfast deploys one of that name for each proof.",
            "Deploy yours under another name, and remove this one in the window.",
        )
    if left:
        _clear(node)


def _clear(node: Node) -> tuple[str, ...]:
    """Remove the proof's app. It is not cut short by a cancel. What is left of it."""
    removing = remove_app(node, names.PROOF).body(CancelToken())
    try:
        while True:
            next(removing)
    except StopIteration as ended:
        return tuple(f"{item.kind} {item.id}" for item in ended.value.left)


def _plant(
    node: Node, app: OpenedApp, marks: Marks, planted: ExitStack, cancel: CancelToken
) -> Steps[frozenset[str]]:
    """The names of the marks that were read where they belong."""
    yield Step("Deploy an app that holds marks")
    # it stays as long as the app: a keeper may look whether there is a newer commit
    folder = planted.enter_context(node.local_repositories.made(proof_files(marks)))
    request = DeployRequest(folder, names.PROOF)
    deploying = deploy_under(node, names.PROOF, request, parse_repository(folder))
    made = yield from in_lines(deploying.body(cancel))
    yield Step("Give it a secret and an upload")
    storing = import_secrets(node, names.PROOF, proof_secrets(marks), add=False)
    yield from in_lines(storing.body(cancel))
    send_upload(node, made.release.configuration.host_name, marks)
    yield Step(f"Write a file among the data of {app.configuration.name}")
    own = planted.enter_context(own_file(node, app.configuration, app.release.id, marks))
    seen = seen_marks(node, made.release, marks)
    yield Step("Put marks where they lie in the clear")
    planted.enter_context(in_the_clear(node, marks))
    return seen | {OWN} if own else seen


def _search(
    node: Node,
    host: EngineHost,
    marks: Marks,
    seen: frozenset[str],
    events: list[bytes],
    cancel: CancelToken,
) -> Steps[Searched]:
    yield Step("Search the disk")
    began = node.clock.now()
    memory = host_memory(node)
    roots = [*_roots(node, host.location), *memory.files]
    with searching(node, roots, memory.devices) as searcher:
        disk = yield from retold(searcher.search(marks, cancel), _as_line)
        seconds = (node.clock.now() - began).total_seconds()
        yield Step("Search what the engine and the processes tell")
        told = search_told(node, searcher, marks, events)
        limits = find_limits(node, memory, searcher)
        swaps = tuple(swap.path for swap in memory.swaps if searcher.covers(swap.path))
        return Searched(searcher.roots, swaps, seen, disk, told, limits, seconds)


def _roots(node: Node, location: EngineLocation) -> list[str]:
    """Everything of an engine of our own, its log too; of another one, what it says itself."""
    places = (location.data_root, location.containerd_root)
    return [*map(str, places), node.engine.facts().data_root]


def _as_line(now: Progress) -> Line:
    return Line(f"{now.bytes / 1e6:,.0f} of {now.total / 1e6:,.0f} MB, {now.files:,} files")
