"""Examines this machine: every precondition with its state, its reason and its remedy."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from holdfast.adapters.other_engines import find_other_engine
from holdfast.adapters.session_keychain import running, session_has_one
from holdfast.domain.node import Precondition

_PROGRAMS = {
    "dockerd": "runs the node's containers",
    "iptables": "connects the containers' networks",
    "mmdebstrap": "makes the node's images from Debian's packages",
    "newuidmap": "lets mmdebstrap work without root",
    "git": "reads repositories on this machine",
}
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_INSTALL = "Run: make setup"
_NEEDED_BYTES = 6 << 30


def examine_machine(environment: Mapping[str, str], home: Path) -> tuple[Precondition, ...]:
    checks = [_program(name, purpose) for name, purpose in _PROGRAMS.items()]
    return (*checks, _fuse(), _disk(home), _swap(), _keychain(environment), _engine(environment))


def _program(name: str, purpose: str) -> Precondition:
    found = shutil.which(name, path=_PATH)
    if found:
        return Precondition(name, "ok", f"{found} {purpose}.", "")
    return Precondition(name, "missing", f"It {purpose}, and is not installed.", _INSTALL)


def _fuse() -> Precondition:
    if Path("/dev/fuse").exists():
        return Precondition("FUSE", "ok", "/dev/fuse opens encrypted volumes.", "")
    return Precondition(
        "FUSE", "missing", "There is no /dev/fuse.", "Load its kernel module: sudo modprobe fuse"
    )


def _disk(home: Path) -> Precondition:
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    told = f"{free / (1 << 30):.1f} GiB are free at {place}."
    if free >= _NEEDED_BYTES:
        return Precondition("disk", "ok", told, "")
    return Precondition("disk", "warning", told, "Free some space: images need about 2 GiB.")


def _swap() -> Precondition:
    rows = Path("/proc/swaps").read_text().splitlines()[1:]
    plain = [row.split()[0] for row in rows if "zram" not in row and "dm-" not in row]
    if not plain:
        return Precondition("swap", "ok", "Nothing in RAM is written to a plain disk.", "")
    return Precondition(
        "swap",
        "warning",
        f"{', '.join(plain)} may receive memory of the apps in the clear.",
        "Turn it off (sudo swapoff -a) or encrypt it.",
    )


def _keychain(environment: Mapping[str, str]) -> Precondition:
    if session_has_one(environment):
        return Precondition("keychain", "ok", "The session has a Secret Service.", "")
    if running(environment):
        return Precondition("keychain", "ok", "The demo's own keyring runs, in RAM alone.", "")
    return Precondition(
        "keychain",
        "warning",
        "No Secret Service answers in this session: keys can be neither kept nor read.",
        "Start one, for example: dbus-run-session, then gnome-keyring-daemon --unlock",
    )


def _engine(environment: Mapping[str, str]) -> Precondition:
    other = find_other_engine(("/run/holdfast",), environment)
    if other is None:
        version = _version("dockerd")
        return Precondition("engine", "ok", f"No other engine runs here. {version}".strip(), "")
    return Precondition(
        "engine", "warning", f"Found {other}.", "Use it with --use-engine, or stop it first."
    )


def _version(program: str) -> str:
    if not (path := shutil.which(program, path=_PATH)):
        return ""
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return f"{done.stdout.strip()}."
