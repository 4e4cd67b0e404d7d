"""The host names of the apps of the desk in memory."""

from __future__ import annotations

from holdfast.domain.errors import UsageError
from holdfast.domain.host_names import AppNames, FurtherName, NamesChange, changed
from holdfast.domain.names import AppName, HostName


class MemoryNames:
    def __init__(self) -> None:
        self._further: dict[AppName, tuple[FurtherName, ...]] = {}

    def of(self, app: AppName, main: HostName | None) -> AppNames:
        return AppNames(app, main, self._further.get(app, ()))

    def change(
        self, app: AppName, change: NamesChange, mains: dict[AppName, HostName | None]
    ) -> AppNames:
        """mains: the main name of each app, as its node knows it now."""
        made = changed(self.of(app, mains[app]), change)
        for other in mains.keys() - {app}:
            for each in made.fresh:
                if each.host in self.of(other, mains[other]).all:
                    raise UsageError(
                        f"The host name {each.host} is taken.",
                        f"The app {other} answers there.",
                        "Choose another, or take it away from that app.",
                    )
        self._further[app] = made.names.further
        return made.names

    def forget(self, app: AppName) -> None:
        self._further.pop(app, None)
