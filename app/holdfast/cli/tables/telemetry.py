"""What leaves an app."""

from __future__ import annotations

from rich.console import Group, RenderableType

from holdfast.cli.tables.layout import pairs
from holdfast.domain.requests import AppTelemetry, TelemetryApplied
from holdfast.presenters.telemetry import (
    CHOICES,
    LEAVES,
    SOURCES,
    USED,
    figures_sentence,
    leaves,
    statement,
    used_parts,
)


def telemetry_table(told: AppTelemetry) -> RenderableType:
    sources = told.sources
    chosen = pairs(
        ("Name", told.app),
        ("Chosen", CHOICES[told.choice]),
        ("Usage statistics", statement(told)),
        ("May load from", ", ".join((SOURCES[sources.allowed].lower(), *sources.hosts))),
    )
    used = ("", f"{USED}:", pairs(*used_parts(told))) if told.used else ()
    return Group(chosen, *used, "", f"{LEAVES}:", pairs(*leaves(told)))


def telemetry_applied_table(done: TelemetryApplied) -> RenderableType:
    figures = figures_sentence(done)
    told = (("Holdfast's figures", figures),) if figures else ()
    return Group(telemetry_table(done.telemetry), pairs(("Applied", done.applied), *told))
