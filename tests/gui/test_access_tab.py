"""The Access tab: the choice, a certificate that is issued and saved, and one that is revoked."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from window_world import Opener, memory, open_tab

from holdfast.domain.names import AppName
from holdfast.domain.visitor_access import AccessMode
from holdfast.ui.tabs.access import AccessTab

APP = AppName("sales-board")


def press(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]


def issue(tab: AccessTab, name: str, file: Path) -> None:
    tab.visitor.setText(name)
    tab.issue_to(file)


def test_it_is_closed_by_a_choice_that_says_what_it_means(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, AccessTab)
    qtbot.waitUntil(lambda: tab.who.said.startswith("Everybody who reaches"))
    assert not tab.apply.isVisible()
    tab.choice.setCurrentIndex(tab.choice.findData(AccessMode.CERTIFICATE))
    assert tab.who.said.startswith("Who has no certificate reads a page that says so.")
    press(tab.apply)
    qtbot.waitUntil(lambda: "nobody gets in" in tab.who.said)
    assert memory(session).visitors.of(APP).mode is AccessMode.CERTIFICATE
    assert not tab.apply.isVisible()


def test_a_certificate_is_saved_and_its_passphrase_shown_once(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    tab = open_tab(open_window(), qtbot, AccessTab)
    qtbot.waitUntil(lambda: tab.none.isVisible())
    assert not tab.issue.isEnabled()
    tab.visitor.setText("\x07")
    assert "printable" in tab.whom.said
    file = tmp_path / "ada.p12"
    file.write_text("another one, that everybody can read")
    issue(tab, "Ada on laptop", file)
    qtbot.waitUntil(lambda: tab.issued.isVisible())
    assert file.stat().st_mode & 0o777 == 0o600
    shown = tab.issued.passphrase.text()
    assert load_pkcs12(file.read_bytes(), shown.encode()).key is not None
    qtbot.waitUntil(lambda: tab.list.isVisible())
    assert tab.list.rows.rows[0].cells[0].text == "Ada on laptop"
    tab.leave()
    assert not tab.issued.isVisible()
    assert tab.issued.passphrase.text() == ""


def test_what_cannot_be_saved_is_told(open_window: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    tab = open_tab(open_window(), qtbot, AccessTab)
    issue(tab, "Ada", tmp_path / "missing" / "ada.p12")
    qtbot.waitUntil(lambda: tab.whom.said.startswith("The file could not be written."))
    assert not tab.issued.isVisible()


def test_the_chosen_one_is_revoked(open_window: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    tab = open_tab(open_window(), qtbot, AccessTab)
    issue(tab, "Ada", tmp_path / "ada.p12")
    qtbot.waitUntil(lambda: tab.list.isVisible())
    assert not tab.revoke.isEnabled()
    tab.list.choose(tab.list.rows.rows[0].key)
    assert tab.revoke.isEnabled()
    press(tab.revoke)
    qtbot.waitUntil(lambda: tab.list.rows.rows[0].cells[3].text == "Revoked")
    assert not tab.revoke.isEnabled()
