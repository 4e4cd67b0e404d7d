"""The demo's own keyring for sessions that have none: private, in RAM, gone after a reboot.

A bus and a GNOME Keyring outlive the command. The keyring's file, its random password and the
bus's socket lie in one folder in RAM; what the folder's tmpfs may lose to swap is not our choice.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from holdfast.adapters.ram_folder import SHARED_MEMORY, is_in_ram
from holdfast.adapters.secret_service import (
    ServiceState,
    holds_nothing,
    service_process,
    service_state,
)
from holdfast.domain.errors import KeychainUnreachable

_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <pidfile>{pidfile}</pidfile>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
  </policy>
</busconfig>
"""


#: Seconds for a daemon to answer, and to go when it is asked to.
_PATIENCE = 10.0
_GRACE = 2.0
#: Starts of a keyring before it is called unusable.
_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class SessionKeychain:
    """A bus with an unlocked Secret Service. started: by the call that returned it."""

    bus_address: str
    started: bool

    def environment(self) -> dict[str, str]:
        """What a process needs to reach it; nothing is set in our own environment."""
        return {"DBUS_SESSION_BUS_ADDRESS": self.bus_address}


def session_has_one(environment: Mapping[str, str]) -> bool:
    """Whether a Secret Service, locked or not, is on the session's own bus."""
    address = environment.get("DBUS_SESSION_BUS_ADDRESS", "")
    return bool(address) and service_state(address) is not ServiceState.ABSENT


def running(
    environment: Mapping[str, str] | None = None, shared_memory: Path = SHARED_MEMORY
) -> SessionKeychain | None:
    """The demo's keyring if one runs, unlocked; nothing is started."""
    for folder in _folders(os.environ if environment is None else environment, shared_memory):
        address = _address(folder)
        if _is_ours(folder) and service_state(address) is ServiceState.OPEN:
            return SessionKeychain(address, started=False)
    return None


def ensure(
    environment: Mapping[str, str] | None = None, shared_memory: Path = SHARED_MEMORY
) -> SessionKeychain:
    """A keyring for the demo: its own of before, the session's, or a new one.

    Its own comes first, because the demo's keys lie there. Raises KeychainUnreachable.
    """
    environment = os.environ if environment is None else environment
    folders = _folders(environment, shared_memory)
    before = next((folder for folder in folders if _is_ours(folder)), None)
    address = environment.get("DBUS_SESSION_BUS_ADDRESS", "")
    if before is None and address and service_state(address) is not ServiceState.ABSENT:
        return SessionKeychain(address, started=False)
    if not folders:
        raise _unusable("no folder in RAM", "Neither XDG_RUNTIME_DIR nor /dev/shm is a tmpfs.")
    folder = before or folders[0]
    with _locked(folder):
        if service_state(_address(folder)) is ServiceState.OPEN:
            return SessionKeychain(_address(folder), started=False)
        _stop_processes(folder)
        _start(folder)
        return SessionKeychain(_address(folder), started=True)


def stop(environment: Mapping[str, str] | None = None, shared_memory: Path = SHARED_MEMORY) -> bool:
    """End the demo's keyring and forget its keys; False if there was none."""
    folders = _folders(os.environ if environment is None else environment, shared_memory)
    found = [folder for folder in folders if _is_ours(folder)]
    for folder in found:
        with _locked(folder):
            _stop_processes(folder)
            shutil.rmtree(folder)
    return bool(found)


def stop_unused(
    environment: Mapping[str, str] | None = None, shared_memory: Path = SHARED_MEMORY
) -> bool:
    """End the demo's keyring if it keeps nothing any more; another node's keys may lie there."""
    ended = False
    for folder in _folders(os.environ if environment is None else environment, shared_memory):
        if not _is_ours(folder):
            continue
        with _locked(folder):
            if holds_nothing(_address(folder)):
                _stop_processes(folder)
                shutil.rmtree(folder)
                ended = True
    return ended


def _folders(environment: Mapping[str, str], shared_memory: Path) -> list[Path]:
    """Where the folder may lie, best first; all in RAM."""
    found = []
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    # sudo may hand down the folder of another user
    if runtime.startswith("/") and _is_private(Path(runtime)) and is_in_ram(Path(runtime)):
        found.append(Path(runtime) / "holdfast-keyring")
    if is_in_ram(shared_memory):
        found.append(shared_memory / f"holdfast-{os.geteuid()}")
    return found


