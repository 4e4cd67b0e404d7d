"""What a removal removed, and what it left."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from holdfast.cli.tables.layout import columns
from holdfast.cli.terminal import plain
from holdfast.domain.node import Removal


def removal_table(receipt: Removal | None) -> RenderableType:
    if receipt is None or not (receipt.removed or receipt.left):
        return "There was nothing to remove."
    table = columns("", "Kind", "Id")
    for item in receipt.removed:
        table.add_row(Text("removed", "green"), item.kind, plain(item.id))
    for item in receipt.left:
        table.add_row(Text("left", "bold red"), item.kind, plain(item.id))
    for each in receipt.by_hand:
        table.add_row(Text("by hand", "yellow"), "deploy key", plain(each))
    return table
