"""The window: sidebar, one page at a time, the activity strip, and the keys that lead about."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QHideEvent,
    QKeySequence,
    QPaintEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from holdfast.domain.names import AppName
from holdfast.domain.recovery_kit import KitAdmin
from holdfast.presenters.verbs import Command, Place
from holdfast.ui import icons
from holdfast.ui.activity import ActivityStrip
from holdfast.ui.palette import Palette
from holdfast.ui.places import make_app_page, make_place, make_removal_page, make_revocation_page
from holdfast.ui.sidebar import NAV, Sidebar
from holdfast.ui.widgets.page import Page
from holdfast.ui.workbench import Workbench


class Window(QMainWindow):
    """closed: the user closed it. painted: it is seen for the first time."""

    closed = Signal()
    painted = Signal()

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self.setWindowTitle("Holdfast")
        self.setWindowIcon(bench.icons.icon(icons.HOLDFAST))
        self.setMinimumSize(800, 560)
        self.resize(1280, 800)
        self.sidebar = Sidebar(bench)
        self.activity = ActivityStrip(bench)
        self.pages = QStackedWidget()
        self._kept: dict[Place, Page] = {}
        self._came_from: Place = Place.APPS
        self._painted = False
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.pages, 1)
        right.addWidget(self.activity)
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sidebar)
        row.addLayout(right, 1)
        self.setCentralWidget(whole)
        self._dress()
        self._connect()
        self.go(Place.APPS)

    @property
    def page(self) -> Page:
        shown = self.pages.currentWidget()
        assert isinstance(shown, Page)
        return shown

    def go(self, place: Place) -> None:
        """Places are made when they are first gone to, and kept."""
        fresh = place not in self._kept
        if fresh:
            self._kept[place] = make_place(place, self._bench)
            self.pages.addWidget(self._kept[place])
        if place is not Place.NEW_APP:
            self._came_from = place
        self._show(self._kept[place], place)
        if not fresh and place not in (Place.APPS, Place.NEW_APP):
            self._kept[place].reload()

    def go_to_app(self, name: str) -> None:
        if self.page.objectName() != f"app {name}":
            self._show_once(make_app_page(self._bench, AppName(name)))

    def go_to_removal(self, name: str) -> None:
        if self._bench.watch.app(name) is not None:
            self._show_once(make_removal_page(self._bench, AppName(name)))

    def go_to_revocation(self, admin: KitAdmin) -> None:
        self._show_once(make_revocation_page(self._bench, admin), Place.KIT)

    def go_to_new_app(self, repository: str = "") -> None:
        self.go(Place.NEW_APP)
        self._kept[Place.NEW_APP].begin(repository)

    def go_back(self) -> None:
        self.go(self._came_from)

    def raise_to_front(self) -> None:
        if self.isMinimized():
            self.showNormal()
        self.raise_()
        self.activateWindow()

    def open_palette(self) -> None:
        palette = Palette(self._bench.watch, self._bench.theme, self)
        palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        palette.picked.connect(self._obey)
        palette.show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._note_attention()
        self.page.enter()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._note_attention()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange:
            self._note_attention()

    def _note_attention(self) -> None:
        looked_at = self._bench.watch.looked_at
        if self.isVisible() and not self.isMinimized():
            looked_at.set()
        else:
            looked_at.clear()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            # its parts are painted next, and only then shown
            QTimer.singleShot(0, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.page.leave()
        self._bench.preferences.geometry = self.saveGeometry()
        super().closeEvent(event)
        self.closed.emit()

    def _show(self, page: Page, place: Place) -> None:
        before = self.pages.currentWidget()
        if isinstance(before, Page) and before is not page:
            before.leave()
        self.pages.setCurrentWidget(page)
        page.enter()
        if isinstance(before, Page) and before not in self._kept.values():
            self.pages.removeWidget(before)
            before.deleteLater()
        self.sidebar.show_place(Place.APPS if place is Place.NEW_APP else place)

    def _show_once(self, page: Page, of: Place | None = None) -> None:
        """A page that is not kept: an app's, or of another place."""
        self.pages.addWidget(page)
        if of is not None or self._came_from in (Place.SETTINGS, Place.KIT):
            self._came_from = of or Place.APPS
        self._show(page, self._came_from)

    def _obey(self, command: Command) -> None:
        if command.place is Place.NEW_APP:
            self.go_to_new_app()
        elif command.place is not None:
            self.go(command.place)
        elif command.verb is not None:
            self._bench.actions.perform(command.verb, command.app)
        elif command.app is not None:
            self.go_to_app(command.app)

    def _find(self) -> None:
        field = self.page.search_field()
        if field is not None and field.isVisible():
            field.setFocus(Qt.FocusReason.ShortcutFocusReason)
            field.selectAll()

    def _escape(self) -> None:
        field = self.page.search_field()
        if field is not None and field.text():
            field.clear()
        elif self.page not in self._kept.values() or self.page is self._kept.get(Place.NEW_APP):
            self.go_back()

    def _dress(self) -> None:
        """A page is styled once, when it comes here. Under a sheet of the application's, Qt would
        style its parts anew with every layout that they are put into."""
        self.setStyleSheet(self._bench.theme.sheet)

    def _connect(self) -> None:
        self._bench.theme.changed.connect(self._dress)
        navigator = self._bench.navigator
        self.sidebar.chosen.connect(self.go)
        navigator.place_wanted.connect(self.go)
        navigator.app_wanted.connect(self.go_to_app)
        navigator.removal_wanted.connect(self.go_to_removal)
        navigator.revocation_wanted.connect(self.go_to_revocation)
        navigator.repository_wanted.connect(self.go_to_new_app)
        navigator.back_wanted.connect(self.go_back)
        for keys, do in (
            ("Ctrl+K", self.open_palette),
            ("Ctrl+N", self.go_to_new_app),
            ("Ctrl+F", self._find),
            ("F5", lambda: self.page.reload()),
            ("Escape", self._escape),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(do)
        for place, _, keys in NAV:
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(lambda to=place: self.go(to))
