"""Usage statistics of an app: what may be chosen, and what an app's process is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Telemetry(StrEnum):
    """The choice for one app."""

    AS_REPOSITORY = "as-repository"
    OFF = "off"
    ON = "on"


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


def variables(choice: Telemetry) -> Mapping[str, str]:
    """What the app's process is given, whatever its framework."""
    return {Telemetry.OFF: _QUIET, Telemetry.ON: _TOLD}.get(choice, {})
