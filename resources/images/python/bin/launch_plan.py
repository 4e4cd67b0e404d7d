"""What the launcher was told to run, and the environment that the app gets."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_KEPT_NAMES = ("PATH", "HOME")
_KEPT_BEGINNINGS = ("LD_", "PYTHON", "STREAMLIT_")


class PlanError(Exception):
    """launch.json cannot be followed; the text says why and holds nothing secret."""


@dataclass(frozen=True)
class Plan:
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    framework: str
    port: int
    logs: Path
    secrets: Path
    ready_seconds: float


def read_plan(launch_folder: Path) -> Plan:
    """The file launch.json of `launch_folder`; raises PlanError."""
    try:
        told = json.loads((launch_folder / "launch.json").read_text("utf-8"))
        return Plan(
            command=tuple(str(word) for word in told["command"]),
            environment={str(name): str(value) for name, value in told["environment"].items()},
            folder=Path(told["folder"]),
            framework=str(told["framework"]),
            port=int(told["port"]),
            logs=Path(told["logs"]),
            secrets=Path(told["secrets"]),
            ready_seconds=float(told["ready_seconds"]),
        )
    except OSError as error:
        raise PlanError(f"launch.json cannot be read: {error.strerror}") from error
    except KeyError as error:
        raise PlanError(f"launch.json lacks {error}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise PlanError(f"launch.json is malformed: {type(error).__name__}") from error


def read_secrets(path: Path) -> dict[str, object]:
    """The app's TOML document, empty where there is none; raises PlanError."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise PlanError(f"the secrets cannot be read: {error.strerror}") from error
    except ValueError:
        # tomllib's own words may quote the document; the chain would carry them on
        raise PlanError("the secrets are not valid TOML") from None


def child_environment(
    plan: Plan, secrets: Mapping[str, object], own: Mapping[str, str], site: Path
) -> dict[str, str]:
    """`own` (the container's), then the secrets, then what launch.json sets."""
    python_path = [str(site), plan.environment.get("PYTHONPATH", "")]
    return {
        **own,
        **{name: str(value) for name, value in secrets.items() if _exported(name, value)},
        **plan.environment,
        "PYTHONPATH": ":".join(filter(None, python_path)),
    }


def _exported(name: str, value: object) -> bool:
    # as Streamlit does it: values of the root, and no booleans
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    if not name or "=" in name or "\0" in f"{name}{value}":
        return False
    return name not in _KEPT_NAMES and not name.startswith(_KEPT_BEGINNINGS)
