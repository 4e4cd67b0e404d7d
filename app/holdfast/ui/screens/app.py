"""One app's page: its header with what can be done, and its tabs."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from importlib import import_module

from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTabBar,
)

from holdfast.domain.names import AppName
from holdfast.presenters.app_page import subtitle
from holdfast.presenters.certificate import (
    LASTS,
    certificate_look,
    ends_exactly,
    time_left,
    time_left_aloud,
)
from holdfast.presenters.notices import Notice
from holdfast.presenters.states import APP_LOOKS, UNKNOWN
from holdfast.presenters.verbs import WORDS, Verb, verbs_for
from holdfast.ui import icons
from holdfast.ui.app_reader import AppReader
from holdfast.ui.runner import RunningOperation
from holdfast.ui.tabs.branch import PushNotice
from holdfast.ui.tabs.overview import OverviewTab
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.notice import Placeholder
from holdfast.ui.widgets.page import Page
from holdfast.ui.widgets.tab import Tab
from holdfast.ui.widgets.text import GAP, ElidedLabel, SpareLabel, StateLabel
from holdfast.ui.workbench import Workbench

_IN_HEADER = (Verb.OPEN, Verb.UNSEAL, Verb.START, Verb.STOP, Verb.REDEPLOY)
LOGS, RELEASES, SECRETS = 1, 2, 3
#: Title, module and class.
_TABS = (
    ("Overview", "overview", "OverviewTab"),
    ("Logs", "logs", "LogsTab"),
    ("Releases", "releases", "ReleasesTab"),
    ("Secrets", "secrets", "SecretsTab"),
    ("Access", "access", "AccessTab"),
    ("Volume", "volume", "VolumeTab"),
    ("Certificate", "certificate", "CertificateTab"),
    ("Figures", "figures", "FiguresTab"),
    ("Telemetry", "telemetry", "TelemetryTab"),
    ("Proof", "proof", "ProofTab"),
    ("Settings", "app_settings", "SettingsTab"),
)


class AppScreen(Page):
    def __init__(self, bench: Workbench, name: AppName) -> None:
        super().__init__(name)
        self.name = name
        self.setObjectName(f"app {name}")
        self._bench = bench
        self._reader = AppReader(bench, name, self)
        self._state = StateLabel(bench.theme, UNKNOWN)
        self._doing = ElidedLabel(role="muted")
        self.lock = StateLabel(bench.theme, LASTS, "")
        self.address = SpareLabel("muted")
        self.verbs: dict[Verb, QPushButton] = {}
        self._allowed: tuple[Verb, ...] | None = None
        self._more = button("", kind="icon", hint=f"More for {name}")
        self.menu = QMenu(self._more)
        self._more.setMenu(self.menu)
        bench.icons.put(self._more, icons.MORE, "text")
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Parts of the app's page")
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.push = PushNotice(bench, self._reader)
        self._pages = QStackedWidget()
        self._made: dict[int, Tab] = {}
        self._gone = Placeholder()
        self._gone.show_notice(Notice(f"{name} is gone", "It was removed.", "Back to apps"))
        self._gone.acted.connect(bench.navigator.back_wanted)
        self._pages.addWidget(self._gone)
        self._lay_out()
        self.tabs.currentChanged.connect(self.show_tab)
        self._reader.changed.connect(self.refresh)
        self._reader.renewed.connect(self._enter_again)
        bench.navigator.secrets_wanted.connect(self._show_secrets)
        bench.runner.started.connect(self._started)
        self.show_tab(0)
        self._reader.read()

    def show_tab(self, at: int) -> None:
        """Tabs are loaded and made when they are first looked at: all of them at once would hold
        the window up."""
        self.leave()
        if at not in self._made:
            made = _make_tab(*_TABS[at][1:], self._bench, self._reader)
            if isinstance(made, OverviewTab):
                made.log.all_wanted.connect(self._show_whole_log)
            self._made[at] = made
            self._pages.addWidget(made)
        self._pages.setCurrentWidget(self._made[at])
        self.tabs.setCurrentIndex(at)
        self.current.enter()
        self.push.show_on(at != RELEASES)
        self.refresh()

    @property
    def current(self) -> Tab:
        return self._made[self.tabs.currentIndex()]

    def enter(self) -> None:
        self.tabs.setFocus()

    def _enter_again(self) -> None:
        """The app is in another state: what could not be followed before may be there now."""
        if self.isVisible():
            self.current.enter()

    def reload(self) -> None:
        self._reader.read()
        self.current.reload()

    def leave(self) -> None:
        for tab in self._made.values():
            tab.leave()

    def search_field(self) -> QLineEdit | None:
        return self.current.search_field()

    def _show_secrets(self, name: str) -> None:
        if name == self.name:
            self.show_tab(SECRETS)

    def _show_whole_log(self) -> None:
        self.show_tab(LOGS)
        self.tabs.setFocus()

    def refresh(self) -> None:
        app = self._reader.app
        if app is None:
            self._pages.setCurrentWidget(self._gone)
            self.tabs.setEnabled(False)
            self._show_verbs(())
            return
        if self._pages.currentWidget() is self._gone:
            self._pages.setCurrentWidget(self.current)
        self.tabs.setEnabled(True)
        self._state.show_look(APP_LOOKS[app.state])
        doing = subtitle(app, self._step())
        self._doing.show_text(doing)
        self._doing.setVisible(doing != "")
        self.address.show_text((app.url or "").removeprefix("https://").rstrip("/"))
        self.address.setVisible(app.url is not None)
        self._show_lock(app.certificate_ends)
        self._show_verbs(verbs_for(app))

    def _lay_out(self) -> None:
        self.lead_back(self._bench.icons, self._bench.navigator.back_wanted.emit)
        for at, part in enumerate((self._state, self.lock, self.address, self._doing)):
            self.header.insertWidget(2 + at, part)
        self.header.setStretchFactor(self.address, SpareLabel.SPARE)
        self.header.insertSpacing(2, 8)
        for verb in reversed(_IN_HEADER):
            made = button(WORDS[verb], partial(self._do, verb))
            made.setAccessibleName(f"{WORDS[verb]} {self.name}")
            made.hide()
            self.verbs[verb] = made
            self.header.addWidget(made)
        self.verbs[Verb.OPEN].setProperty("kind", "primary")
        self._bench.icons.put(self.verbs[Verb.OPEN], icons.OPEN, "on_accent")
        self.header.addWidget(self._more)
        for title, *_ in _TABS:
            self.tabs.addTab(title)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self.tabs)
        bar.addStretch()
        self.body.addLayout(bar)
        self.body.addWidget(self.push)
        self.body.addWidget(self._pages, 1)
        self.body.setContentsMargins(24, 8, 24, 24)

    def _show_lock(self, ends: datetime | None) -> None:
        self.lock.setVisible(ends is not None)
        if ends is not None:
            now = self._bench.watch.now()
            self.lock.show_look(certificate_look(ends, now), time_left(ends, now))
            self.lock.setToolTip(ends_exactly(ends))
            self.lock.setAccessibleName(time_left_aloud(ends, now))

    def _show_verbs(self, allowed: tuple[Verb, ...]) -> None:
        if allowed == self._allowed:
            # a menu that is filled anew would close under the pointer
            return
        self._allowed = allowed
        for verb, made in self.verbs.items():
            made.setVisible(verb in allowed)
        self.menu.clear()
        for verb in allowed:
            if verb not in _IN_HEADER:
                if verb is Verb.REMOVE:
                    self.menu.addSeparator()
                action = self.menu.addAction(WORDS[verb])
                action.triggered.connect(lambda _=False, v=verb: self._do(v))
        self._more.setVisible(bool(allowed))

    def _do(self, verb: Verb) -> None:
        self._bench.actions.perform(verb, self.name)

    def _step(self) -> str | None:
        mine = [r for r in self._bench.runner.shown if r.operation.target == self.name]
        return mine[0].record.current_step if mine else None

    def _started(self, running: RunningOperation) -> None:
        if running.operation.target == self.name:
            running.changed.connect(self.refresh)
            running.finished.connect(self._reader.read)


def _make_tab(module: str, kind: str, bench: Workbench, reader: AppReader) -> Tab:
    made = getattr(import_module(f"holdfast.ui.tabs.{module}"), kind)(bench, reader)
    assert isinstance(made, Tab)
    return made
