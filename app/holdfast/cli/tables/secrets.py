"""An app's secrets, by their names."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from holdfast.cli.tables.layout import columns, pairs
from holdfast.cli.terminal import plain
from holdfast.domain.asked_secrets import AskedSecret
from holdfast.domain.requests import SecretsApplied
from holdfast.domain.secrets_values import SecretValue
from holdfast.presenters.quantities import size


def secrets_table(applied: SecretsApplied) -> RenderableType:
    return pairs(
        ("Name", applied.name),
        ("Secrets", ", ".join(applied.secrets) or "none"),
        ("Applied", applied.applied),
    )


def listed_secrets_table(
    found: Sequence[SecretValue], missing: Sequence[AskedSecret]
) -> RenderableType:
    table = columns("Name", "Type", "Variable", "Size>", "")
    for each in found:
        variable = Text("yes", "green") if each.environment else "no"
        note = plain(each.no_variable or "")
        table.add_row(plain(each.name), each.type.value, variable, size(each.bytes), note)
    absent = (
        plain(f"Missing: {each.name}, read by {each.where}")
        for each in missing
        if not each.optional
    )
    return Group(table if found else "No secrets yet.", *absent)
