"""The window's garbage collection: what is loaded late is looked through once, and no more."""

from __future__ import annotations

import gc

from PySide6.QtWidgets import QApplication

from holdfast.ui.bridge import GarbageCollection


def test_what_is_loaded_after_the_start_is_looked_through_once(qapp: QApplication) -> None:
    garbage = GarbageCollection(qapp)
    try:
        started = gc.get_freeze_count()
        loaded: list[list[int]] = [[] for _ in range(10_000)]
        garbage.collect()
        assert gc.get_freeze_count() - started > len(loaded) // 2
        frozen = gc.get_freeze_count()
        opened: list[list[int]] = [[] for _ in range(10_000)]
        garbage.collect()
        assert gc.get_freeze_count() - frozen < len(opened) // 2
    finally:
        garbage.stop()
