"""A secret in the clipboard: marked as one, and forgotten."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
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


def test_what_was_copied_since_is_left(qapp: QApplication, qtbot: QtBot) -> None:
    clipboard = QGuiApplication.clipboard()
    copy_secret("hunter2", milliseconds=50)
    [loan] = [each for each in clipboard.children() if type(each) is not QObject][-1:]
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