def _is_private(folder: Path) -> bool:
    """Whether it is a real folder of ours that nobody else may enter."""
    try:
        facts = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(facts.st_mode)
        and facts.st_uid == os.geteuid()
        and not stat.S_IMODE(facts.st_mode) & 0o077
    )


def _is_ours(folder: Path) -> bool:
    return _is_private(folder) and (folder / "password").is_file()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder, made if need be, while a keyring in it is started or stopped."""
    descriptor = _lock(folder)
    # the one who held it before may have removed it
    while not (folder.exists() and os.path.samestat(os.fstat(descriptor), folder.stat())):
        os.close(descriptor)
        descriptor = _lock(folder)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(folder: Path) -> int:
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if not _is_private(folder):
        raise _unusable(f"{folder} is not safe", "It belongs to somebody else or is open to them.")
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _address(folder: Path) -> str:
    return f"unix:path={quote(str(folder / 'bus'))}"


def _start(folder: Path) -> None:
    # a daemon that comes up silent or locked is rare, and a second one is not
    for _ in range(_ATTEMPTS):
        state = _begin(folder)
        if state is ServiceState.OPEN:
            return
        _stop_processes(folder)
    if state is ServiceState.ABSENT:
        raise _unusable("it did not answer", f"It was given {_PATIENCE:g} s. Try again.")
    raise _unusable("it did not unlock", f"What it keeps in {folder} may be damaged.")


def _begin(folder: Path) -> ServiceState:
    (folder / "run").mkdir(mode=0o700, exist_ok=True)
    (folder / "bus").unlink(missing_ok=True)
    configuration = folder / "bus.conf"
    configuration.write_text(
        _BUS.format(address=escape(_address(folder)), pidfile=escape(str(folder / "bus.pid")))
    )
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "DBUS_SESSION_BUS_ADDRESS": _address(folder),
    }
    _daemonise(["dbus-daemon", f"--config-file={configuration}", "--fork"], environment)
    _daemonise(
        ["gnome-keyring-daemon", "--daemonize", "--unlock", "--components=secrets"],
        environment,
        _password(folder),
    )
    _wait(lambda: service_state(_address(folder)) is not ServiceState.ABSENT)
    _wait(lambda: service_state(_address(folder)) is ServiceState.OPEN, _GRACE)
    return service_state(_address(folder))


def _password(folder: Path) -> bytes:
    """The keyring's password, made at the first start; whole or not there at all."""
    path = folder / "password"
    if not path.exists():
        draft = folder / "password.new"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32))
        draft.rename(path)
    return path.read_bytes()


def _daemonise(
    command: list[str], environment: Mapping[str, str], standard_input: bytes = b""
) -> None:
    """Run a program that puts itself into the background and says with 0 that it is there."""
    try:
        # no pipe for its output: the daemon would hold the other end for ever
        subprocess.run(
            command,
            input=standard_input,
            env=dict(environment),
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=True,
        )
    except FileNotFoundError as error:
        raise _unusable(
            f"{command[0]} is not installed",
            "Install it, for example: sudo apt install gnome-keyring dbus-daemon",
        ) from error
    except (OSError, subprocess.SubprocessError) as error:
        raise _unusable(f"{command[0]} did not start", f"{type(error).__name__}.") from error


def _stop_processes(folder: Path) -> None:
    """End the keyring and the bus of this folder, each known for certain to be ours."""
    keyring = service_process(_address(folder))
    bus = 0
    with suppress(OSError, ValueError):
        bus = int((folder / "bus.pid").read_text())
        # the number in the file may have become another program's
        if str(folder / "bus.conf").encode() not in Path(f"/proc/{bus}/cmdline").read_bytes():
            bus = 0
    for process in filter(None, (keyring, bus)):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)
        if not _wait(partial(_is_gone, process), _GRACE):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
    (folder / "bus.pid").unlink(missing_ok=True)


def _is_gone(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def _wait(condition: Callable[[], bool], patience: float = _PATIENCE) -> bool:
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _unusable(why: str, next: str) -> KeychainUnreachable:
    return KeychainUnreachable("No keyring could be made for the demo:", f"{why}.", next)
