"""Update: what was pushed to an app's branch goes live, code alone without a restart."""

from __future__ import annotations

from dataclasses import dataclass, replace

from holdfast.domain.app import Release, ReleaseKind
from holdfast.domain.branches import Wanted
from holdfast.domain.changes import Change, why_redeploy
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Operation, Steps
from holdfast.domain.pin import Pin, choose_pin
from holdfast.domain.repository import parse_repository
from holdfast.domain.requests import DeployRequest, Updated, UpdateKind
from holdfast.domain.stored import to_json
from holdfast.node.edge import edge_place
from holdfast.node.fetcher import Fetcher, fetching
from holdfast.node.live_checkout import LiveCheckout
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.open_page import OpenPage, open_page
from holdfast.node.sources import read_text
from holdfast.operations.deploy import deploy_app, keep_releases
from holdfast.operations.deploy_secrets import look_after_secrets
from holdfast.operations.renew_code import Push, renew_code
from holdfast.operations.serving_app import OpenedApp, open_app
from holdfast.operations.step_times import StepTimes
from holdfast.operations.switch_release import deployed

#: So many files that the app wrote are told by name.
_TOLD = 8


def update_app(node: Node, name: AppName, pin: str | None = None) -> Operation[Updated]:
    """pin: a tag or a commit to serve and to be held to from now on; an app that is held to one
    already is brought to that. Raises RepositoryError, DeployFailed, AppBusy, NodeSealed; what
    serves goes on serving."""

    def body(cancel: CancelToken) -> Steps[Updated]:
        times = StepTimes(node.clock)
        yield times.enter("Look at the branch")
        with holding(node, name, "update"):
            app = open_app(node, name)
            found = yield from _update_live(node, app, times, pin, cancel)
        if isinstance(found, Updated):
            return found
        yield Line(f"{found} A full redeploy is made beside the release that serves.")
        source = app.configuration.source
        request = DeployRequest(
            source.repository,
            name,
            # who names a branch gives up a pin
            branch=None if app.configuration.follow.pin else app.configuration.followed_branch,
            entrypoint=source.entrypoint,
            pin=pin,
        )
        made = yield from deploy_app(node, request, ReleaseKind.REDEPLOY).body(cancel)
        return Updated(name, UpdateKind.REDEPLOYED, made.release, reason=found, deployed=made)

    return Operation(f"Update {name}", target=name, body=body)


def _update_live(
    node: Node, app: OpenedApp, times: StepTimes, pin: str | None, cancel: CancelToken
) -> Steps[Updated | str]:
    """What was done, or why a redeploy is needed."""
    volume, before = app.volume, app.release
    address = parse_repository(app.configuration.source.repository)
    new = f"{node.clock.now():%y%m%d%H%M%S}"
    volume.show_view(
        "fetch",
        "repository.git:repository.git:rw",
        f"releases/{new}/checkout:checkout:rw",
        f"releases/{before.slot}/checkout:live:rw",
    )
    kept = False
    try:
        name = app.configuration.name
        with fetching(node, name, volume.uid, address, "fetch", cancel=cancel) as fetcher:
            goal = _find_goal(fetcher, app, pin)
            if goal.wanted.commit == before.commit.id:
                return _nothing_new(app, goal)
            if reason := _why_never(app):
                return reason
            yield times.enter("Fetch the code")
            # it takes a moment, while the commit is fetched
            with open_page(node, name, before.slot, volume.uid, app.parts.port) as page:
                commit = fetcher.fetch(goal.wanted, f"refs/holdfast/{new}", before)
                yield Line(f"{goal.wanted.name} is at {commit.id[:7]} {commit.message}")
                push = Push(app, new, commit)
                reason = yield from _bring(node, fetcher, push, page, times)
                if reason:
                    return reason
                # with nothing between them at which a user could cancel
                release = _keep(node, push, goal, times)
                kept = True
            own = yield from _told_afterwards(node, fetcher, push)
    finally:
        volume.hide_view("fetch")
        if kept:
            volume.discard(f"releases/{new}/checkout")
        else:
            volume.discard(f"releases/{new}", f"repository.git/refs/holdfast/{new}")
    keep_releases(volume, release, app.contents.releases)
    place = edge_place(node)
    made = deployed(node, app.configuration, release, place, times.finished()) if place else None
    return Updated(app.configuration.name, UpdateKind.LIVE, release, "", own, made)


