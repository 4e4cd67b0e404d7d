"""Stop: take the app's route away and end it. Its volume stays as it is."""

from __future__ import annotations

from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.node.edge import update_edge
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.serving import end_pair, releases_running
from holdfast.operations.serving_app import open_app


def stop_app(node: Node, name: AppName) -> Operation[None]:
    def body(cancel: CancelToken) -> Steps[None]:
        yield Step("Close the route")
        with holding(node, name, "stop"):
            app = open_app(node, name)
            update_edge(node, {name: None})
            yield Step("End the app")
            app.keep(wanted=False)
            for release in releases_running(app.parts.containers):
                end_pair(node, name, release, app.volume)

    return Operation(f"Stop {name}", target=name, body=body)
