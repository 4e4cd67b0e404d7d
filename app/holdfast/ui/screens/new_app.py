"""New app on one page: a repository, what was found in it, what will happen, the deploy itself."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from holdfast.domain.connection import (
    CredentialNeeded,
    CredentialRefused,
    HostKeyUnknown,
    ServerUntrusted,
)
from holdfast.domain.errors import HoldfastError
from holdfast.domain.operation import Outcome
from holdfast.domain.pasted_credential import PastedToken, split_credential
from holdfast.domain.recovery_kit import KitState
from holdfast.domain.repository import RepositoryAddress
from holdfast.domain.requests import RepositoryFacts
from holdfast.presenters.github import BEGIN
from holdfast.presenters.new_app import (
    READING,
    TOKEN_KEPT,
    Form,
    Ref,
    check,
    page_shown,
    request,
    same_repository,
    shown_of,
    visitors_address,
    what_will_happen,
    why_not,
)
from holdfast.presenters.notices import ANY_ADDRESS
from holdfast.presenters.problem import explain
from holdfast.ui.runner import RunningOperation
from holdfast.ui.widgets.buttons import button, reword
from holdfast.ui.widgets.connect_card import ConnectCard
from holdfast.ui.widgets.deploy_progress import DeployProgress
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.forge_card import ForgeCard
from holdfast.ui.widgets.found_form import FoundForm
from holdfast.ui.widgets.kit_first import KitFirst
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.page import Page, scrolling
from holdfast.ui.widgets.parts import PartsCard
from holdfast.ui.widgets.text import MARGIN, WIDE, frame, label
from holdfast.ui.workbench import Workbench

_PAUSE_MS = 700
#: What the card that connects a repository helps against.
_CONNECTED_AWAY = (CredentialNeeded, CredentialRefused, HostKeyUnknown, ServerUntrusted)


class NewAppScreen(Page):
    def __init__(self, bench: Workbench) -> None:
        super().__init__("New app")
        self._bench = bench
        self._facts: RepositoryFacts | None = None
        self._asked: RunningOperation | None = None
        #: what a page showed of the repository that is read by another address now
        self._shown: RepositoryAddress | None = None
        self.repository = QLineEdit()
        self.repository.setProperty("big", True)
        self.repository.setPlaceholderText("https://github.com/team/sales-board")
        self._field = Field("Repository", self.repository)
        self._field.note(ANY_ADDRESS)
        self.problem = ProblemBox(can_retry=True)
        self.forge = ForgeCard(bench)
        self.from_forge = button(BEGIN, self._choose_at_forge)
        self.card = ConnectCard(bench)
        self.found = FoundForm()
        self.found.hide()
        self._plan = PartsCard("What will happen")
        self.deploy = button("Deploy", self._deploy, "primary")
        self._why_not = label("", "muted", wrap=True)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._stack = QStackedWidget()
        self._form_page = self._lay_out()
        self._stack.addWidget(self._form_page)
        self.kit_first = KitFirst(bench)
        self._stack.addWidget(self.kit_first)
        self._without_kit = False
        self.progress: DeployProgress | None = None
        self.lead_back(bench.icons, bench.navigator.back_wanted.emit)
        self.body.addWidget(self._stack, 1)
        self._connect()
        self._refresh()

    def begin(self, subject: str) -> None:
        """Show the form, with this repository read at once if there is one."""
        self._stack.setCurrentWidget(self._first_page())
        self.repository.setFocus()
        if subject:
            self.repository.setText(subject)
            self.read()

    def read(self, ref: Ref | None = None, entrypoint: str | None = None) -> None:
        """Read the repository that stands in the field. entrypoint: the file to look at."""
        self._pause.stop()
        self._drop_question()
        address, pasted = split_credential(self.repository.text().strip())
        if not address:
            return
        self.problem.show_problem(None)
        self.card.hide()
        if pasted is not None:
            self._keep(address, pasted)
            return
        self._field.note(READING)
        branch = ref.name if ref and not ref.is_pin else None
        pin = ref.name if ref and ref.is_pin else None
        self._asked = self._bench.runner.ask(
            self._bench.desk.inspect(address, branch, entrypoint, pin), self._answer
        )
        self._refresh()

    def _keep(self, address: str, pasted: PastedToken) -> None:
        """An address that is not yet whole stays as it is: its token belongs to no repository."""
        try:
            self.card.keep(address, pasted)
        except HoldfastError as error:
            self.problem.show_problem(explain(error))
            return
        self.repository.setText(address)
        self._field.note(TOKEN_KEPT)

    def leave(self) -> None:
        self._drop_question()
        self.forge.leave()

    def reload(self) -> None:
        self.read()

    def _lay_out(self) -> QWidget:
        left = frame("plain")
        fields = QVBoxLayout(left)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setSpacing(WIDE)
        beside = QHBoxLayout()
        beside.addWidget(self.from_forge)
        beside.addStretch()
        fields.addWidget(self._field)
        fields.addLayout(beside)
        for part in (self.forge, self.problem, self.card, self.found):
            fields.addWidget(part)
        fields.addStretch()
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self._plan)
        right.addWidget(self.deploy)
        right.addWidget(self._why_not)
        right.addStretch()
        side = frame("plain")
        side.setLayout(right)
        side.setFixedWidth(280)
        right.setContentsMargins(0, 0, 0, 0)
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(MARGIN)
        row.addWidget(scrolling(left, "New app"), 1)
        row.addWidget(side)
        return made

    def _connect(self) -> None:
        self.repository.textEdited.connect(self._typed)
        self.repository.returnPressed.connect(self.read)
        self._pause.timeout.connect(self.read)
        self.problem.retry.connect(self.read)
        self.card.connected.connect(self._read_connected)
        self.forge.chosen.connect(self._read_connected)
        self.found.changed.connect(self._refresh)
        self.found.ref_chosen.connect(self.read)
        self.found.file_named.connect(self._look_at)
        self._bench.watch.changed.connect(self._follow)
        self._bench.kit.changed.connect(self._refresh)
        self.kit_first.without.connect(self._go_on_without_kit)

    def _typed(self) -> None:
        self._facts = self._shown = None
        self.found.hide()
        self.card.hide()
        self.problem.show_problem(None)
        self._drop_question()
        self._field.note(ANY_ADDRESS)
        self._pause.start()
        self._refresh()

    def _look_at(self, entrypoint: str) -> None:
        self.read(self.found.ref, entrypoint)

    def _choose_at_forge(self) -> None:
        if self.forge.isVisible():
            self.forge.leave()
        else:
            self.forge.begin()

    def _read_connected(self, address: str) -> None:
        """It was chosen; or a credential opens it now, perhaps by another address than was
        typed. What a pasted page shows of it is read all the same."""
        shown = page_shown(self.repository.text())
        if shown is None or shown.url != address:
            self.repository.setText(address)
            self._shown = shown
        self.repository.setFocus()
        self.read()

    def _drop_question(self) -> None:
        if self._asked is not None:
            self._asked.finished.disconnect(self._answer)
            self._asked.cancel()
            self._asked = None

    def _answer(self, outcome: Outcome[RepositoryFacts]) -> None:
        self._asked = None
        self._field.note(ANY_ADDRESS)
        if isinstance(outcome.error, _CONNECTED_AWAY):
            self.card.ask(self.repository.text().strip(), outcome.error)
            self._facts = None
        elif outcome.error is not None:
            self.problem.show_problem(explain(outcome.error))
            self._facts = None
        elif outcome.result is not None:
            shown, self._shown = self._shown, None
            if shown is not None and same_repository(shown, outcome.result.address):
                self.read(*shown_of(shown, outcome.result))
                return
            self._facts = outcome.result
            self.found.show_facts(outcome.result)
        self.found.setVisible(self._facts is not None)
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def _follow(self) -> None:
        """A name may be taken meanwhile; while another page is on show, that can wait."""
        if self.isVisible():
            self._refresh()

    def _first_page(self) -> QWidget:
        """The form, or what comes before the first app of a node without a recovery kit."""
        status, snapshot = self._bench.kit.status, self._bench.watch.snapshot
        missing = status is not None and status.state is KitState.MISSING
        empty = snapshot is not None and not snapshot.apps
        return self.kit_first if missing and empty and not self._without_kit else self._form_page

    def _go_on_without_kit(self) -> None:
        self._without_kit = True
        self._stack.setCurrentWidget(self._form_page)
        self.repository.setFocus()

    def _form(self) -> Form:
        return self.found.form(self.repository.text().strip())

    def _refresh(self) -> None:
        if self._stack.currentWidget() is not self.progress:
            self._stack.setCurrentWidget(self._first_page())
        snapshot = self._bench.watch.snapshot
        apps = snapshot.apps if snapshot else ()
        form = self._form()
        names = frozenset[str](app.name for app in apps)
        hosts = frozenset[str](app.host_name for app in apps if app.host_name)
        errors = check(form, self._facts, names, hosts)
        edge = snapshot.edge_address if snapshot else None
        if self._facts is not None:
            self.found.show_errors(errors)
            if not errors.host_name:
                self.found.show_address(visitors_address(form.host_name, edge))
        connected = snapshot is not None and self._bench.watch.problem is None
        reason = READING if self._asked else why_not(form, self._facts, errors, connected)
        self.deploy.setEnabled(not reason)
        reword(self.deploy, f"Deploy {form.name}" if self._facts and not reason else "Deploy")
        self._why_not.setText(reason)
        self._why_not.setVisible(bool(reason))
        self._plan.show_parts(what_will_happen(form, self._facts, edge))

    def _deploy(self) -> None:
        if self._facts is None:
            return
        operation = self._bench.desk.deploy(request(self._form(), self._facts))
        self._show_progress(self._bench.runner.start(operation))
        self._facts = None
        self.found.hide()
        self.repository.clear()
        self._refresh()

    def _show_progress(self, running: RunningOperation) -> None:
        if self.progress is not None:
            self._stack.removeWidget(self.progress)
            self.progress.deleteLater()
        self.progress = DeployProgress(self._bench, running)
        self.progress.another.connect(lambda: self.begin(""))
        self._stack.addWidget(self.progress)
        self._stack.setCurrentWidget(self.progress)
