"""The apps' volumes, and whether one is sound."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from holdfast.cli.tables.layout import columns
from holdfast.cli.terminal import plain
from holdfast.domain.node import VolumeCheck, VolumeFacts
from holdfast.presenters.quantities import DASH, size


def volumes_table(found: Sequence[VolumeFacts]) -> RenderableType:
    if not found:
        return "No volumes yet: each app brings one."
    table = columns("App", "Cipher", "State", "On disk>", "Contents")
    for each in found:
        table.add_row(
            each.app,
            each.cipher,
            "Sealed" if each.sealed else "Unsealed",
            size(each.cipher_bytes),
            ", ".join(f"{name} {size(number)}" for name, number in each.contents) or DASH,
        )
    return table


def volume_check_table(check: VolumeCheck) -> RenderableType:
    sign = Text("✓ ", "green") if check.sound else Text("✗ ", "bold red")
    return Group(
        sign.append_text(plain(check.summary)), *(plain(f"  {path}") for path in check.damaged)
    )
