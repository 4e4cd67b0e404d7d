"""What leaves an app, as JSON."""

from __future__ import annotations

from holdfast.cli.forms.figures import figures_form
from holdfast.cli.forms.form import Form
from holdfast.domain.figures import AppFigures
from holdfast.domain.requests import AppTelemetry, TelemetryApplied
from holdfast.presenters.telemetry import leaves


def telemetry_form(told: AppTelemetry) -> Form:
    """effective: whether statistics are sent; reason: what decides that."""
    return {
        "name": told.app,
        "telemetry": told.choice.value,
        "effective": "on" if told.effective.on else "off",
        "reason": told.effective.source,
        "repository": told.repository,
        "sources": {"allowed": told.sources.allowed.value, "hosts": list(told.sources.hosts)},
        "leaves": [{"what": what, "where": where} for what, where in leaves(told)],
    }


def telemetry_shown_form(told: AppTelemetry, figures: AppFigures) -> Form:
    used = [{"host": each.host, "where": each.where} for each in told.used]
    return {**telemetry_form(told), "used": used, "figures": figures_form(figures)}


def telemetry_applied_form(done: TelemetryApplied) -> Form:
    """figures: what became of Holdfast's own; null where the change was not about them."""
    changed = done.figures
    figures = changed and {
        "kept": changed.figures.kept,
        "deleted": changed.deleted,
        "left": changed.left,
    }
    return {**telemetry_form(done.telemetry), "applied": done.applied, "figures": figures}
