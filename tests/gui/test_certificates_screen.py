"""The certificates in the window: one row each, the details of one, and what is done about them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from window_world import Opener, memory, open_tab, page, words

from holdfast.domain.certificate import Certificates
from holdfast.presenters.certificates_page import certificate_rows
from holdfast.presenters.verbs import Place
from holdfast.ui.application import Session
from holdfast.ui.screens.certificates import CertificatesScreen
from holdfast.ui.tabs.certificate import CertificateTab
from holdfast.ui.widgets.notice import NoticeBar

OLD, UNSERVED = "visitors/sales-board.localhost", "visitors/lab-notes.localhost"
ACCOUNT, LETS_ENCRYPT_HOST = "acme-account/sales-board", "acme-v02.api.letsencrypt.org"


def settled(session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not session.runner.asking and not session.runner.shown)


def screen_of(session: Session, qtbot: QtBot) -> CertificatesScreen:
    session.window.go(Place.CERTIFICATES)
    settled(session, qtbot)
    return page(session, CertificatesScreen)


def cells(screen: CertificatesScreen) -> dict[str, tuple[str, ...]]:
    return {row.key: tuple(cell.text for cell in row.cells) for row in screen.list.rows.rows}


def test_each_has_a_row_and_the_worst_comes_first(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("old-certificates")
    screen = screen_of(session, qtbot)
    found = cells(screen)
    assert found[OLD][:3] == ("sales-board.localhost", "Ends soon", "8 d")
    assert (found[UNSERVED][1], found[UNSERVED][-1]) == ("Not served", "No")
    assert {row[1] for key, row in found.items() if key not in (OLD, UNSERVED)} == {
        "Valid",
        "Not needed",
    }
    first = screen.list.filtered.index(0, 0).data()
    assert first == "sales-board.localhost"
    told = words(screen)
    assert "Of 13 certificates, 1 in trouble and 1 near the end." in told
    assert "The node can go without a desktop for 8 d" in told
    mark = session.window.sidebar.place_button(Place.CERTIFICATES)
    assert any(each.toolTip() == "2 certificates need you" for each in mark.findChildren(QWidget))


def test_the_chosen_one_is_shown_with_its_chain_to_copy(open_window: Opener, qtbot: QtBot) -> None:
    screen = screen_of(open_window("old-certificates"), qtbot)
    assert not screen.details.isVisible()
    screen.list.choose(UNSERVED)
    told = words(screen.details)
    assert "It is not served: ConnectionRefusedError" in told
    assert "ECDSA P-256" in told
    assert "no authority (critical)" in told
    certificate = screen.details.chosen
    assert certificate is not None
    assert certificate.sha256.replace(":", " ") in told
    qtbot.mouseClick(screen.details.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == certificate.pem
    root = screen.details.chain.topLevelItem(0)
    assert root is not None
    screen.details.chain.setCurrentItem(root)
    assert "an authority, 1 below it (critical)" in words(screen.details)
    screen.list.choose(OLD)
    assert "Its renewal is overdue" in words(screen.details)


def test_all_are_renewed_from_here(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("old-certificates")
    screen = screen_of(session, qtbot)
    qtbot.mouseClick(screen.renew, Qt.MouseButton.LeftButton)
    settled(session, qtbot)
    assert {row[1] for row in cells(screen).values()} == {"Valid", "Not needed"}
    assert "none near the end" in words(screen)


def test_a_renewal_that_fails_says_why(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("stuck-renewal")
    screen = screen_of(session, qtbot)
    qtbot.mouseClick(screen.renew, Qt.MouseButton.LeftButton)
    settled(session, qtbot)
    screen.list.choose(OLD)
    told = words(screen.details)
    assert "The last renewal failed: GNOME Keyring is locked." in told
    assert "2 certificates could not be renewed." in words(screen)


def test_one_that_its_ca_has_revoked_says_so(open_window: Opener, qtbot: QtBot) -> None:
    screen = screen_of(open_window("revoked-certificate"), qtbot)
    assert cells(screen)[OLD][1] == "Revoked"
    screen.list.choose(OLD)
    told = words(screen.details)
    assert "(key compromise). Browsers may refuse it, as Firefox does. Import another one." in told
    [notice] = [bar for bar in screen.details.findChildren(NoticeBar) if "Revoked" in words(bar)]
    assert notice.property("surface") == "problem"
    screen.list.choose(UNSERVED)
    assert "Not offered: it names nobody to ask." in words(screen.details)


def test_the_ca_is_trusted_and_what_is_left_is_told(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    screen = screen_of(session, qtbot)
    qtbot.mouseClick(screen.trust, Qt.MouseButton.LeftButton)
    settled(session, qtbot)
    told = words(screen)
    assert "Trusted now by: Chromium, Chrome." in told
    assert "Firefox: Settings" in told


def test_the_ca_is_saved(open_window: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    screen = screen_of(open_window(), qtbot)
    authority = next(
        row.chain[-1]
        for row in screen._bench.certificates.found.rows  # type: ignore[union-attr]
        if row.host
    )
    screen.save_authority(authority, tmp_path / "ca.pem")
    assert (tmp_path / "ca.pem").read_text() == authority.pem


@pytest.mark.parametrize(
    ("fault", "title"), [("offline", "The node does not answer."), ("stopped", "The node")]
)
def test_a_node_that_does_not_answer_is_told(
    open_window: Opener, qtbot: QtBot, fault: str, title: str
) -> None:
    session = open_window(fault)
    screen = screen_of(session, qtbot)
    assert title in words(screen.instead)
    assert not screen.renew.isVisible()
    memory(session).node.repair(fault)
    screen.instead.acted.emit()
    qtbot.waitUntil(lambda: bool(cells(screen)))


def test_many_are_searched(open_window: Opener, qtbot: QtBot) -> None:
    screen = screen_of(open_window("crowded"), qtbot)
    assert len(cells(screen)) > 200
    qtbot.keyClicks(screen.search, "fleet-map")
    assert screen.list.filtered.rowCount() == 2
    qtbot.keyClicks(screen.search, " nowhere")
    assert "No certificate matches" in words(screen.instead)


def test_one_comes_from_an_acme_server_once_its_terms_are_agreed_to(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    screen = screen_of(session, qtbot)
    screen.list.choose(OLD)
    card = screen.details.source
    assert card.isVisible()
    assert not card.get.isEnabled()
    card.agree.click()
    assert card.get.isEnabled()
    card.directory.setText("http://acme.example.org/dir")
    assert "has to begin with https://" in card.server.said
    assert not card.get.isEnabled()
    card.directory.setText("https://acme.example.org/dir")
    qtbot.mouseClick(card.get, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.renew.isVisible())
    assert "by the node itself" in words(screen.details)
    assert not card.get.isVisible()
    issuer = cells(screen)[OLD][3]
    qtbot.mouseClick(card.drop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.get.isVisible())
    assert cells(screen)[OLD][3] != issuer
    assert not card.renew.isVisible()


def test_an_account_has_a_row_and_says_why_it_is_lost(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("lost-account")
    screen = screen_of(session, qtbot)
    screen.list.choose(OLD)
    card = screen.details.source
    card.agree.click()
    qtbot.mouseClick(card.get, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ACCOUNT in cells(screen))
    assert cells(screen)[ACCOUNT][:4] == ("sales-board", "Lost", "–", LETS_ENCRYPT_HOST)
    screen.list.choose(ACCOUNT)
    told = words(screen.details)
    assert "nothing is renewed with it. It says: no such account. Drop the certificate" in told
    assert "holdfast certificate drop sales-board" in told
    assert "RSA 2048 bits" in told
    assert not screen.details.chain.isVisible()
    assert not card.isVisible()
    assert "1 ACME account in trouble" in words(screen)
    mark = session.window.sidebar.place_button(Place.CERTIFICATES)
    assert any(each.toolTip() == "1 ACME account needs you" for each in mark.findChildren(QWidget))
    tab = open_tab(session, qtbot, CertificateTab)
    assert tab.which.itemText(tab.which.count() - 1) == f"{LETS_ENCRYPT_HOST} · ACME account"
    # back to one that has a certificate
    session.window.go(Place.CERTIFICATES)
    screen = page(session, CertificatesScreen)
    screen.list.choose(OLD)
    assert screen.details.chain.isVisible()


def test_the_engine_has_a_row_that_says_why_there_is_no_certificate(
    open_window: Opener, qtbot: QtBot
) -> None:
    screen = screen_of(open_window(), qtbot)
    screen.list.choose("engine")
    told = words(screen.details)
    assert "Unix socket of this machine" in told
    assert not screen.details.copy.isVisible()


def test_where_there_is_no_certificate_nothing_is_offered() -> None:
    assert certificate_rows(Certificates(datetime.now(UTC), ())) == ()


def test_the_ca_of_a_private_server_is_handed_over(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    session = open_window()
    screen = screen_of(session, qtbot)
    screen.list.choose(OLD)
    card = screen.details.source
    (tmp_path / "note.txt").write_text("no certificate")
    card.take_authority(tmp_path / "note.txt")
    assert "holds no certificate in PEM" in card.server.said
    file = tmp_path / "company.pem"
    file.write_text("-----BEGIN CERTIFICATE-----\n")
    card.take_authority(file)
    assert card.authority.text() == "company.pem"
    card.agree.click()
    qtbot.mouseClick(card.get, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.renew.isVisible())
    assert memory(session).acme_server("sales-board").roots == file.read_bytes()


def test_why_an_acme_server_gave_none_is_told_on_its_card(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("silent-acme")
    screen = screen_of(session, qtbot)
    screen.list.choose(OLD)
    card = screen.details.source
    card.agree.click()
    qtbot.mouseClick(card.get, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "The ACME server does not answer." in words(card))
    assert card.get.isVisible()
    screen.list.choose("visitors-root/")
    assert not card.isVisible()
