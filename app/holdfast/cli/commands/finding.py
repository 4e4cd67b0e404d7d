"""Finds one app in the list of all."""

from __future__ import annotations

from holdfast.domain.errors import AppNotFound
from holdfast.domain.names import AppName
from holdfast.domain.node import AppSummary, Snapshot


def find_app(snapshot: Snapshot, name: AppName) -> AppSummary:
    """Raises AppNotFound."""
    for app in snapshot.apps:
        if app.name == name:
            return app
    raise AppNotFound(
        f"There is no app named {name}.",
        "No volume of that name is on the node.",
        "List the apps with: holdfast app list",
    )
