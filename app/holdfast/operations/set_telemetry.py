"""Set telemetry: whether an app sends usage statistics, at the edge and in its own process."""

from __future__ import annotations

from dataclasses import replace

from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.requests import TelemetryApplied
from holdfast.domain.telemetry import Telemetry
from holdfast.node.draining import exchange
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.serving import Pair, push_plan
from holdfast.operations.hold_pages import hold_pages
from holdfast.operations.read_telemetry import telemetry_of
from holdfast.operations.serving_app import open_app


def set_telemetry(
    node: Node, name: AppName, choice: Telemetry, against: bool = False, later: bool = False
) -> Operation[TelemetryApplied]:
    """against: turn them on even where the repository says that none shall be sent. later: a
    running app takes it up at its next start; the edge holds to it at once."""

    def body(cancel: CancelToken) -> Steps[TelemetryApplied]:
        yield Step("Look at the app")
        with holding(node, name, "set telemetry"):
            app = open_app(node, name)
            check_against(name, choice, app.release.statistics, against)
            configuration = replace(app.configuration, telemetry=choice)
            applied = "on next start"
            # first what refuses them: a change that is cut short never sends what is called off
            if app.parts.running is not None:
                yield from hold_pages(node, configuration, app.release, cancel)
            app.keep(telemetry=choice)
            if app.parts.running is not None:
                pair = Pair(configuration, app.release, app.parts.port)
                push_plan(node, pair)
                if not later:
                    yield Step("Start the app anew")
                    secrets = node.keys.secrets(name)
                    yield from exchange(node, app.volume, pair, secrets, cancel)
                    applied = "restarted"
        return TelemetryApplied(telemetry_of(configuration, app.release), applied)

    return Operation(f"Set the telemetry of {name}", target=name, body=body)


def check_against(name: AppName, choice: Telemetry, said: bool | None, against: bool) -> None:
    """Raises UsageError for statistics that the repository does not want, unless that is meant."""
    if choice is Telemetry.ON and said is False and not against:
        raise UsageError(
            f"The repository of {name} says that no usage statistics shall be sent.",
            "Its .streamlit/config.toml sets gatherUsageStats to false.",
            "Turn them on all the same with --yes.",
        )
