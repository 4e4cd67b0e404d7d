"""What a desk in memory keeps of its apps' telemetry."""

from __future__ import annotations

from holdfast.domain.names import AppName
from holdfast.domain.page_sources import PageSources
from holdfast.domain.requests import AppTelemetry
from holdfast.domain.telemetry import Telemetry, effective
from holdfast.domain.used_hosts import UsedHost
from holdfast.operations.set_telemetry import check_against

#: What the code of an app loads that draws maps.
_USED = (
    UsedHost("*.cartocdn.com", "pages/2_where_the_fleet_is.py line 31"),
    UsedHost("fonts.example.org", ".streamlit/config.toml"),
    UsedHost("tiles.example.org", "app.py line 12"),
)


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
            used=_USED if "maps" in self._faults else (),
        )

    def choose(self, app: AppName, choice: Telemetry, against: bool) -> None:
        check_against(app, choice, self._said, against)
        self.choices[app] = choice

    @property
    def _said(self) -> bool | None:
        return False if "no-statistics" in self._faults else None