@dataclass(frozen=True, slots=True)
class _Goal:
    """The commit that shall serve, and what is kept of why."""

    wanted: Wanted
    branch: str
    pin: Pin | None


def _find_goal(fetcher: Fetcher, app: OpenedApp, asked: str | None) -> _Goal:
    """asked: a new pin. Otherwise what the app is held to, or its branch's newest commit."""
    kept, branch = app.configuration.follow.pin, app.configuration.followed_branch
    tag = asked or (kept.tag if kept else None)
    branches = fetcher.branches([tag] if tag else [])
    served = (release.commit.id for release in app.contents.releases)
    pin = choose_pin(asked, branches, served) if asked else kept
    if pin is not None:
        return _Goal(pin.wanted(branches), app.configuration.source.branch, pin)
    branch = branches.choose(branch)
    return _Goal(branches.wanted(branch), branch, None)


def _nothing_new(app: OpenedApp, goal: _Goal) -> Updated:
    follow = app.configuration.follow
    if goal.pin != follow.pin:
        app.keep(follow=replace(follow, pin=goal.pin, failed=None))
    reason = f"It is pinned to {goal.pin.name}." if goal.pin else ""
    return Updated(app.configuration.name, UpdateKind.NOTHING_NEW, app.release, reason)


def _bring(
    node: Node, fetcher: Fetcher, push: Push, page: OpenPage, times: StepTimes
) -> Steps[str | None]:
    """Why it was not done, if so."""
    changes = fetcher.changes(*push.refs)
    if reason := _why_redeploy(node, push.app, changes):
        return reason
    yield times.enter("Renew the code")
    return renew_code(node, LiveCheckout(fetcher), push, changes, page)


def _why_never(app: OpenedApp) -> str | None:
    """Why no change whatsoever can go live."""
    if app.parts.running is None:
        return "The app does not run."
    return why_redeploy(app.release, (), "")


def _why_redeploy(node: Node, app: OpenedApp, changes: tuple[Change, ...]) -> str | None:
    release = app.release
    path = release.dependency_file
    text = read_text(node, app.configuration.name, app.volume.uid, release.id, path) if path else ""
    return why_redeploy(release, changes, text)


def _told_afterwards(node: Node, fetcher: Fetcher, push: Push) -> Steps[tuple[str, ...]]:
    """What the code asks for and lacks, and what the app wrote: those files."""
    app = push.app
    yield Line("The code was renewed without a restart.")
    yield from look_after_secrets(node, app.configuration.name, app.volume, push.id)
    own = LiveCheckout(fetcher).strangers(push.refs[1])
    if own:
        more = f" and {len(own) - _TOLD} more" if len(own) > _TOLD else ""
        told = ", ".join(own[:_TOLD])
        yield Line(f"Files that the app wrote beside its code stay until a redeploy: {told}{more}.")
    return own


def _keep(node: Node, push: Push, goal: _Goal, times: StepTimes) -> Release:
    """Write the release down, as the one that serves."""
    app = push.app
    configuration = replace(
        app.configuration,
        release=push.id,
        source=replace(app.configuration.source, branch=goal.branch),
        follow=replace(app.configuration.follow, pin=goal.pin, failed=None),
    )
    release = replace(
        app.release,
        id=push.id,
        commit=push.commit,
        created=node.clock.now(),
        configuration=configuration,
        environment=replace(app.release.environment, cached=True),
        kind=ReleaseKind.LIVE,
        by=node.by,
        seconds=times.total(),
        steps=times.finished(),
        kept_in=app.release.slot,
    )
    app.volume.store(
        {
            f"releases/{release.id}/release.json": to_json(release),
            "app.json": to_json(configuration),
        }
    )
    return release
