"""Set telemetry: whether an app sends usage statistics, at the edge and in its own process, and
with it whether Holdfast measures it."""

from __future__ import annotations

from dataclasses import replace

from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.requests import TelemetryApplied
from holdfast.domain.statistics import effective
from holdfast.domain.telemetry import Telemetry
from holdfast.node.draining import exchange
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.serving import Pair, push_plan
from holdfast.operations.figures import switch_figures
from holdfast.operations.hold_pages import hold_pages
from holdfast.operations.read_telemetry import telemetry_of
from holdfast.operations.serving_app import open_app
from holdfast.operations.unsealed_volume import unsealed_volume

_SEALED = (
    "The choice and the figures lie encrypted in it: nothing is changed, and none are deleted."
)


def set_telemetry(
    node: Node, name: AppName, choice: Telemetry, against: bool = False, later: bool = False
) -> Operation[TelemetryApplied]:
    """against: turn them on even where the repository says that none shall be sent. later: a
    running app takes it up at its next start; the edge holds to it at once, and so do figures."""

    def body(cancel: CancelToken) -> Steps[TelemetryApplied]:
        yield Step("Look at the app")
        with holding(node, name, "set telemetry"):
            unsealed_volume(node, name, _SEALED)
            app = open_app(node, name)
            check_against(name, choice, app.release.statistics, against)
            configuration = replace(app.configuration, telemetry=choice)
            holds = effective(choice, app.release.framework, app.release.statistics).on
            applied, figures = "on next start", None
            # first what refuses them: a change that is cut short never sends what is called off
            if app.parts.running is not None:
                counted = {} if holds else {name: False}
                yield from hold_pages(node, configuration, app.release, cancel, counted)
            app.keep(telemetry=choice)
            if not holds:
                yield Step("Delete Holdfast's own figures")
                figures = switch_figures(node, name, configuration.uid, wanted=False)
            if app.parts.running is not None:
                pair = Pair(configuration, app.release, app.parts.port)
                push_plan(node, pair)
                if not later:
                    yield Step("Start the app anew")
                    secrets = node.keys.secrets(name)
                    yield from exchange(node, app.volume, pair, secrets, cancel)
                    applied = "restarted"
            if holds:
                yield Step("Keep figures")
                figures = switch_figures(node, name, configuration.uid, wanted=True)
            told = telemetry_of(node, configuration, app.release)
        return TelemetryApplied(told, applied, figures)

    return Operation(f"Set the telemetry of {name}", target=name, body=body)


def check_against(name: AppName, choice: Telemetry, said: bool | None, against: bool) -> None:
    """Raises UsageError for statistics that the repository does not want, unless that is meant."""
    if choice is Telemetry.ON and said is False and not against:
        raise UsageError(
            f"The repository of {name} says that no usage statistics shall be sent.",
            "Its .streamlit/config.toml sets gatherUsageStats to false.",
            "Turn them on all the same with --yes.",
        )
