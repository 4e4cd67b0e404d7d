"""Usage statistics of an app: what was chosen, what its repository says, and what holds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from holdfast.domain.frameworks import Framework


class Telemetry(StrEnum):
    """The choice for one app."""

    AS_REPOSITORY = "as-repository"
    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Effective:
    """Whether statistics are sent. source: what decides that, a sentence."""

    on: bool
    source: str


#: Frameworks that send statistics unless they are told not to.
_SENDS = {
    Framework.STREAMLIT: "Streamlit sends them unless it is told not to",
    Framework.GRADIO: "Gradio sends them unless it is told not to",
    Framework.COMMAND: "what its start command runs may send some",
}
#: What libraries listen to. They outrank what a repository's files say.
_QUIET = {
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "SCARF_NO_ANALYTICS": "true",
    "DO_NOT_TRACK": "1",
}
_TOLD = {"STREAMLIT_BROWSER_GATHER_USAGE_STATS": "true", "GRADIO_ANALYTICS_ENABLED": "True"}


def effective(choice: Telemetry, framework: str | None, said: bool | None) -> Effective:
    """said: what the repository says, see `statistics_said`. framework: None where no release
    has told it yet."""
    if choice is not Telemetry.AS_REPOSITORY:
        return Effective(choice is Telemetry.ON, "It is set for this app.")
    if said is not None:
        return Effective(said, "The repository's .streamlit/config.toml says so.")
    for known, why in _SENDS.items():
        if framework == known:
            return Effective(True, f"The repository says nothing, and {why}.")
    return Effective(False, "Its framework sends none.")


def variables(choice: Telemetry) -> Mapping[str, str]:
    """What the app's process is given, whatever its framework."""
    return {Telemetry.OFF: _QUIET, Telemetry.ON: _TOLD}.get(choice, {})


def statistics_said(configurations: Iterable[str]) -> bool | None:
    """What Streamlit's config.toml files say, the last one that says anything; None: nothing."""
    said = None
    for text in configurations:
        try:
            value = tomllib.loads(text).get("browser", {}).get("gatherUsageStats")
        except (ValueError, AttributeError, RecursionError):
            # Streamlit passes over a file that it cannot read
            continue
        said = value if isinstance(value, bool) else said
    return said
