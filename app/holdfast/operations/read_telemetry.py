"""Read what leaves an app: the choice for it, what its repository says, and what holds."""

from __future__ import annotations

from dataclasses import replace

from holdfast.domain.app import AppConfiguration, Release
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.requests import AppTelemetry
from holdfast.domain.statistics import effective
from holdfast.domain.used_hosts import used_hosts, worth_reading
from holdfast.node.kept_figures import KeptFigures
from holdfast.node.node import Node
from holdfast.node.page_rules import page_rules
from holdfast.node.sources import read_sources
from holdfast.operations.serving_app import open_app


def read_telemetry(node: Node, name: AppName) -> Operation[AppTelemetry]:
    def body(cancel: CancelToken) -> Steps[AppTelemetry]:
        yield Step("Look at the app")
        app = open_app(node, name)
        yield Step("Look at what the code loads")
        sources = read_sources(node, name, app.volume.uid, app.release.id, worth_reading)
        told = telemetry_of(node, app.configuration, app.release)
        return replace(told, used=used_hosts(sources.texts))

    title = f"Read the telemetry of {name}"
    return Operation(title, target=f"telemetry/{name}", body=body)


def telemetry_of(node: Node, configuration: AppConfiguration, release: Release) -> AppTelemetry:
    choice, said = configuration.telemetry, release.statistics
    figures = KeptFigures(node, configuration.name, configuration.uid).read()
    return AppTelemetry(
        app=configuration.name,
        choice=choice,
        repository=said,
        effective=effective(choice, release.framework, said),
        framework=release.framework,
        sources=configuration.page,
        quiet=page_rules(configuration, release).quiet,
        figures=len(figures.measured) if figures.kept else None,
    )
