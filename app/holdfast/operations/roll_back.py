"""Roll back: an earlier release serves again, with its environment and its configuration."""

from __future__ import annotations

from holdfast.domain.app import Release
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Steps
from holdfast.domain.requests import Deployed
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.operations.serving_app import OpenedApp, open_app
from holdfast.operations.step_times import StepTimes
from holdfast.operations.switch_release import switch_release


def roll_back_app(node: Node, name: AppName, release: str | None) -> Operation[Deployed]:
    """release: an id, or None for the one before the one that serves."""

    def body(cancel: CancelToken) -> Steps[Deployed]:
        times = StepTimes(node.clock)
        yield times.enter("Look at the releases")
        with holding(node, name, "roll back"):
            app = open_app(node, name)
            earlier = _choose(app, release)
            old = app.release.id if app.parts.running else None
            return (
                yield from switch_release(
                    node, app.volume, earlier.configuration, earlier, old, times, cancel
                )
            )

    return Operation(f"Roll back {name}", target=name, body=body)


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
