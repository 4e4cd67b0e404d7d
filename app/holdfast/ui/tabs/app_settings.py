"""An app's settings: limits, main name and Python, applied by a redeploy; and its further names."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
)

from holdfast.presenters.app_settings import ABOUT, UNKNOWN, Settings, changes, check, settings_of
from holdfast.ui.app_reader import AppReader
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.names_card import NamesCard
from holdfast.ui.widgets.page import scrolling
from holdfast.ui.widgets.tab import Tab
from holdfast.ui.widgets.text import GAP, WIDE, frame, label
from holdfast.ui.workbench import Workbench


class SettingsTab(Tab):
    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self._bench = bench
        self._reader = reader
        self._before: Settings | None = None
        self._host, self._python, self._command = QLineEdit(), QLineEdit(), QLineEdit()
        self.memory, self._cpus = QSpinBox(), QDoubleSpinBox()
        self.memory.setRange(128, 262_144)
        self.memory.setSingleStep(128)
        self.memory.setSuffix(" MiB")
        self._cpus.setRange(0.1, 128)
        self._cpus.setDecimals(1)
        self._python.setPlaceholderText("The newest that the project admits")
        self._command.setPlaceholderText("Chosen by framework")
        self._host_field = Field("Main name", self._host)
        self.names = NamesCard(bench, reader.name)
        self._about = label(ABOUT, "muted", wrap=True)
        self.apply = button("Redeploy with these settings", self._apply, "primary")
        self._revert = button("Revert", self._show_before)
        self._lay_out()
        for line in (self._host, self._python, self._command):
            line.textChanged.connect(self._judge)
        self.memory.valueChanged.connect(self._judge)
        self._cpus.valueChanged.connect(self._judge)
        reader.changed.connect(self.refresh)
        reader.renewed.connect(self.names.reload)
        self.refresh()
        self.names.reload()

    def reload(self) -> None:
        self.names.reload()

    def refresh(self) -> None:
        app = self._reader.app
        release = self._reader.known.current(app) if app else None
        now = settings_of(release) if release else None
        # spin boxes have no empty state: what is not known is not shown
        for part in (self._fields, self._revert, self.apply, self.names):
            part.setVisible(now is not None)
        self._about.setText(ABOUT if now else UNKNOWN)
        if now != self._before:
            self._before = now
            self._show_before()
        self._judge()

    def _lay_out(self) -> None:
        self._fields = frame("card")
        grid = QGridLayout(self._fields)
        grid.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        grid.setSpacing(WIDE)
        grid.addWidget(self._host_field, 0, 0)
        grid.addWidget(Field("Python", self._python), 0, 1)
        grid.addWidget(Field("Memory", self.memory), 1, 0)
        grid.addWidget(Field("CPUs", self._cpus), 1, 1)
        grid.addWidget(Field("Start command", self._command), 2, 0, 1, 2)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self._about, 1)
        bar.addWidget(self._revert)
        bar.addWidget(self.apply)
        inside = frame("plain")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(WIDE)
        column.addWidget(self._fields)
        column.addLayout(bar)
        column.addWidget(self.names)
        column.addStretch()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(inside, "Settings"))

    def _show_before(self) -> None:
        before = self._before
        if before is not None:
            self._host.setText(before.host_name)
            self._python.setText(before.python)
            self._command.setText(before.command)
            self.memory.setValue(before.memory_mib)
            self._cpus.setValue(before.cpus)

    def _now(self) -> Settings:
        return Settings(
            host_name=self._host.text().strip(),
            python=self._python.text().strip(),
            memory_mib=self.memory.value(),
            cpus=self._cpus.value(),
            command=self._command.text().strip(),
        )

    def _judge(self) -> None:
        wrong = check(self._now()) if self._before else ""
        self._host_field.refuse(wrong)
        differs = self._before is not None and self._now() != self._before
        self.apply.setEnabled(differs and not wrong)
        self._revert.setEnabled(differs)

    def _apply(self) -> None:
        if self._before is not None:
            self._bench.actions.redeploy(self._reader.name, changes(self._before, self._now()))
