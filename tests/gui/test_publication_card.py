"""Where visitors reach the node, in the settings: seen, changed, refused."""

from __future__ import annotations

from memory_node import ADDRESS
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from window_world import Opener, memory

from holdfast.domain.connection import ConnectionRequest
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, drive
from holdfast.domain.publication import ALL, LOOPBACK
from holdfast.domain.secret import Secret
from holdfast.domain.visitor_access import AccessMode
from holdfast.presenters.verbs import Place
from holdfast.ui.application import Session
from holdfast.ui.screens.settings import SettingsScreen
from holdfast.ui.widgets.publication_card import PublicationCard

APP = AppName("sales-board")


def card(session: Session, qtbot: QtBot) -> PublicationCard:
    session.window.go(Place.SETTINGS)
    (screen,) = session.window.findChildren(SettingsScreen)
    found = screen.publication
    qtbot.waitUntil(found.where.isVisible)
    return found


def choose(shown: PublicationCard, address: str) -> None:
    shown.address.setCurrentIndex(shown.address.findData(address))


def test_at_first_it_is_the_node_alone(open_window: Opener, qtbot: QtBot) -> None:
    shown = card(open_window(), qtbot)
    assert shown.sentence.text().endswith("from the node itself alone, at 127.0.0.1:8443.")
    offered = [shown.address.itemData(at) for at in range(shown.address.count())]
    assert offered == [LOOPBACK, ADDRESS, ALL]
    assert not shown.publish.isVisible()
    assert not shown.steps.isVisible()


def test_it_is_published_after_its_consequence_was_read(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    shown = card(session, qtbot)
    choose(shown, ADDRESS)
    shown.domain.setText("apps.example.org")
    assert "Whoever reaches them can open every app that takes no certificate" in shown.where.said
    assert shown.publish.text() == "Publish the node"
    QTest.mouseClick(shown.publish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "192.0.2.7:443" in shown.sentence.text())
    assert "Let the DNS lead *.apps.example.org to 192.0.2.7." in shown.steps.text()
    assert memory(session).node.snapshot().edge_address == "192.0.2.7:443"
    assert not shown.publish.isVisible()
    choose(shown, LOOPBACK)
    assert shown.publish.text() == "Take it back from the network"


def test_what_is_no_domain_cannot_be_used(open_window: Opener, qtbot: QtBot) -> None:
    shown = card(open_window(), qtbot)
    shown.domain.setText("not a domain")
    assert "is not a host name" in shown.names.said
    assert not shown.publish.isEnabled()
    shown.domain.setText("apps.example.org")
    assert shown.publish.isEnabled()
    assert shown.publish.text() == "Use this domain"


def test_private_code_is_closed_unless_it_is_left_open(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    desk = memory(session)
    address = "https://git.example.lan/team/sales-board"
    request = ConnectionRequest(address=address, token=Secret(b"t0ken"))
    drive(desk.connect_repository(request), CancelToken(), lambda update: None)
    shown = card(session, qtbot)
    assert not shown.private.isVisible()
    choose(shown, ADDRESS)
    assert "sales-board comes from a private repository: its visitors" in shown.private.text()
    assert shown.leave_open.isVisible()
    assert not shown.leave_open.isChecked()
    shown.leave_open.setChecked(True)
    QTest.mouseClick(shown.publish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "192.0.2.7:443" in shown.sentence.text())
    assert desk.visitors.of(APP).mode is AccessMode.PUBLIC
    assert "everybody who reaches the node may visit" in shown.steps.text()
    choose(shown, LOOPBACK)
    assert not shown.leave_open.isVisible()
    QTest.mouseClick(shown.publish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "127.0.0.1:8443" in shown.sentence.text())
    choose(shown, ALL)
    # what was ticked once is asked anew
    assert not shown.leave_open.isChecked()
    QTest.mouseClick(shown.publish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "need a certificate now" in shown.steps.text())
    assert desk.visitors.of(APP).mode is AccessMode.CERTIFICATE
