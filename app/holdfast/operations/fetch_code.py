"""The code of a deploy: brought onto the app's volume, and what was found in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from holdfast.domain.app import Commit
from holdfast.domain.asked_secrets import worth_reading
from holdfast.domain.branches import EVERY_TAG, Wanted
from holdfast.domain.discovery import Project, discover, needed_files
from holdfast.domain.operation import CancelToken
from holdfast.domain.pin import Pin, choose_pin
from holdfast.domain.repository import RepositoryAddress, within_refs
from holdfast.domain.requests import DeployRequest
from holdfast.node.beside import Beside
from holdfast.node.fetcher import fetching
from holdfast.node.node import Node
from holdfast.node.sources import Sources, worth_a_look
from holdfast.node.volume import Volume
from holdfast.operations.deploy_target import Target


@dataclass(frozen=True, slots=True)
class FetchedCode:
    """branch: what the app follows. pin: what it is held to instead. text: the dependency file's
    own. sources: with the texts of those that may ask for secrets."""

    wanted: Wanted
    branch: str
    default_branch: str
    pin: Pin | None
    commit: Commit
    project: Project
    text: str
    sources: Sources
    uncommitted: int

    @property
    def framework(self) -> str:
        return self.project.entrypoint.framework.value


def fetch_code(
    node: Node,
    target: Target,
    request: DeployRequest,
    address: RepositoryAddress,
    release_id: str,
    beside: Beside,
    cancel: CancelToken,
) -> FetchedCode:
    volume, before = target.volume, target.before
    shown = beside.begin(
        lambda: volume.show_view(
            "fetch",
            "repository.git:repository.git:rw",
            f"releases/{release_id}/checkout:checkout:rw",
        )
    )
    try:
        with fetching(
            node, target.name, volume.uid, address, "fetch", beside=beside, cancel=cancel
        ) as fetcher:
            shown()
            same = before is not None and before.source.repository == address.url
            kept = before if same else None
            kept_pin = kept.follow.pin if kept else None
            tag = request.pin or (kept_pin.tag if kept_pin else None)
            branches = fetcher.branches(EVERY_TAG if address.is_page else [tag] if tag else [])
            address = within_refs(address, branches.commits, branches.tags)
            kept_branch = kept.followed_branch if kept else None
            kept_file = kept.source.entrypoint if kept else None
            # who names a branch gives up a pin
            names_one = request.branch is not None or address.branch is not None
            pin = None if names_one else kept_pin
            asked = request.pin or (None if request.branch else address.pin)
            if asked is not None:
                served = (release.commit.id for release in target.contents.releases)
                pin = choose_pin(asked, branches, served)
            branch = request.branch or address.branch or kept_branch
            if pin is None or branch is None or names_one:
                # an app that is pinned loses nothing when the branch that it left is gone
                branch = branches.choose(branch)
            wanted = pin.wanted(branches) if pin else branches.wanted(branch)
            ref = f"refs/holdfast/{release_id}"
            commit = fetcher.fetch(wanted, ref, target.contents.current if same else None)
            uncommitted = fetcher.uncommitted()
            tree = fetcher.checkout(ref)
            entrypoint = request.entrypoint or address.entrypoint or kept_file or None
            asking = worth_a_look(tree.sizes, worth_reading)
            # at once: each reading is a process in the container
            texts = fetcher.read(list({*needed_files(tree.paths, entrypoint), *asking}))
    finally:
        beside.begin(lambda: _hide(volume, shown))
    project = discover(tree.paths, texts.__getitem__, entrypoint, target.command(request))
    path = project.dependencies.path
    return FetchedCode(
        wanted=wanted,
        branch=branch,
        default_branch=branches.default,
        pin=pin,
        commit=commit,
        project=project,
        text=texts.get(path, "") if path else "",
        sources=Sources(tree.paths, {path: texts[path] for path in asking}),
        uncommitted=uncommitted,
    )


def _hide(volume: Volume, shown: Callable[[], None]) -> None:
    try:
        shown()
    finally:
        volume.hide_view("fetch")
