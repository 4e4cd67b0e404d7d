"""Every screen can be used by keyboard, is named for screen readers, and fits small windows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from window_world import TABS, Opener, answered

from holdfast.presenters.verbs import Place
from holdfast.ui.application import Session
from holdfast.ui.screens.app import AppScreen
from holdfast.ui.screens.apps import AppsScreen
from holdfast.ui.screens.certificates import CertificatesScreen
from holdfast.ui.screens.new_app import NewAppScreen
from holdfast.ui.screens.settings import SettingsScreen
from holdfast.ui.screens.volumes import VolumesScreen
from holdfast.ui.theme import Mode
from holdfast.ui.widgets.page import Page

LONG = "annual-report-of-the-northern-region"


def new_app(session: Session) -> None:
    session.window.go_to_new_app("git@git.example.lan:team/harbour-traffic.git")


def tab(at: int) -> Callable[[Session], None]:
    def go(session: Session) -> None:
        session.window.go_to_app(LONG)
        assert isinstance(session.window.page, AppScreen)
        session.window.page.show_tab(at)

    return go


SCREENS: dict[str, Callable[[Session], None]] = {
    "apps": lambda session: session.window.go(Place.APPS),
    "new app": new_app,
    **{kind.__name__: tab(at) for at, kind in enumerate(TABS)},
    "remove": lambda session: session.window.go_to_removal(LONG),
    "repositories": lambda session: session.window.go(Place.REPOSITORIES),
    "certificates": lambda session: session.window.go(Place.CERTIFICATES),
    "volumes": lambda session: session.window.go(Place.VOLUMES),
    "settings": lambda session: session.window.go(Place.SETTINGS),
    "recovery kit": lambda session: session.window.go(Place.KIT),
}
EVERY_SCREEN = pytest.mark.parametrize("go", SCREENS.values(), ids=SCREENS)


def controls(window: QWidget) -> list[QWidget]:
    inner = (QAbstractScrollArea, QLineEdit)
    return [
        each
        for each in window.findChildren(QWidget)
        if each.isVisible()
        and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (isinstance(each.parentWidget(), inner) and not each.accessibleName())
    ]


@EVERY_SCREEN
def test_every_control_is_named_and_none_is_cut_off_in_a_small_window(
    go: Callable[[Session], None], open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window(size=(1024, 640))
    go(session)
    answered(session, qtbot)
    window = session.window
    found = controls(window)
    assert len(found) > 3
    assert [each for each in found if not each.accessibleName()] == []
    assert (window.width(), window.height()) == (1024, 640)
    # a style that was set just now reaches each control with its next event
    qtbot.waitUntil(lambda: cut_off(window) == [])


def cut_off(window: QWidget) -> list[str]:
    """The controls that reach beyond the window, or are smaller than their content."""
    return [
        each.accessibleName()
        for each in controls(window)
        if each.mapTo(window, QPoint(each.width(), 0)).x() > window.width()
        or each.width() < min(each.minimumSizeHint().width(), 40)
    ]


def test_keys_lead_about(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    window = session.window
    window.activateWindow()
    for key, kind in (
        (Qt.Key.Key_3, CertificatesScreen),
        (Qt.Key.Key_4, VolumesScreen),
        (Qt.Key.Key_N, NewAppScreen),
        (Qt.Key.Key_1, AppsScreen),
    ):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert isinstance(window.page, kind)
    apps = window.page
    assert isinstance(apps, AppsScreen)
    home: Page = apps
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.focusWidget() is apps.search
    apps.list.choose("fleet-map")
    qtbot.keyClick(apps.list, Qt.Key.Key_Return)
    assert isinstance(window.page, AppScreen)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.page is home
    qtbot.keyClick(apps.list, Qt.Key.Key_Delete)
    assert window.page.title.accessibleName() == "Remove fleet-map"


def test_the_theme_is_switched_and_shown_as_chosen(open_window: Opener) -> None:
    session = open_window()
    session.window.go(Place.SETTINGS)
    screen = session.window.page
    assert isinstance(screen, SettingsScreen)
    screen.modes.button(2).click()
    assert session.theme.is_dark
    session.theme.choose(Mode.LIGHT)
    assert not session.theme.is_dark
    assert [button.isChecked() for button in screen.modes.buttons()] == [False, True, False]
