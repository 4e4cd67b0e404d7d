"""What the window says of a removal: the question before it, and the receipt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from holdfast.domain.names import AppName
from holdfast.domain.node import Item, Removal
from holdfast.presenters import quantities, removal

NOW = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)


def test_a_receipt_counts_what_went_and_what_is_left() -> None:
    gone = (Item("container", "a"), Item("container", "b"), Item("network", "n"))
    clean = Removal(AppName("sales"), gone, (), NOW)
    assert removal.receipt_sentence(clean) == (
        f"Removed 2 containers, 1 network. A second search at {quantities.clock(NOW)} found 0 left."
    )
    assert removal.key_sentence(clean) == ""
    dirty = Removal(AppName("sales"), gone, (Item("volume", "v"),), NOW)
    assert removal.receipt_title(dirty) == "sales is partly removed"
    assert removal.receipt_look(dirty).word == "1 left"
    assert removal.receipt_rows(dirty)[0].cells[1].text == "v"
    assert "left: volume v" in removal.receipt_text(dirty)


def test_a_receipt_says_when_the_key_was_destroyed() -> None:
    destroyed = NOW - timedelta(minutes=1)
    shredded = Removal(AppName("sales"), (), (), NOW, destroyed)
    at = quantities.clock(destroyed)
    assert removal.key_sentence(shredded).startswith(f"Key destroyed at {at}:")
    saved = removal.receipt_text(shredded)
    assert f"Volume key destroyed: {quantities.exact(destroyed)}" in saved
    assert f"Searched again: {quantities.exact(NOW)}" in saved


def test_a_second_removal_found_nothing() -> None:
    nothing = Removal(AppName("sales"), (), (), NOW)
    assert removal.receipt_sentence(nothing).startswith("There was nothing to remove.")


def test_only_the_whole_name_confirms() -> None:
    assert removal.confirmation("sales").is_given(" sales ")
    assert not removal.confirmation("sales").is_given("sale")
