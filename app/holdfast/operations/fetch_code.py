"""The code of a deploy: brought onto the app's volume, and what was found in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from holdfast.domain.app import Commit
from holdfast.domain.discovery import Project, discover, needed_files
from holdfast.domain.repository import RepositoryAddress, within_branches
from holdfast.domain.requests import DeployRequest
from holdfast.node.beside import Beside
from holdfast.node.fetcher import fetching
from holdfast.node.node import Node
from holdfast.node.volume import Volume
from holdfast.operations.deploy_target import Target


@dataclass(frozen=True, slots=True)
class FetchedCode:
    """text: the dependency file's own."""

    branch: str
    default_branch: str
    commit: Commit
    project: Project
    text: str

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
            branches = fetcher.branches()
            address = within_branches(address, branches.commits)
            same = before is not None and before.source.repository == address.url
            kept = before if same else None
            kept_branch = kept.followed_branch if kept else None
            kept_file = kept.source.entrypoint if kept else None
            branch = branches.choose(request.branch or address.branch or kept_branch)
            ref = f"refs/holdfast/{release_id}"
            commit = fetcher.fetch(branch, branches.commits[branch], ref)
            tree = fetcher.checkout(ref)
            entrypoint = request.entrypoint or address.entrypoint or kept_file or None
            texts = fetcher.read(needed_files(tree, entrypoint))
    finally:
        beside.begin(lambda: _hide(volume, shown))
    project = discover(tree, texts.__getitem__, entrypoint, target.command(request))
    path = project.dependencies.path
    return FetchedCode(
        branch, branches.default, commit, project, texts.get(path, "") if path else ""
    )


def _hide(volume: Volume, shown: Callable[[], None]) -> None:
    try:
        shown()
    finally:
        volume.hide_view("fetch")
