"""A secret in the clipboard: marked as one, and forgotten."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from holdfast.ui.secret_clipboard import copy_secret, marked


def test_a_copied_secret_is_marked_and_forgotten(qapp: QApplication, qtbot: QtBot) -> None:
    clipboard = QGuiApplication.clipboard()
    copy_secret("hunter2", milliseconds=50)
    assert clipboard.text() == "hunter2"
    assert clipboard.mimeData().data("x-kde-passwordManagerHint").data() == b"secret"
    qtbot.waitUntil(lambda: clipboard.text() == "")


def test_a_collection_of_garbage_does_not_keep_it_there(qapp: QApplication, qtbot: QtBot) -> None:
    copy_secret("hunter2", milliseconds=50)
    gc.collect()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "")


def test_what_was_copied_since_is_left(qapp: QApplication, qtbot: QtBot) -> None:
    clipboard = QGuiApplication.clipboard()
    before = qapp.children()
    copy_secret("hunter2", milliseconds=50)
    [loan] = [each for each in qapp.children() if each not in before]
    clipboard.setText("a recipe")
    with qtbot.waitSignal(loan.destroyed):
        pass
    assert clipboard.text() == "a recipe"


@pytest.mark.parametrize(
    ("platform", "kind"),
    [
        ("linux", "x-kde-passwordManagerHint"),
        ("darwin", "org.nspasteboard.ConcealedType"),
        ("win32", 'application/x-qt-windows-mime;value="CanIncludeInClipboardHistory"'),
    ],
)
def test_each_platform_has_its_mark(qapp: QApplication, platform: str, kind: str) -> None:
    assert kind in marked("x", platform).formats()
