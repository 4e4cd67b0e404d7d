"""Does a verb upon an app: through the desk, the browser or another page."""

from __future__ import annotations

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from holdfast.domain.app import FollowMode
from holdfast.domain.names import AppName
from holdfast.presenters.desk import Desk
from holdfast.presenters.redeploy import Changes, redeploy
from holdfast.presenters.verbs import Verb
from holdfast.ui.navigator import Navigator
from holdfast.ui.runner import OperationRunner, RunningOperation
from holdfast.ui.watch import NodeWatch


class Actions(QObject):
    def __init__(
        self, desk: Desk, runner: OperationRunner, watch: NodeWatch, navigator: Navigator
    ) -> None:
        super().__init__(watch)
        self._desk = desk
        self._runner = runner
        self._watch = watch
        self._navigator = navigator

    def perform(self, verb: Verb, app: AppName | None = None) -> None:
        """Nothing happens where the app has gone meanwhile."""
        if verb is Verb.UNSEAL:
            self.unseal(app)
            return
        if verb is Verb.SEAL:
            self.seal()
            return
        if app is None:
            return
        match verb:
            case Verb.OPEN | Verb.COPY_ADDRESS:
                self._visit(verb, app)
            case Verb.STOP:
                self._runner.start(self._desk.stop(app))
            case Verb.START:
                self._runner.start(self._desk.start(app))
            case Verb.RESTART:
                self._runner.start(self._desk.restart(app))
            case Verb.REDEPLOY:
                self.redeploy(app)
            case Verb.SECRETS:
                self._navigator.app_wanted.emit(app)
                self._navigator.secrets_wanted.emit(app)
            case Verb.REMOVE:
                self._navigator.removal_wanted.emit(app)

    def start_node(self) -> RunningOperation:
        running = self._runner.start(self._desk.start_node())
        running.finished.connect(self._watch.start)
        return running

    def unseal(self, app: AppName | None = None) -> RunningOperation:
        return self._runner.start(self._desk.unseal(app))

    def seal(self) -> RunningOperation:
        return self._runner.start(self._desk.seal())

    def redeploy(self, app: AppName, changes: Changes | None = None) -> RunningOperation:
        return self._runner.start(redeploy(self._desk, app, changes))

    def roll_back(self, app: AppName, release: str) -> RunningOperation:
        return self._runner.start(self._desk.roll_back(app, release))

    def update(self, app: AppName) -> RunningOperation:
        return self._runner.start(self._desk.update(app))

    def follow(self, app: AppName, mode: FollowMode | None, branch: str | None) -> RunningOperation:
        return self._runner.start(self._desk.follow(app, mode, branch))

    def pin(self, app: AppName, wanted: str | None) -> RunningOperation:
        return self._runner.start(self._desk.pin(app, wanted))

    def unpin(self, app: AppName) -> RunningOperation:
        return self._runner.start(self._desk.unpin(app))

    @staticmethod
    def open_address(url: str) -> None:
        QDesktopServices.openUrl(QUrl(url))

    def _visit(self, verb: Verb, app: AppName) -> None:
        summary = self._watch.app(app)
        if summary is None or summary.url is None:
            return
        if verb is Verb.OPEN:
            self.open_address(summary.url)
        else:
            QGuiApplication.clipboard().setText(summary.url)
