"""Update: what was pushed to an app's branch goes live, code alone without a restart."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from holdfast.domain.app import Commit, Release, ReleaseKind
from holdfast.domain.asked_secrets import committed_secrets
from holdfast.domain.changes import Change, why_redeploy
from holdfast.domain.errors import DeployFailed, HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Operation, Steps
from holdfast.domain.repository import parse_repository
from holdfast.domain.requests import DeployRequest, Updated, UpdateKind
from holdfast.domain.stored import to_json
from holdfast.node.app_mask import app_mask
from holdfast.node.edge import edge_place
from holdfast.node.fetcher import Fetcher, fetching
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.open_page import OpenPage, open_page
from holdfast.node.sources import read_text
from holdfast.operations.deploy import deploy_app, keep_releases
from holdfast.operations.deploy_secrets import look_after_secrets
from holdfast.operations.serving_app import OpenedApp, open_app
from holdfast.operations.step_times import StepTimes
from holdfast.operations.switch_release import deployed

#: What a renewal that was cut short leaves in a checkout (renew.py).
CUT_SHORT = ".holdfast-renewal"
#: Seconds that a run of the script is waited for: the first of a page, and that of the new code.
_FIRST_RUN, _NEXT_RUN, _LATER_RUN = 6.0, 2.5, 1.0
_LOG_LINES = 40
_EXCEPTION = re.compile(r"\b\w*(Error|Exception|Exit|Interrupt|Warning)\b(: |$)")
#: So many files that the app wrote are told by name.
_TOLD = 8


def update_app(node: Node, name: AppName) -> Operation[Updated]:
    """Raises RepositoryError, DeployFailed, AppBusy, NodeSealed; what serves goes on serving."""

    def body(cancel: CancelToken) -> Steps[Updated]:
        times = StepTimes(node.clock)
        yield times.enter("Look at the branch")
        with holding(node, name, "update"):
            app = open_app(node, name)
            found = yield from _update_live(node, app, times)
        if isinstance(found, Updated):
            return found
        yield Line(f"{found} A full redeploy is made beside the release that serves.")
        source = app.configuration.source
        request = DeployRequest(
            source.repository,
            name,
            branch=app.configuration.followed_branch,
            entrypoint=source.entrypoint,
        )
        made = yield from deploy_app(node, request).body(cancel)
        return Updated(name, UpdateKind.REDEPLOYED, made.release, reason=found, deployed=made)

    return Operation(f"Update {name}", target=name, body=body)


@dataclass(frozen=True, slots=True)
class _Step:
    """From the release that serves to the one that its code shall become."""

    app: OpenedApp
    id: str
    commit: Commit

    @property
    def refs(self) -> tuple[str, str]:
        return f"refs/holdfast/{self.app.release.id}", f"refs/holdfast/{self.id}"


def _update_live(node: Node, app: OpenedApp, times: StepTimes) -> Steps[Updated | str]:
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
        with fetching(node, app.configuration.name, volume.uid, address, "fetch") as fetcher:
            branches = fetcher.branches()
            branch = branches.choose(app.configuration.followed_branch)
            head = branches.commits[branch]
            if head == before.commit.id:
                return Updated(app.configuration.name, UpdateKind.NOTHING_NEW, before)
            if reason := _why_never(app):
                return reason
            yield times.enter("Fetch the code")
            # it takes a moment, while the commit is fetched
            name, port = app.configuration.name, app.parts.port
            with open_page(node, name, before.slot, volume.uid, port) as page:
                commit = fetcher.fetch(branch, head, f"refs/holdfast/{new}")
                yield Line(f"{branch} is at {commit.id[:7]} {commit.message}")
                step = _Step(app, new, commit)
                reason = yield from _bring(node, fetcher, step, page, times)
                if reason:
                    return reason
                # with nothing between them at which a user could cancel
                release = _keep(node, step, branch, times)
                kept = True
            own = yield from _told_afterwards(node, fetcher, step)
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


def _bring(
    node: Node, fetcher: Fetcher, step: _Step, page: OpenPage, times: StepTimes
) -> Steps[str | None]:
    """Why it was not done, if so."""
    changes = fetcher.changes(*step.refs)
    if reason := _why_redeploy(node, step.app, changes):
        return reason
    yield times.enter("Renew the code")
    return _renew(node, fetcher, step, changes, page)


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


def _renew(
    node: Node, fetcher: Fetcher, step: _Step, changes: tuple[Change, ...], page: OpenPage
) -> str | None:
    """Why it was not done, if so. Raises DeployFailed where the new code raises, which it has put
    back, or tells why it could not."""
    app, (before, after) = step.app, step.refs
    _stage(fetcher, step, changes, before, after)
    # only now does Streamlit watch what the script has imported
    first = page.run(_FIRST_RUN)
    renewal = fetcher.renew(before, after, app.release.entrypoint, app.release.python)
    if renewal.in_the_way is not None:
        return _in_the_way(renewal.in_the_way)
    # of a script that runs long it is not known whether the new code raises
    then = page.run(_NEXT_RUN) if first is not None else None
    while then is not None and then.raised and (later := page.run(_LATER_RUN)):
        # it had begun before the last file was in its place
        then = later
    if first is not None and then is not None and then.raised and not first.raised:
        raised = _last_exception(node, app)
        if why := _put_back(fetcher, step, changes):
            fetcher.mark_unfinished()
            raise DeployFailed(
                "The new commit is broken, and its code serves.",
                f"The app's script raises an exception: {raised} The code of before could not be"
                f" put back: {why}",
                "Correct it and push again, which makes a full redeploy. Or return to an earlier"
                f" release: holdfast app rollback {app.configuration.name}",
            )
        page.run(_NEXT_RUN)
        raise DeployFailed(
            "The new commit is broken.",
            f"The app's script raises an exception: {raised}",
            "Correct it and push again. The code of before was put back, and serves on.",
        )
    return None


def _put_back(fetcher: Fetcher, step: _Step, changes: tuple[Change, ...]) -> str | None:
    """Why it was not done, if so."""
    release, (before, after) = step.app.release, step.refs
    try:
        _stage(fetcher, step, changes, after, before)
        renewal = fetcher.renew(after, before, release.entrypoint, release.python)
    except HoldfastError as error:
        return f"{error.what} {error.why}"
    return None if renewal.in_the_way is None else _in_the_way(renewal.in_the_way)


def _stage(
    fetcher: Fetcher, step: _Step, changes: tuple[Change, ...], before: str, after: str
) -> None:
    """The files that differ, without the secrets that are committed among them."""
    fetcher.stage(before, after)
    committed = committed_secrets(change.path for change in changes)
    if committed:
        step.app.volume.discard(*(f"releases/{step.id}/checkout/{path}" for path in committed))


def _last_exception(node: Node, app: OpenedApp) -> str:
    """As the app's log tells it, its secrets hidden."""
    log = app.volume.log_tail(_LOG_LINES)
    lines = [app_mask(node.keys, app.configuration.name).hide(line) for line in log]
    found = [line for line in lines if _EXCEPTION.search(line)]
    return (found or lines or ["its log says no more"])[-1].strip()[-300:]


