"""Which engines are refused by name, from what they say of themselves: pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from holdfast.domain.container import EngineFacts
from holdfast.domain.errors import EngineUnsupported

#: Of Docker 20.10. The engine tells its newest API as two numbers.
_OLDEST_API = (1, 41)
_CLOCK_TOLERANCE = timedelta(minutes=5)

_USUAL = (
    "Use Docker's usual engine on Linux (the package docker-ce or docker.io), "
    "or one of Holdfast's own: holdfast node start"
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """An engine that is not supported. name: as its users call it."""

    name: str
    is_found: Callable[[EngineFacts], bool]
    why: str
    next: str = _USUAL


def _sold_as(name: str) -> Callable[[EngineFacts], bool]:
    return lambda facts: any(product.startswith(name) for product in facts.products)


def _secured_by(option: str) -> Callable[[EngineFacts], bool]:
    return lambda facts: option in {entry.split(",")[0] for entry in facts.security}


#: In this order: Podman and Docker Desktop may be rootless as well, and are told by their name.
_REFUSED = (
    _Kind(
        "Podman",
        _sold_as("Podman"),
        "It speaks Docker's language, but shares mounts and makes networks in ways of its own.",
    ),
    _Kind(
        "Docker Desktop",
        lambda facts: (
            facts.operating_system == "Docker Desktop" or _sold_as("Docker Desktop")(facts)
        ),
        "Its containers run in a virtual machine, whose host nobody has tried yet.",
    ),
    _Kind(
        "an engine of Windows containers",
        lambda facts: facts.os_type != "linux",
        "Apps run in Linux containers.",
    ),
    _Kind(
        "a rootless engine",
        _secured_by("name=rootless"),
        "Without root on its host, mounts of one container do not reach another.",
        "Use an engine that root runs, or one of Holdfast's own: holdfast node start",
    ),
    _Kind(
        "an engine with user namespaces",
        _secured_by("name=userns"),
        "The users of its containers are others on its host, and a volume's files would be "
        "nobody's.",
        "Take userns-remap out of the engine's settings, or use an engine of Holdfast's own: "
        "holdfast node start",
    ),
    _Kind(
        "Docker from a snap",
        lambda facts: facts.data_root.startswith("/var/snap/"),
        "Its confinement lets no container start that may not gain privileges.",
        "Replace it by the package docker.io or docker-ce: sudo snap remove docker",
    ),
    _Kind(
        "an engine that labels containers for SELinux",
        _secured_by("name=selinux"),
        "What one container mounts may be forbidden to another, and nobody has tried it yet.",
        "Use an engine that runs without --selinux-enabled, or another machine.",
    ),
)


def check_supported(facts: EngineFacts) -> None:
    """Raises EngineUnsupported."""
    for kind in _REFUSED:
        if kind.is_found(facts):
            raise EngineUnsupported(
                f"Holdfast does not work with {kind.name} yet.", kind.why, kind.next
            )
    if _numbers(facts.api_version) < _OLDEST_API:
        raise EngineUnsupported(
            "The node's engine is too old.",
            f"It is Docker {facts.version}; needed is 20.10 or later.",
            "Update the engine's package.",
        )


def check_clock(facts: EngineFacts, now: datetime) -> None:
    """Raises EngineUnsupported: by one clock a certificate may not be valid yet,
    or not any more, that is by the other."""
    apart = abs(facts.clock - now)
    if apart > _CLOCK_TOLERANCE:
        raise EngineUnsupported(
            "The clocks of this machine and of the node differ.",
            f"They are {apart.total_seconds() / 60:.0f} minutes apart, and certificates are issued "
            "by this one.",
            "Set both by a time server, for example: sudo timedatectl set-ntp true",
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
