"""What a removal removed and left, as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from holdfast.cli.forms.form import Form
from holdfast.domain.node import Item, Removal


def removal_form(removal: Removal | None) -> Form:
    removed, left = (removal.removed, removal.left) if removal else ((), ())
    by_hand = list(removal.by_hand) if removal else []
    return {"removed": _items_form(removed), "left": _items_form(left), "by_hand": by_hand}


def _items_form(items: Iterable[Item]) -> list[Form]:
    return [{"kind": item.kind, "id": item.id} for item in items]
