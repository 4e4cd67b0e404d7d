"""What a desk in memory keeps of its apps' telemetry."""

from __future__ import annotations

from holdfast.domain.names import AppName
from holdfast.domain.page_sources import PageSources
from holdfast.domain.requests import AppTelemetry
from holdfast.domain.telemetry import Telemetry, effective
from holdfast.operations.set_telemetry import check_against


class MemoryTelemetry:
    """faults: those of its desk."""

    def __init__(self, faults: set[str]) -> None:
        self._faults = faults
        self.choices: dict[AppName, Telemetry] = {}
        self.sources: dict[AppName, PageSources] = {}

    def of(self, app: AppName) -> AppTelemetry:
        choice = self.choices.get(app, Telemetry.OFF)
        holds = effective(choice, "streamlit", self._said)
        return AppTelemetry(
            app=app,
            choice=choice,
            repository=self._said,
            effective=holds,
            framework="streamlit",
            sources=self.sources.get(app, PageSources()),
            quiet=not holds.on,
        )

    def choose(self, app: AppName, choice: Telemetry, against: bool) -> None:
        check_against(app, choice, self._said, against)
        self.choices[app] = choice

    @property
    def _said(self) -> bool | None:
        return False if "no-statistics" in self._faults else None
