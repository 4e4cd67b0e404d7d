"""A certificate of one's own in the window: imported, refused in words, replaced and dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from catalogue import DAY, Made, Wanted, authority, issue
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot
from window_world import Opener, answered, page, words

from holdfast.presenters import own_certificate as own
from holdfast.presenters.verbs import Place
from holdfast.ui.application import Session
from holdfast.ui.screens.certificates import CertificatesScreen

HOST = "sales-board.localhost"
ROW = f"visitors/{HOST}"
START = datetime.now(UTC) - DAY
ROOT = authority("Company Root", begins=START, ends=START + 3650 * DAY)
ISSUER = authority("Company Issuing CA", ROOT, begins=START, ends=START + 3650 * DAY)
WANTED = Wanted(HOST, (HOST, "*.example.org"), START, START + 91 * DAY)
LEAF = issue(WANTED, ISSUER)
PASSPHRASE = "kettle-drum"


def press(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def settled(session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not session.runner.asking and not session.runner.shown)


def chosen(session: Session, qtbot: QtBot) -> CertificatesScreen:
    session.window.go(Place.CERTIFICATES)
    answered(session, qtbot)
    screen = page(session, CertificatesScreen)
    screen.list.choose(ROW)
    return screen


def written(folder: Path, *chain: Made, key: Made = LEAF, passphrase: str = "") -> list[Path]:
    """The key's file first: in which order they are chosen does not matter."""
    kept = BestAvailableEncryption(passphrase.encode()) if passphrase else None
    (folder / "fullchain.pem").write_bytes(b"".join(each.pem for each in chain))
    (folder / "privkey.pem").write_bytes(key.key_pem(kept))
    return [folder / "privkey.pem", folder / "fullchain.pem"]


def imported(session: Session, qtbot: QtBot, files: list[Path]) -> CertificatesScreen:
    screen = chosen(session, qtbot)
    card = screen.details.source
    press(card.import_own)
    card.own.take_files(files)
    press(card.own.serve)
    settled(session, qtbot)
    return screen


def test_one_is_imported_replaced_and_dropped(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    session = open_window()
    screen = chosen(session, qtbot)
    card = screen.details.source
    assert card.import_own.text() == own.IMPORT
    assert not screen.details.replace.isVisible()
    press(card.import_own)
    assert card.own.isVisible()
    assert not card.own.serve.isEnabled()
    assert not card.get.isVisible()
    card.own.take_files(written(tmp_path, LEAF, ISSUER, ROOT, passphrase=PASSPHRASE))
    assert card.own.chosen.accessibleName() == "privkey.pem and fullchain.pem"
    assert card.own.passphrase.echoMode() is QLineEdit.EchoMode.Password
    press(card.own.serve)
    qtbot.waitUntil(lambda: "The key needs a passphrase." in words(card))
    card.own.passphrase.setText(PASSPHRASE)
    press(card.own.serve)
    qtbot.waitUntil(lambda: f"It was imported, and covers {HOST}, *.example.org." in words(card))
    assert not card.own.isVisible()
    assert card.own.passphrase.text() == ""
    assert "The key needs" not in words(card)
    assert screen.details.chosen is not None
    first = screen.details.chosen.sha256
    # the next one, by the button beside its chain
    press(screen.details.replace)
    assert card.own.isVisible()
    later = issue(replace(WANTED, ends=START + 99 * DAY), ISSUER)
    card.own.take_files(written(tmp_path, later, ISSUER, ROOT, key=later))
    press(card.own.serve)
    settled(session, qtbot)
    assert screen.details.chosen.not_after == START.replace(microsecond=0) + 99 * DAY
    assert screen.details.chosen.sha256 != first
    # it may not be at hand again: a question comes first
    press(card.drop)
    assert own.ASK_DROP.title in words(card)
    card.confirm.acted.emit()
    qtbot.waitUntil(lambda: card.get.isVisible())
    assert not screen.details.replace.isVisible()
    assert card.import_own.text() == own.IMPORT


def bad(**wanted: object) -> tuple[tuple[Made, ...], Made]:
    made = issue(replace(WANTED, **wanted), ISSUER)  # type: ignore[arg-type]
    return (made, ISSUER, ROOT), made


REFUSED = {
    "another key": (
        ((LEAF, ISSUER, ROOT), authority("Stranger")),
        "The key does not belong to the certificate.",
    ),
    "another host": (bad(names=("a.test",)), f"It is for a.test, and not for {HOST}."),
    "expired": (bad(begins=START - 9 * DAY, ends=START), "It expired on"),
    "incomplete": (((LEAF, ROOT), LEAF), "the certificate of “Company Issuing CA” is missing"),
    "weak": (bad(key=rsa.generate_private_key(65537, 1024)), "RSA key of 1024 bits"),
    "no chain at all": (((), LEAF), "The file holds no certificate in PEM."),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_why_one_is_refused_is_told_beside_it(
    open_window: Opener, qtbot: QtBot, tmp_path: Path, kind: str
) -> None:
    (chain, key), told = REFUSED[kind]
    session = open_window()
    screen = imported(session, qtbot, written(tmp_path, *chain, key=key))
    card = screen.details.source
    assert told in words(card)
    # it can be mended where it is
    assert card.own.isVisible()
    assert card.own.serve.isEnabled()
    assert "privkey" in card.own.chosen.accessibleName()
    press(card.own.leave)
    assert told not in words(card)
    assert card.get.isVisible()
    assert not card.own.isVisible()


def test_a_file_that_is_gone_is_told_and_another_row_forgets_all(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    screen = imported(open_window(), qtbot, [tmp_path / "nowhere.p12"])
    card = screen.details.source
    assert "“nowhere.p12” cannot be read." in words(card)
    card.own.passphrase.setText(PASSPHRASE)
    screen.list.choose("visitors/lab-notes.localhost")
    assert card.own.passphrase.text() == ""
    assert not card.own.isVisible()
    assert "cannot be read" not in words(card)


def test_the_passphrase_stands_in_no_words_of_the_window(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    session = open_window()
    screen = chosen(session, qtbot)
    card = screen.details.source
    press(card.import_own)
    card.own.take_files(written(tmp_path, LEAF, ISSUER, passphrase="another"))
    card.own.passphrase.setText(PASSPHRASE)
    press(card.own.serve)
    qtbot.waitUntil(lambda: "The certificate's key does not read." in words(card))
    assert PASSPHRASE not in words(session.window)
    copies = [each for each in card.findChildren(QPushButton) if each.text() == "Copy details"]
    press(copies[0])
    copied = QGuiApplication.clipboard().text()
    assert "does not read" in copied
    assert PASSPHRASE not in copied
