"""Whether an app sends usage statistics: what was chosen, and else what its repository says."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from holdfast.domain.frameworks import Framework
from holdfast.domain.telemetry import Telemetry


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
