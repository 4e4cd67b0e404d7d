"""What a desk in memory keeps of its apps' telemetry."""

from __future__ import annotations

from memory_figures import MemoryFigures

from holdfast.domain.figures import FiguresChanged
from holdfast.domain.names import AppName
from holdfast.domain.node import AppSummary
from holdfast.domain.page_sources import PageSources
from holdfast.domain.requests import AppTelemetry
from holdfast.domain.statistics import effective
from holdfast.domain.telemetry import Telemetry
from holdfast.domain.used_hosts import UsedHost
from holdfast.operations.set_telemetry import check_against

#: What the code of an app loads that draws maps.
_USED = (
    UsedHost("*.cartocdn.com", "pages/2_where_the_fleet_is.py line 31"),
    UsedHost("fonts.example.org", ".streamlit/config.toml"),
    UsedHost("tiles.example.org", "app.py line 12"),
)


class MemoryTelemetry:
    """faults: those of its desk. figures: what it measures."""

    def __init__(self, faults: set[str], figures: MemoryFigures) -> None:
        self._faults = faults
        self._figures = figures
        self.choices: dict[AppName, Telemetry] = {}
        self.sources: dict[AppName, PageSources] = {}

    def of(self, app: AppName) -> AppTelemetry:
        choice = self.choices.get(app, Telemetry.OFF)
        holds = effective(choice, "streamlit", self._said)
        figures = self._figures.of(app)
        return AppTelemetry(
            app=app,
            choice=choice,
            repository=self._said,
            effective=holds,
            framework="streamlit",
            sources=self.sources.get(app, PageSources()),
            quiet=not holds.on,
            used=_USED if "maps" in self._faults else (),
            figures=len(figures.measured) if figures.kept else None,
        )

    def choose(self, app: AppSummary, choice: Telemetry, against: bool) -> FiguresChanged:
        check_against(app.name, choice, self._said, against)
        self.choices[app.name] = choice
        return self._figures.keep(app, effective(choice, "streamlit", self._said).on)

    @property
    def _said(self) -> bool | None:
        return False if "no-statistics" in self._faults else None
