"""Set page sources: what an app's page may load from, for pages that are opened from now on."""

from __future__ import annotations

from dataclasses import replace

from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.page_sources import PageSources
from holdfast.domain.requests import TelemetryApplied
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.operations.hold_pages import hold_pages
from holdfast.operations.read_telemetry import telemetry_of
from holdfast.operations.serving_app import open_app


def set_page_sources(
    node: Node, name: AppName, sources: PageSources
) -> Operation[TelemetryApplied]:
    def body(cancel: CancelToken) -> Steps[TelemetryApplied]:
        yield Step("Look at the app")
        with holding(node, name, "set page sources"):
            app = open_app(node, name)
            configuration = replace(app.configuration, page=sources)
            runs = app.parts.running is not None
            if runs:
                yield from hold_pages(node, configuration, app.release, cancel)
            app.keep(page=sources)
        applied = "live" if runs else "on next start"
        return TelemetryApplied(telemetry_of(node, configuration, app.release), applied)

    return Operation(f"Set the page sources of {name}", target=name, body=body)
