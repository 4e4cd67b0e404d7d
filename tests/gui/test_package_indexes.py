"""Logins at private package indexes in the Secrets tab: added and removed in the text, then saved
as every change is."""

from __future__ import annotations

import sample
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from window_world import Opener, memory, open_tab, words

from holdfast.domain.build_secrets import index_logins
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_document import tree_of
from holdfast.presenters import package_indexes
from holdfast.ui.application import Session
from holdfast.ui.tabs.secrets import SecretsTab

APP = "sales-board"
MARK = "t0ken-of-the-index"


def kept(session: Session) -> Secret:
    return memory(session).kept_secrets.document(APP)


def type_login(tab: SecretsTab, qtbot: QtBot, host: str) -> None:
    for field, text in ((tab.indexes.host, host), (tab.indexes.password, MARK)):
        field.clear()
        qtbot.keyClicks(field, text)
    qtbot.mouseClick(tab.indexes.add, Qt.MouseButton.LeftButton)


def test_a_login_is_added_reviewed_saved_and_removed(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("flask")
    tab = open_tab(session, qtbot, SecretsTab)
    qtbot.mouseClick(tab.show_indexes, Qt.MouseButton.LeftButton)
    assert package_indexes.NONE in words(tab)
    assert not tab.indexes.add.isEnabled()
    type_login(tab, qtbot, "Packages.Example.LAN")
    assert list(tab.indexes.rows.buttons) == ["packages.example.lan"]
    assert (tab.indexes.host.text(), tab.indexes.password.text()) == ("", "")
    assert kept(session).reveal().decode() == sample.SECRETS
    assert MARK not in words(tab.window())

    qtbot.mouseClick(tab.save, Qt.MouseButton.LeftButton)
    rows = [row.key for row in tab.review.list.rows.rows]
    assert rows == [
        'holdfast.build."packages.example.lan".username',
        'holdfast.build."packages.example.lan".password',
    ]
    # an app that knows its environment alone is not started again for what it is not given
    assert "next deploy" in words(tab.review)
    assert tab.review.save.text() == "Save"
    qtbot.mouseClick(tab.review.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: MARK.encode() in kept(session).reveal())
    [login] = index_logins(tree_of(kept(session)))
    assert (login.host, login.username) == ("packages.example.lan", "__token__")

    qtbot.waitUntil(tab.undo.isEnabled)
    qtbot.mouseClick(tab.indexes.rows.buttons["packages.example.lan"], Qt.MouseButton.LeftButton)
    assert package_indexes.NONE in words(tab)
    qtbot.mouseClick(tab.save, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(tab.review.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: MARK.encode() not in kept(session).reveal())
    assert tree_of(kept(session)) == tree_of(Secret(sample.SECRETS.encode()))


def test_what_is_no_host_is_refused_and_a_known_one_takes_another_login(
    open_window: Opener, qtbot: QtBot
) -> None:
    tab = open_tab(open_window(), qtbot, SecretsTab)
    qtbot.mouseClick(tab.show_indexes, Qt.MouseButton.LeftButton)
    before = tab.editor.text()
    type_login(tab, qtbot, "https://packages.example.lan/simple")
    assert "without https://" in words(tab.indexes)
    assert MARK not in words(tab)
    assert tab.editor.text() == before
    type_login(tab, qtbot, "packages.example.lan")
    type_login(tab, qtbot, "other.example.lan")
    qtbot.keyClicks(tab.indexes.host, "packages.example.lan")
    assert package_indexes.REPLACES in words(tab.indexes)
    tab.indexes.user.setText("reader")
    qtbot.keyClicks(tab.indexes.password, MARK[::-1])
    qtbot.keyClick(tab.indexes.password, Qt.Key.Key_Return)
    document = Secret(tab.editor.text().encode())
    logins = {each.host: (each.username, each.password) for each in index_logins(tree_of(document))}
    assert logins == {
        "packages.example.lan": ("reader", MARK[::-1]),
        "other.example.lan": ("__token__", MARK),
    }


def test_with_a_mistake_in_the_text_nothing_is_added(open_window: Opener, qtbot: QtBot) -> None:
    tab = open_tab(open_window(), qtbot, SecretsTab)
    tab.editor.load('A = "half')
    qtbot.mouseClick(tab.show_indexes, Qt.MouseButton.LeftButton)
    assert package_indexes.MEND in words(tab.indexes)
    assert not tab.indexes.host.isEnabled()
    # the two pages take each other's place
    qtbot.mouseClick(tab.as_text, Qt.MouseButton.LeftButton)
    assert tab.editor.isVisible()
    assert not tab.show_indexes.isChecked()
    assert [each for each in tab.findChildren(QLabel) if each.text() == package_indexes.NEW]
