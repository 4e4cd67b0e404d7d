"""The fields of New app beneath the repository: what was found, each changeable in place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from holdfast.domain.requests import Candidate, RepositoryFacts
from holdfast.presenters.new_app import (
    DEFAULT_CPUS,
    DEFAULT_MEMORY_MIB,
    FieldErrors,
    Form,
    Ref,
    also_found,
    commit_line,
    dependency_line,
    entrypoint_note,
    offered,
    packages_line,
    python_reason,
    read_ref,
)
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.choice import Choice
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.parts import FactsCard
from holdfast.ui.widgets.text import GAP, WIDE, frame, label


class FoundForm(QWidget):
    """changed: a field did. ref_chosen: another branch, a tag or a commit shall be read.
    file_named: an entrypoint that nobody has looked at yet."""

    changed = Signal()
    ref_chosen = Signal(Ref)
    file_named = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._facts: RepositoryFacts | None = None
        self._ref, self._entrypoint = Choice(), Choice()
        self._ref.setObjectName("ref")
        self._file = QLineEdit()
        self._file.setObjectName("entrypoint")
        self._entrypoint.setEditable(True)
        self._entrypoint.setLineEdit(self._file)
        self._entrypoint.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        for choice in (self._ref, self._entrypoint):
            choice.take_what_room_there_is()
        self._python, self._command = QLineEdit(), QLineEdit()
        self._name, self._host = QLineEdit(), QLineEdit()
        self._name.setObjectName("name")
        self._memory, self._cpus = QSpinBox(), QDoubleSpinBox()
        self._fields = {
            "ref": Field("Branch or tag", self._ref),
            "entrypoint": Field("Entrypoint", self._entrypoint),
            "python": Field("Python", self._python),
            "name": Field("Name", self._name),
            "host": Field("Address", self._host),
            "memory": Field("Memory", self._memory),
            "cpus": Field("CPUs", self._cpus),
            "command": Field("Start command", self._command),
        }
        self._dependencies, self._why_those = label(wrap=True), label("", "muted", wrap=True)
        self._packages, self._why_packages = label(wrap=True), label("", "muted", wrap=True)
        self._also = FactsCard("Also found")
        self._resources = self._make_resources()
        self._fold = button("Resources and start command", self._toggle_resources, "link")
        self._lay_out()
        self._connect()

    def show_facts(self, facts: RepositoryFacts) -> None:
        """Fill in what was found; a name that was typed before stays."""
        self.blockSignals(True)
        kept_name = self._name.text() if self._name.isModified() else ""
        kept_host = self._host.text() if self._host.isModified() else ""
        self._facts = facts
        self._fill_refs(facts)
        self._fill_entrypoints(facts)
        self._fields["ref"].note(commit_line(facts))
        self._name.setText(kept_name or facts.proposed_name)
        self._host.setText(kept_host or facts.proposed_host_name)
        self._name.setModified(bool(kept_name))
        self._host.setModified(bool(kept_host))
        packages, why = packages_line(facts)
        self._packages.setText(packages)
        self._why_packages.setText(why)
        self._show_candidate()
        self.blockSignals(False)
        self.changed.emit()

    @property
    def ref(self) -> Ref | None:
        """The branch, the tag or the commit that is chosen; None before a repository was read."""
        chosen = self._ref.currentData()
        return chosen if isinstance(chosen, Ref) else None

    def form(self, repository: str) -> Form:
        ref = self.ref or Ref("")
        return Form(
            repository=repository,
            branch="" if ref.is_pin else ref.name,
            pin=ref.name if ref.is_pin else "",
            entrypoint=self._path,
            python=self._python.text().strip(),
            name=self._name.text().strip(),
            host_name=self._host.text().strip(),
            memory_mib=self._memory.value(),
            cpus=self._cpus.value(),
            command=self._command.text().strip(),
        )

    def _show_candidate(self) -> None:
        """What goes with the entrypoint that is chosen now; a Python that was typed stays."""
        chosen = self._chosen
        file, why = dependency_line(chosen)
        self._dependencies.setText(file)
        self._why_those.setText(why)
        if not self._python.isModified():
            self._python.setText(chosen.python if chosen else "")
        self._fields["python"].note(python_reason(chosen))
        if self._facts is not None:
            self._also.show_facts(also_found(self._facts, self._path))

    @property
    def _chosen(self) -> Candidate | None:
        return self._facts.candidate(self._path) if self._facts else None

    @property
    def _path(self) -> str:
        return self._entrypoint.currentText().strip()

    def show_errors(self, errors: FieldErrors) -> None:
        self._fields["name"].refuse(errors.name)
        self._fields["host"].refuse(errors.host_name)
        if errors.entrypoint or self._facts is None:
            self._fields["entrypoint"].refuse(errors.entrypoint)
        else:
            self._fields["entrypoint"].note(entrypoint_note(self._facts, self._path))
        if errors.python:
            self._fields["python"].refuse(errors.python)
        else:
            self._fields["python"].note(python_reason(self._chosen))

    def show_address(self, url: str) -> None:
        """What visitors will open, beneath the host name that is part of it."""
        self._fields["host"].note(url)

    def _fill_refs(self, facts: RepositoryFacts) -> None:
        self._ref.blockSignals(True)
        self._ref.clear()
        for heading, refs in offered(facts):
            if heading:
                self._ref.add_heading(heading)
            for ref in refs:
                self._ref.addItem(ref.shown, ref)
                if ref == read_ref(facts):
                    self._ref.setCurrentIndex(self._ref.count() - 1)
        self._ref.blockSignals(False)

    def _fill_entrypoints(self, facts: RepositoryFacts) -> None:
        paths = [each.path for each in facts.candidates if each.path]
        self._entrypoint.blockSignals(True)
        self._entrypoint.clear()
        self._entrypoint.addItems(paths)
        self._entrypoint.setCurrentIndex(0 if paths else -1)
        self._entrypoint.blockSignals(False)

    def _make_resources(self) -> QWidget:
        self._memory.setRange(128, 262_144)
        self._memory.setSingleStep(128)
        self._memory.setValue(DEFAULT_MEMORY_MIB)
        self._memory.setSuffix(" MiB")
        self._cpus.setRange(0.1, 128)
        self._cpus.setSingleStep(0.5)
        self._cpus.setDecimals(1)
        self._cpus.setValue(DEFAULT_CPUS)
        self._command.setPlaceholderText("Chosen by framework; the port is in $PORT")
        inside = frame("plain")
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(WIDE)
        grid.addWidget(self._fields["memory"], 0, 0)
        grid.addWidget(self._fields["cpus"], 0, 1)
        grid.addWidget(self._fields["command"], 1, 0, 1, 2)
        inside.hide()
        return inside

    def _toggle_resources(self) -> None:
        self._resources.setVisible(self._resources.isHidden())

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(WIDE)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        for at, name in enumerate(("ref", "entrypoint", "name", "host", "python")):
            grid.addWidget(self._fields[name], at // 2, at % 2, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(self._facts_column(), 2, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(WIDE)
        column.addLayout(grid)
        column.addWidget(self._also)
        row = QHBoxLayout()
        row.addWidget(self._fold)
        row.addStretch()
        column.addLayout(row)
        column.addWidget(self._resources)

    def _facts_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        for title, what, why in (
            ("Dependencies", self._dependencies, self._why_those),
            ("Debian packages", self._packages, self._why_packages),
        ):
            column.addWidget(label(title))
            column.addWidget(what)
            column.addWidget(why)
            column.addSpacing(GAP)
            why.setAccessibleName(title)
        column.addStretch()
        return column

    def _connect(self) -> None:
        self._ref.currentIndexChanged.connect(self._choose_ref)
        self._entrypoint.currentTextChanged.connect(self._follow_entrypoint)
        self._file.editingFinished.connect(self._name_file)
        self._name.textEdited.connect(self._follow_name)
        for line in (self._python, self._command, self._host):
            line.textEdited.connect(self.changed)
        self._memory.valueChanged.connect(self.changed)
        self._cpus.valueChanged.connect(self.changed)

    def _choose_ref(self) -> None:
        self.ref_chosen.emit(self.ref)

    def _follow_entrypoint(self) -> None:
        self._show_candidate()
        self.changed.emit()

    def _name_file(self) -> None:
        if self._facts is not None and self._chosen is None:
            self.file_named.emit(self._path)

    def _follow_name(self, name: str) -> None:
        """The address follows the name until it is typed itself."""
        if not self._host.isModified() and self._facts is not None:
            _, _, domain = self._facts.proposed_host_name.partition(".")
            self._host.setText(f"{name}.{domain}")
        self.changed.emit()
