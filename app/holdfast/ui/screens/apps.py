"""The list of apps, and what stands there while there is none to show."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QStackedWidget, QVBoxLayout, QWidget

from holdfast.domain.names import AppName
from holdfast.presenters.apps_page import COLUMNS, app_rows
from holdfast.presenters.notices import (
    ANY_ADDRESS,
    EMPTY,
    LOADING,
    STOPPED,
    Notice,
    no_match,
    notice_above,
    offline,
)
from holdfast.presenters.verbs import WORDS, Verb, verbs_for
from holdfast.ui import icons
from holdfast.ui.rows import KEY
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.notice import NoticeBar, Placeholder
from holdfast.ui.widgets.page import Page, search_box
from holdfast.ui.widgets.text import GAP, label
from holdfast.ui.workbench import Workbench


class _Empty(QWidget):
    """No apps yet: the field of New app, one sentence, and the demo."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self.field = QLineEdit()
        self.field.setProperty("big", True)
        self.field.setPlaceholderText("https://github.com/team/sales-board")
        self.field.setAccessibleName("Repository")
        self.field.setToolTip(ANY_ADDRESS)
        self.field.setFixedWidth(480)
        self.field.returnPressed.connect(self._read)
        column = QVBoxLayout(self)
        column.setSpacing(GAP)
        column.addStretch(2)
        text = label(EMPTY.text, "muted", wrap=True)
        text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        text.setFixedWidth(480)
        text.setFixedHeight(text.heightForWidth(480))
        self.demo = button(EMPTY.action, self._read_demo, "link")
        centre = Qt.AlignmentFlag.AlignHCenter
        for part in (label(EMPTY.title, "head"), text):
            column.addWidget(part, 0, centre)
        column.addSpacing(GAP)
        column.addWidget(self.field, 0, centre)
        column.addWidget(button("Read repository", self._read, "primary"), 0, centre)
        column.addWidget(self.demo, 0, centre)
        self.demo.setVisible(bench.demo_repository is not None)
        column.addStretch(3)

    def _read(self) -> None:
        self._bench.navigator.repository_wanted.emit(self.field.text().strip())

    def _read_demo(self) -> None:
        self._bench.navigator.repository_wanted.emit(self._bench.demo_repository or "")


class AppsScreen(Page):
    def __init__(self, bench: Workbench) -> None:
        super().__init__("Apps")
        self._bench = bench
        self._wants_focus = False
        self._steps: dict[str, str] = {}
        self.search = search_box("Search apps", "Search apps")
        self.new_app = button(
            "New app", lambda: bench.navigator.repository_wanted.emit(""), "primary"
        )
        bench.icons.put(self.new_app, icons.NEW, "on_accent")
        self.header.addWidget(self.search)
        self.header.addWidget(self.new_app)
        self.notice = NoticeBar()
        self.list = ListView(bench.theme, COLUMNS, "Apps")
        self.list.sort_by(0)
        self.empty, self.instead = _Empty(bench), Placeholder()
        self.stack = QStackedWidget()
        for page in (self.list, self.empty, self.instead):
            self.stack.addWidget(page)
        self.body.addWidget(self.notice)
        self.body.addWidget(self.stack, 1)
        self._connect()
        self.refresh()

    def enter(self) -> None:
        self._wants_focus = True
        self._take_focus()

    def _take_focus(self) -> None:
        """The keyboard waits for what is being loaded."""
        shown = self.stack.currentWidget()
        if not self._wants_focus:
            return
        if shown is self.instead:
            self.instead.take_focus()
            return
        self._wants_focus = False
        (self.empty.field if shown is self.empty else self.list).setFocus()

    def reload(self) -> None:
        self._bench.watch.start()
        self.refresh()

    def search_field(self) -> QLineEdit:
        return self.search

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _follow(self) -> None:
        """While another page is on show, nothing is drawn here."""
        if self.isVisible():
            self.refresh()

    def _follow_steps(self) -> None:
        """Output comes many times a second, a new step rarely."""
        if self._steps != self._current_steps():
            self._follow()

    def _current_steps(self) -> dict[str, str]:
        return {
            running.operation.target: running.record.current_step or running.record.look.word
            for running in self._bench.runner.shown
        }

    def refresh(self) -> None:
        watch = self._bench.watch
        if watch.snapshot is not None:
            self._steps = steps = self._current_steps()
            self.list.show_rows(app_rows(watch.snapshot, watch.now(), steps, watch.usage))
        self._choose_page()

    def _connect(self) -> None:
        bench = self._bench
        self.search.textChanged.connect(self._filter)
        self.list.opened.connect(bench.navigator.app_wanted)
        self.list.removal_wanted.connect(bench.navigator.removal_wanted)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.notice.acted.connect(self._help)
        self.instead.acted.connect(self._help)
        bench.watch.changed.connect(self._follow)
        bench.keeper.changed.connect(self._follow)
        bench.runner.started.connect(lambda running: running.changed.connect(self._follow_steps))

    def _filter(self, needle: str) -> None:
        self.list.filtered.look_for(needle)
        self._choose_page()

    def _choose_page(self) -> None:
        watch = self._bench.watch
        apps = watch.snapshot.apps if watch.snapshot else ()
        keeper = self._bench.keeper
        failed = keeper.unseal_problem
        above = notice_above(watch.snapshot, watch.problem, watch.stopped, keeper.mode, failed)
        bad = (watch.problem is not None and not watch.stopped) or failed is not None
        self.notice.show_notice(above if apps else None, bad=bad)
        self.search.setVisible(bool(apps))
        self.new_app.setVisible(bool(apps))
        if watch.problem is not None and not apps:
            self._instead(STOPPED if watch.stopped else offline(watch.problem, seen=False))
        elif watch.snapshot is None:
            self._instead(LOADING)
        elif not apps:
            self.stack.setCurrentWidget(self.empty)
        elif self.list.filtered.rowCount() == 0:
            self._instead(no_match("app", self.search.text()))
        else:
            self.stack.setCurrentWidget(self.list)
        self._take_focus()

    def _instead(self, notice: Notice) -> None:
        self.instead.show_notice(notice)
        self.stack.setCurrentWidget(self.instead)

    def _help(self) -> None:
        """The button of a notice: start the node, try again, clear the search, or unseal."""
        if self._bench.watch.stopped:
            self._bench.actions.start_node()
        elif self._bench.watch.problem is not None:
            self._bench.watch.start()
        elif self.search.text():
            self.search.clear()
        else:
            self._bench.actions.unseal()

    def _show_menu(self, at: QPoint) -> None:
        index: QModelIndex = self.list.indexAt(at)
        app = self._bench.watch.app(str(index.data(KEY))) if index.isValid() else None
        if app is None:
            return
        menu = QMenu(self)
        menu.addAction("Show").triggered.connect(
            lambda: self._bench.navigator.app_wanted.emit(app.name)
        )
        for verb in verbs_for(app):
            menu.addAction(WORDS[verb]).triggered.connect(
                lambda _=False, v=verb: self._do(v, app.name)
            )
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _do(self, verb: Verb, app: AppName) -> None:
        self._bench.actions.perform(verb, app)
