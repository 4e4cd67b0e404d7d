"""The questions of the CIS benchmark for Docker, asked of a container that runs."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Container = Mapping[str, Any]

LIST = Path(__file__).with_name("hardening.toml")
_HOST_FOLDERS = ("/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr")


@dataclass(frozen=True)
class Warned:
    check: str
    role: str


def expected(apparmor: bool) -> frozenset[Warned]:
    """The committed list, as it holds on a host with or without AppArmor."""
    rows = tomllib.loads(LIST.read_text())["warning"]
    return frozenset(
        Warned(row["check"], row["role"])
        for row in rows
        if not (apparmor and row.get("where") == "without AppArmor")
    )


def _host(container: Container) -> Mapping[str, Any]:
    found: Mapping[str, Any] = container["HostConfig"]
    return found


def _added(container: Container) -> set[str]:
    return {name.removeprefix("CAP_") for name in _host(container)["CapAdd"] or ()}


def _published(container: Container) -> list[Mapping[str, str]]:
    ports = container["NetworkSettings"]["Ports"] or {}
    return [place for places in ports.values() for place in places or ()]


def _security(container: Container) -> list[str]:
    return [option.replace(":", "=") for option in _host(container)["SecurityOpt"] or ()]


#: True where there is something to warn of.
CHECKS: dict[str, Callable[[Container], bool]] = {
    "4.1": lambda c: c["Config"]["User"] == "",
    "5.2": lambda c: c["AppArmorProfile"] in ("", "unconfined"),
    "5.4": lambda c: bool(_added(c)) or _host(c)["CapDrop"] != ["ALL"],
    "5.5": lambda c: _host(c)["Privileged"],
    "5.6": lambda c: any(mount["Source"] in _HOST_FOLDERS for mount in c["Mounts"]),
    "5.8": lambda c: any(int(place["HostPort"]) < 1024 for place in _published(c)),
    "5.9": lambda c: bool(_published(c)),
    "5.10": lambda c: _host(c)["NetworkMode"] == "host",
    "5.11": lambda c: _host(c)["Memory"] == 0 or _host(c)["MemorySwap"] != _host(c)["Memory"],
    "5.12": lambda c: not _host(c)["CpuShares"],
    "5.13": lambda c: not _host(c)["ReadonlyRootfs"],
    "5.14": lambda c: any(place["HostIp"] in ("0.0.0.0", "::") for place in _published(c)),
    "5.15": lambda c: _host(c)["RestartPolicy"]["Name"] == "always",
    "5.16": lambda c: _host(c)["PidMode"] == "host",
    "5.17": lambda c: _host(c)["IpcMode"] == "host",
    "5.19": lambda c: not _host(c)["Ulimits"],
    "5.20": lambda c: any(m.get("Propagation") in ("shared", "rshared") for m in c["Mounts"]),
    "5.21": lambda c: _host(c)["UTSMode"] == "host",
    "5.22": lambda c: "seccomp=unconfined" in _security(c),
    "5.25": lambda c: _host(c)["CgroupParent"] not in ("", "docker"),
    "5.26": lambda c: not {"no-new-privileges", "no-new-privileges=true"} & set(_security(c)),
    "5.27": lambda c: not c["Config"].get("Healthcheck"),
    "5.29": lambda c: not (_host(c)["PidsLimit"] or 0) > 0,
    "5.30": lambda c: _host(c)["NetworkMode"] in ("default", "bridge"),
    "5.31": lambda c: _host(c)["UsernsMode"] == "host",
    "5.32": lambda c: any(mount["Source"].endswith("docker.sock") for mount in c["Mounts"]),
    "C.5.3.1": lambda c: "ALL" in _added(c),
    "C.5.3.2": lambda c: bool(_added(c) & {"AUDIT_CONTROL", "SYS_MODULE", "SYS_PTRACE"}),
    "C.5.3.3": lambda c: "SYS_ADMIN" in _added(c),
}


def warnings_of(container: Container) -> frozenset[Warned]:
    role = container["Config"]["Labels"]["holdfast.role"]
    return frozenset(Warned(number, role) for number, warns in CHECKS.items() if warns(container))
