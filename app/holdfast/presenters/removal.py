"""Removing an app: what will go, the name that must be typed, and the receipt afterwards."""

from __future__ import annotations

from collections import Counter

from holdfast.domain.node import AppSummary, Removal, VolumeFacts
from holdfast.presenters.confirmation import Confirmation
from holdfast.presenters.quantities import clock, count, exact, size
from holdfast.presenters.rows import Cell, Column, Row
from holdfast.presenters.states import Look, Shape, Tone

RECEIPT_COLUMNS = (Column("Kind", 140, 1), Column("What was removed", 300, 4))
CLEAN = Look("Nothing is left", Shape.DISC, Tone.GOOD)


def what_will_go(app: AppSummary, volume: VolumeFacts | None) -> tuple[tuple[str, str], ...]:
    """(what, detail) of each thing; sizes where they are known."""
    lines = [("Its containers, its network and its images", "The app stops serving at once.")]
    if volume is None:
        lines.append(("Its encrypted volume", "With the code, the data and the logs in it."))
    else:
        inside = ", ".join(f"{name} {size(amount)}" for name, amount in volume.contents)
        lines.append(
            (f"Its encrypted volume, {size(volume.cipher_bytes)}", inside or "Sealed: not read.")
        )
    lines.append(("Its keys and secrets", "The volume's key is destroyed: no copy opens again."))
    if app.host_name:
        lines.append((f"Its address {app.host_name}", "The route and its certificate go too."))
    return tuple(lines)


def confirmation(app: str) -> Confirmation:
    return Confirmation(
        "Remove",
        app,
        "What will be removed",
        "This cannot be undone: without its key, no copy of the volume opens again.",
    )


def receipt_title(receipt: Removal) -> str:
    return f"{receipt.app} is removed" if not receipt.left else f"{receipt.app} is partly removed"


def receipt_look(receipt: Removal) -> Look:
    if receipt.left:
        return Look(f"{len(receipt.left)} left", Shape.TRIANGLE, Tone.BAD)
    return CLEAN


def receipt_sentence(receipt: Removal) -> str:
    kinds = Counter(item.kind for item in receipt.removed)
    listed = ", ".join(count(number, kind) for kind, number in sorted(kinds.items()))
    what = f"Removed {listed}." if listed else "There was nothing to remove."
    if receipt.left:
        return (
            f"{what} A second search still found {count(len(receipt.left), 'thing')}. "
            "Remove it again; what remains is listed first."
        )
    found = f"{what} A second search at {clock(receipt.finished)} found 0 left."
    return " ".join((found, *receipt.by_hand))


def key_sentence(receipt: Removal) -> str:
    """When the volume's key was destroyed, or ""."""
    if receipt.key_destroyed is None:
        return ""
    return f"Key destroyed at {clock(receipt.key_destroyed)}: no copy of the volume opens again."


def receipt_rows(receipt: Removal) -> tuple[Row, ...]:
    """What is left comes first: it asks for action."""
    items = [("left: ", item) for item in receipt.left] + [("", item) for item in receipt.removed]
    return tuple(
        Row(
            f"{at}",
            (Cell(f"{prefix}{item.kind}".capitalize(), order=item.kind), Cell(item.id, order=at)),
        )
        for at, (prefix, item) in enumerate(items)
    )


def receipt_text(receipt: Removal) -> str:
    """The receipt as it is saved."""
    said = (receipt_title(receipt), key_sentence(receipt), receipt_sentence(receipt))
    lines = [line for line in said if line]
    if receipt.key_destroyed is not None:
        lines.append(f"Volume key destroyed: {exact(receipt.key_destroyed)}")
    lines += [f"Searched again: {exact(receipt.finished)}", ""]
    lines += [f"left: {item.kind} {item.id}" for item in receipt.left]
    lines += [f"removed: {item.kind} {item.id}" for item in receipt.removed]
    return "\n".join(lines) + "\n"
