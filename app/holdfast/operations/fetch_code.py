"""The code of a deploy: brought onto the app's volume, and what was found in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from holdfast.domain.app import Commit
from holdfast.domain.branches import Wanted
from holdfast.domain.discovery import Project, discover, needed_files
from holdfast.domain.pin import Pin, choose_pin
from holdfast.domain.repository import RepositoryAddress, within_branches
from holdfast.domain.requests import DeployRequest
from holdfast.node.beside import Beside
from holdfast.node.fetcher import fetching
from holdfast.node.node import Node
from holdfast.node.volume import Volume
from holdfast.operations.deploy_target import Target


@dataclass(frozen=True, slots=True)
class FetchedCode:
    """branch: what the app follows. pin: what it is held to instead. text: the dependency file's
    own."""

    wanted: Wanted
    branch: str
    default_branch: str
    pin: Pin | None
    commit: Commit
    project: Project
    text: str
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
        with fetching(node, target.name, volume.uid, address, "fetch", beside=beside) as fetcher:
            shown()
            same = before is not None and before.source.repository == address.url
            kept = before if same else None
            # who names a branch gives up a pin
            names_one = request.branch is not None or address.branch is not None
            kept_pin = kept.follow.pin if kept and not names_one else None
            tag = request.pin or (kept_pin.tag if kept_pin else None)
            branches = fetcher.branches([tag] if tag else [])
            address = within_branches(address, branches.commits)
            kept_branch = kept.followed_branch if kept else None
            kept_file = kept.source.entrypoint if kept else None
            pin = kept_pin
            if request.pin is not None:
                served = (release.commit.id for release in target.contents.releases)
                pin = choose_pin(request.pin, branches, served)
            branch = request.branch or address.branch or kept_branch
            if pin is None or branch is None or names_one:
                # an app that is pinned loses nothing when the branch that it left is gone
                branch = branches.choose(branch)
            wanted = pin.wanted(branches) if pin else branches.wanted(branch)
            ref = f"refs/holdfast/{release_id}"
            commit = fetcher.fetch(wanted, ref)
            uncommitted = fetcher.uncommitted()
            tree = fetcher.checkout(ref)
            entrypoint = request.entrypoint or address.entrypoint or kept_file or None
            texts = fetcher.read(needed_files(tree, entrypoint))
    finally:
        beside.begin(lambda: _hide(volume, shown))
    project = discover(tree, texts.__getitem__, entrypoint, target.command(request))
    path = project.dependencies.path
    text = texts.get(path, "") if path else ""
    return FetchedCode(wanted, branch, branches.default, pin, commit, project, text, uncommitted)


def _hide(volume: Volume, shown: Callable[[], None]) -> None:
    try:
        shown()
    finally:
        volume.hide_view("fetch")