def _told_afterwards(node: Node, fetcher: Fetcher, step: _Step) -> Steps[tuple[str, ...]]:
    """What the code asks for and lacks, and what the app wrote: those files."""
    app = step.app
    yield Line("The code was renewed without a restart.")
    yield from look_after_secrets(node, app.configuration.name, app.volume, step.id)
    own = fetcher.strangers(step.refs[1])
    if own:
        more = f" and {len(own) - _TOLD} more" if len(own) > _TOLD else ""
        told = ", ".join(own[:_TOLD])
        yield Line(f"Files that the app wrote beside its code stay until a redeploy: {told}{more}.")
    return own


def _in_the_way(path: str) -> str:
    if path == CUT_SHORT:
        return "An update before was cut short."
    return f"The app wrote {path}, where the commit has something else."


def _keep(node: Node, step: _Step, branch: str, times: StepTimes) -> Release:
    """Write the release down, as the one that serves."""
    app = step.app
    configuration = replace(
        app.configuration,
        release=step.id,
        source=replace(app.configuration.source, branch=branch),
        follow=replace(app.configuration.follow, failed=None),
    )
    release = replace(
        app.release,
        id=step.id,
        commit=step.commit,
        created=node.clock.now(),
        configuration=configuration,
        environment=replace(app.release.environment, cached=True),
        kind=ReleaseKind.LIVE,
        by=node.by,
        seconds=times.total(),
        kept_in=app.release.slot,
    )
    app.volume.store(
        {
            f"releases/{release.id}/release.json": to_json(release),
            "app.json": to_json(configuration),
        }
    )
    return release
