"""An app's settings: what they are, what was changed, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.app import Release
from holdfast.domain.errors import UsageError
from holdfast.domain.names import parse_host_name
from holdfast.presenters.redeploy import Changes

ABOUT = "New settings take effect with a new release. The one before serves until it is ready."
UNKNOWN = "The settings are in the app's encrypted volume, which cannot be read now."


@dataclass(frozen=True, slots=True)
class Settings:
    """python and command are "" for Holdfast's own choice."""

    host_name: str
    python: str
    memory_mib: int
    cpus: float
    command: str


def settings_of(release: Release) -> Settings:
    asked = release.configuration
    return Settings(
        host_name=asked.host_name,
        python=asked.python or "",
        memory_mib=asked.limits.memory_bytes >> 20,
        cpus=asked.limits.cpus,
        command=asked.command or "",
    )


def check(settings: Settings) -> str:
    """What is wrong with the main name, or ""."""
    try:
        parse_host_name(settings.host_name)
    except UsageError as error:
        return error.why
    return ""


def changes(before: Settings, now: Settings) -> Changes:
    """Only what differs."""
    return Changes(
        host_name=now.host_name if now.host_name != before.host_name else None,
        python=now.python if now.python != before.python else None,
        memory_bytes=now.memory_mib << 20 if now.memory_mib != before.memory_mib else None,
        cpus=now.cpus if now.cpus != before.cpus else None,
        command=now.command if now.command != before.command else None,
    )
