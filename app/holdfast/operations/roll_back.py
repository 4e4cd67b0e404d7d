"""Roll back: an earlier release serves again, with its environment and its configuration."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from holdfast.domain.app import Release, ReleaseKind
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Steps
from holdfast.domain.repository import parse_repository
from holdfast.domain.requests import Deployed
from holdfast.node.acme import follow_host
from holdfast.node.fetcher import fetching
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.taken_names import check_free
from holdfast.operations.deploy_secrets import look_after_secrets
from holdfast.operations.follow_statistics import follow_statistics
from holdfast.operations.serving_app import OpenedApp, open_app
from holdfast.operations.step_times import StepTimes
from holdfast.operations.switch_release import switch_release
from holdfast.ports import EngineError


def roll_back_app(node: Node, name: AppName, release: str | None) -> Operation[Deployed]:
    """release: an id, or None for the one before the one that serves."""

    def body(cancel: CancelToken) -> Steps[Deployed]:
        times = StepTimes(node.clock)
        yield times.enter("Look at the releases")
        with holding(node, name, "roll back"):
            app = open_app(node, name)
            earlier = replace(
                _choose(app, release),
                kind=ReleaseKind.ROLL_BACK,
                by=node.by,
                seconds=None,
                steps=(),
            )
            check_free(node, name, [earlier.configuration.host_name])
            overwritten = _overwritten(app, earlier)
            if overwritten:
                yield times.enter("Bring its code back")
                earlier = yield from _checked_out(node, app, earlier, cancel)
            old = app.release.slot if app.parts.running else None
            # how the branch is followed, and what leaves, are the app's, whatever release serves
            configuration = replace(
                earlier.configuration,
                follow=app.configuration.follow,
                telemetry=app.configuration.telemetry,
                page=app.configuration.page,
            )
            try:
                result = yield from switch_release(
                    node, app.volume, configuration, earlier, old, times, cancel
                )
            except BaseException:
                if overwritten:
                    _forget_slot(app, earlier)
                raise
            if configuration.host_name != app.configuration.host_name:
                follow_host(node, name, app.volume, configuration.host_name)
            yield from follow_statistics(
                node, app.release, replace(earlier, configuration=configuration)
            )
            return result

    return Operation(f"Roll back {name}", target=name, body=body)


def _overwritten(app: OpenedApp, earlier: Release) -> bool:
    """Whether a live update has renewed its checkout since."""
    return any(
        other.slot == earlier.slot and other.id > earlier.id for other in app.contents.releases
    )


def _checked_out(
    node: Node, app: OpenedApp, earlier: Release, cancel: CancelToken
) -> Steps[Release]:
    """The release with a new checkout of its commit, in a slot of its own."""
    name, volume = app.configuration.name, app.volume
    slot = f"{node.clock.now():%y%m%d%H%M%S}"
    address = parse_repository(earlier.configuration.source.repository)
    folder = f"releases/{slot}/checkout"
    volume.show_view("fetch", "repository.git:repository.git:rw", f"{folder}:checkout:rw")
    try:
        with fetching(node, name, volume.uid, address, "fetch", cancel=cancel) as fetcher:
            fetcher.checkout(f"refs/holdfast/{earlier.id}")
    except BaseException:
        volume.discard(f"releases/{slot}")
        raise
    finally:
        volume.hide_view("fetch")
    yield from look_after_secrets(node, name, volume, earlier.id, slot)
    return replace(earlier, kept_in=slot)


def _forget_slot(app: OpenedApp, earlier: Release) -> None:
    # should the volume be gone already, all of this went with it
    with suppress(HoldfastError, EngineError):
        kept = app.volume.contents().release(earlier.id)
        if kept is None or kept.slot != earlier.slot:
            app.volume.discard(f"releases/{earlier.slot}")


def _choose(app: OpenedApp, wanted: str | None) -> Release:
    older = [release for release in app.contents.releases if release.id < app.release.id]
    found = app.contents.release(wanted) if wanted else next(iter(older), None)
    if found is None:
        known = ", ".join(release.id for release in app.contents.releases)
        raise HoldfastError(
            f"There is no release {wanted} of {app.configuration.name}."
            if wanted
            else f"{app.configuration.name} has no earlier release.",
            f"Kept are: {known}.",
            "Choose one of them, or deploy again.",
        )
    if found.id == app.release.id:
        raise HoldfastError(
            f"The release {found.id} serves already.", next="Choose an earlier one."
        )
    return found
