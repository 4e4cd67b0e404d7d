"""Follow a branch: what is kept about it, one look at it, and what the last look found."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from holdfast.domain.app import FollowMode
from holdfast.domain.branch_state import asked_lineage, judge, unreachable
from holdfast.domain.branches import Branches
from holdfast.domain.errors import HoldfastError
from holdfast.domain.following import OF_PINS, BranchLook, BranchState, Followed, Lineage
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.repository import parse_branch
from holdfast.domain.stored import Damaged, from_json, to_json
from holdfast.node.branch_look import Looker, look_at
from holdfast.node.last_looks import digest_of, last_looks, note_look
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.operations.serving_app import OpenedApp, open_app

_NOTE = "branch.json"
#: An app, and what a look at its branch found.
Seen = tuple[OpenedApp, BranchLook]


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at a repository found. branches: None where it could not be read."""

    seen: list[Seen]
    branches: Branches | None = None


#: How commits stand to ones that serve, by the ids of both.
Lineages = dict[tuple[str, str], Lineage]


def follow_app(
    node: Node, name: AppName, mode: FollowMode | None, branch: str | None
) -> Operation[Followed]:
    """Change how an app follows its branch; None leaves a thing as it is."""
    wanted = parse_branch(branch) if branch is not None else None

    def body(cancel: CancelToken) -> Steps[Followed]:
        yield Step("Keep how the branch is followed")
        with holding(node, name, "follow"):
            app = open_app(node, name)
            follow = app.configuration.follow
            follow = replace(follow, mode=mode or follow.mode)
            if wanted is not None:
                follow = replace(follow, branch=wanted, failed=None)
            app.keep(follow=follow)
        return (yield from check_branch(node, name).body(cancel))

    return Operation(f"Follow the branch of {name}", target=name, body=body)


def check_branch(node: Node, name: AppName) -> Operation[Followed]:
    """Look now."""

    def body(cancel: CancelToken) -> Steps[Followed]:
        yield Step("Look at the branch")
        app = open_app(node, name)
        repository = app.configuration.source.repository
        known = followed(app, last_look(app)).look
        [(_, look)] = look_for(node, [(app, known)], repository, cancel).seen
        note(app, look)
        last = last_looks(node).get(digest_of(repository))
        if last is not None:
            # others have read what was noted before
            note_look(node, replace(last, changed=node.clock.now()))
        return followed(app, look)

    return Operation(f"Check the branch of {name}", target=f"branch/{name}", body=body)


def read_branch(node: Node, name: AppName) -> Operation[Followed]:
    """What the last look found, whoever looked."""

    def body(cancel: CancelToken) -> Steps[Followed]:
        yield Step("Read how the branch is followed")
        app = open_app(node, name)
        last = last_looks(node).get(digest_of(app.configuration.source.repository))
        look = last_look(app)
        return followed(app, last.dated(name, look) if last else look)

    return Operation(f"Read the branch of {name}", target=f"branch/{name}", body=body)


def look_for(node: Node, seen: Sequence[Seen], repository: str, cancel: CancelToken) -> Looked:
    """One look at a repository for all apps that follow a branch of it, seen before as it is given;
    of each also that it could not be read."""
    pins = (app.configuration.follow.pin for app, _ in seen)
    tags = sorted({pin.tag for pin in pins if pin and pin.tag})
    branches = None
    try:
        with look_at(node, repository, cancel) as looker:
            branches = looker.branches(tags)
            lineages: Lineages = {}
            looks = [_look(node, looker, branches, app, last, lineages) for app, last in seen]
    except HoldfastError as error:
        now = node.clock.now()
        looks = [unreachable(app.configuration, error, now, last) for app, last in seen]
        branches = None
    return Looked([(app, look) for (app, _), look in zip(seen, looks, strict=True)], branches)


def _look(
    node: Node,
    looker: Looker,
    branches: Branches,
    app: OpenedApp,
    last: BranchLook,
    lineages: Lineages,
) -> BranchLook:
    """lineages: those that were asked about in this look."""
    configuration, releases = app.configuration, app.contents.releases
    serving = asked_lineage(configuration, releases, branches, last)
    lineage = last.lineage
    if serving is not None:
        wanted = branches.wanted(configuration.followed_branch)
        pair = (wanted.commit, serving.commit.id)
        if pair not in lineages:
            lineages[pair] = looker.lineage(wanted, serving.commit)
        lineage = lineages[pair]
    return judge(configuration, releases, branches, node.clock.now(), lineage, last)


def followed(app: OpenedApp, look: BranchLook) -> Followed:
    """look: the last one, as it was noted."""
    configuration = app.configuration
    if look.branch != configuration.followed_branch or _is_done(look, app):
        look = BranchLook(branch=configuration.followed_branch)
    return Followed(
        configuration.name,
        configuration.follow.mode,
        configuration.followed_branch,
        configuration.source.repository,
        app.release.commit.id,
        look,
        configuration.follow.pin,
    )


def note(app: OpenedApp, look: BranchLook) -> None:
    """For every desktop, until the volume is sealed."""
    app.volume.note(_NOTE, to_json(look))


def last_look(app: OpenedApp) -> BranchLook:
    """As it was noted, whether or not the app has changed since."""
    with suppress(Damaged):
        return from_json(BranchLook, app.volume.noted(_NOTE) or b"{}")
    return BranchLook()


def _is_done(look: BranchLook, app: OpenedApp) -> bool:
    """Whether the app has changed since it was looked at."""
    if look.checked is None or look.release != app.release.id:
        return look.checked is not None
    pinned = app.configuration.follow.pin is not None
    return look.state is not BranchState.UNREACHABLE and (look.state in OF_PINS) != pinned
