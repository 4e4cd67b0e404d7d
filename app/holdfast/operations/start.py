"""Start and restart: the app's release in fresh containers, until visitors are answered."""

from __future__ import annotations

from holdfast.domain.app import AppState
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Steps
from holdfast.domain.requests import Deployed
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.serving import end_pair, releases_running
from holdfast.operations.serving_app import open_app
from holdfast.operations.step_times import StepTimes
from holdfast.operations.switch_release import running_already, switch_release


def start_app(node: Node, name: AppName) -> Operation[Deployed]:
    """Nothing happens to an app that runs."""
    return _fresh(node, name, "start", "Start")


def restart_app(node: Node, name: AppName) -> Operation[Deployed]:
    """Visitors are cut off for the seconds that it takes."""
    return _fresh(node, name, "restart", "Restart")


def _fresh(node: Node, name: AppName, verb: str, title: str) -> Operation[Deployed]:
    def body(cancel: CancelToken) -> Steps[Deployed]:
        times = StepTimes(node.clock)
        yield times.enter("Look at the app")
        with holding(node, name, verb):
            app = open_app(node, name)
            if verb == "start" and app.parts.state in (AppState.RUNNING, AppState.STARTING):
                return running_already(node, app.configuration, app.release, times, app.parts)
            node.keys.check()
            for release in releases_running(app.parts.containers):
                end_pair(node, name, release, app.volume)
            return (
                yield from switch_release(
                    node, app.volume, app.configuration, app.release, None, times, cancel
                )
            )

    return Operation(f"{title} {name}", target=name, body=body)
