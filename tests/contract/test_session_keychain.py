"""The demo's own keyring: real daemons in a folder in RAM that is the test's own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from private_session import PrivateSecretService
from waiting import wait_until

from holdfast.adapters.keychain import KeyringKeychain
from holdfast.adapters.secret_service import service_process
from holdfast.adapters.session_keychain import (
    SessionKeychain,
    ensure,
    running,
    stop,
    stop_unused,
)
from holdfast.domain.errors import KeychainUnreachable
from holdfast.domain.secret import Secret

pytestmark = pytest.mark.keychain
SERVICE = "holdfast-demo"


@pytest.fixture
def memory() -> Iterator[Path]:
    """Stands for /dev/shm, on the same tmpfs."""
    with tempfile.TemporaryDirectory(prefix="hf-", dir="/dev/shm") as folder:
        try:
            yield Path(folder)
        finally:
            stop({}, Path(folder))


def keychain(session: SessionKeychain) -> KeyringKeychain:
    return KeyringKeychain(environment=session.environment())


def ours(memory: Path) -> Path:
    return memory / f"holdfast-{os.geteuid()}"


def processes_of(memory: Path) -> dict[int, bytes]:
    """All processes that know the folder, with their arguments."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes()
            surroundings = (process / "environ").read_bytes()
        except OSError:
            continue
        if str(memory).encode() in arguments + surroundings:
            found[int(process.name)] = arguments
    return found


def test_it_starts_once_and_keeps_what_is_written(memory: Path) -> None:
    assert running({}, memory) is None
    first = ensure({}, memory)
    keychain(first).write(SERVICE, "key", Secret(b"value"))
    second = ensure({}, memory)
    assert (first.started, second.started) == (True, False)
    assert second.bus_address == first.bus_address
    assert running({}, memory) == second
    assert keychain(second).read(SERVICE, "key") == Secret(b"value")


def test_it_outlives_the_command_that_started_it(memory: Path) -> None:
    command = (
        "import sys; from pathlib import Path\n"
        "from holdfast.adapters.session_keychain import ensure\n"
        "print(ensure({}, Path(sys.argv[1])).started)"
    )
    # output through a pipe: the daemons must not hold its other end
    both = [
        subprocess.Popen([sys.executable, "-c", command, memory], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    answers = sorted(process.communicate(timeout=30)[0].strip() for process in both)
    assert answers == [b"False", b"True"], "two commands at once started two keyrings"
    found = running({}, memory)
    assert found is not None
    keychain(found).write(SERVICE, "key", Secret(b"value"))
    sessions = {os.getsid(process) for process in processes_of(memory)}
    assert len(sessions) == 2
    assert os.getsid(0) not in sessions


def test_all_of_it_is_private_and_its_password_in_no_argument(memory: Path) -> None:
    ensure({}, memory)
    assert ours(memory).stat().st_mode & 0o777 == 0o700
    password = (ours(memory) / "password").read_bytes()
    assert len(password) >= 32
    assert (ours(memory) / "password").stat().st_mode & 0o777 == 0o600
    for process, arguments in processes_of(memory).items():
        assert password not in arguments
        # what the bus began for a moment may have ended
        with suppress(OSError):
            assert password not in Path(f"/proc/{process}/environ").read_bytes()


@pytest.mark.parametrize("victim", ["keyring", "bus", "both"])
def test_a_killed_one_comes_back_with_its_keys(memory: Path, victim: str) -> None:
    session = ensure({}, memory)
    keychain(session).write(SERVICE, "key", Secret(b"value"))
    victims = {
        "keyring": service_process(session.bus_address),
        "bus": int((ours(memory) / "bus.pid").read_text()),
    }
    for name, process in victims.items():
        if victim in (name, "both"):
            os.kill(process, signal.SIGKILL)
    wait_until(lambda: running({}, memory) is None)
    again = ensure({}, memory)
    assert again.started
    assert keychain(again).read(SERVICE, "key") == Secret(b"value")


def test_a_locked_one_is_unlocked(memory: Path) -> None:
    session = ensure({}, memory)
    keychain(session).write(SERVICE, "key", Secret(b"value"))
    lock = [
        "dbus-send",
        "--session",
        "--print-reply",
        "--dest=org.freedesktop.secrets",
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.Lock",
        "array:objpath:/org/freedesktop/secrets/aliases/default",
    ]
    environment = os.environ | session.environment()
    subprocess.run(lock, env=environment, check=True, stdout=subprocess.DEVNULL)
    assert running({}, memory) is None
    assert keychain(ensure({}, memory)).read(SERVICE, "key") == Secret(b"value")


def test_one_that_comes_up_locked_is_begun_once_more(
    memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = ensure({}, memory)
    keychain(session).write(SERVICE, "key", Secret(b"value"))
    stop_daemons(memory)
    real = shutil.which("gnome-keyring-daemon")
    fails_once = tmp_path / "gnome-keyring-daemon"
    fails_once.write_text(
        "#!/bin/sh\n"
        f'if mkdir {tmp_path}/tried 2>/dev/null; then echo wrong | {real} "$@"\n'
        f'else exec {real} "$@"; fi\n'
    )
    fails_once.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert keychain(ensure({}, memory)).read(SERVICE, "key") == Secret(b"value")
    assert (tmp_path / "tried").is_dir()


def test_a_number_that_became_another_programs_is_left_alone(memory: Path) -> None:
    session = ensure({}, memory)
    bus = int((ours(memory) / "bus.pid").read_text())
    os.kill(bus, signal.SIGKILL)
    wait_until(lambda: running({}, memory) is None)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            (ours(memory) / "bus.pid").write_text(f"{stranger.pid}\n")
            assert ensure({}, memory) == SessionKeychain(session.bus_address, started=True)
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_stopping_leaves_nothing(memory: Path) -> None:
    ensure({}, memory)
    assert len(processes_of(memory)) == 2
    assert stop({}, memory) is True
    wait_until(lambda: not processes_of(memory))
    assert list(memory.iterdir()) == []
    assert stop({}, memory) is False
    assert running({}, memory) is None


def test_it_is_ended_once_it_keeps_nothing(memory: Path) -> None:
    kept = keychain(ensure({}, memory))
    kept.write(SERVICE, "key", Secret(b"value"))
    kept.write("holdfast:another-node", "key", Secret(b"other"))
    kept.delete(SERVICE, "key")
    assert stop_unused({}, memory) is False
    assert kept.read("holdfast:another-node", "key") == Secret(b"other")
    kept.delete("holdfast:another-node", "key")
    assert stop_unused({}, memory) is True
    wait_until(lambda: not processes_of(memory))
    assert list(memory.iterdir()) == []
    assert stop_unused({}, memory) is False


def test_one_that_does_not_answer_is_not_thought_empty(memory: Path) -> None:
    kept = keychain(ensure({}, memory))
    kept.write(SERVICE, "key", Secret(b"value"))
    stop_daemons(memory)
    assert stop_unused({}, memory) is False
    assert keychain(ensure({}, memory)).read(SERVICE, "key") == Secret(b"value")


def test_a_session_with_a_keyring_keeps_its_own(
    memory: Path, secret_service: PrivateSecretService
) -> None:
    session = ensure(secret_service.environment, memory)
    assert session == SessionKeychain(secret_service.bus.address, started=False)
    assert list(memory.iterdir()) == []


def test_what_the_demo_began_in_it_stays_in_it(
    memory: Path, secret_service: PrivateSecretService
) -> None:
    begun = ensure({}, memory)
    assert ensure(secret_service.environment, memory).bus_address == begun.bus_address


def test_a_private_runtime_folder_in_ram_is_preferred(memory: Path, tmp_path: Path) -> None:
    (memory / "shm").mkdir()
    runtime = memory / "runtime"
    runtime.mkdir(mode=0o700)
    environment = {"XDG_RUNTIME_DIR": str(runtime)}
    try:
        ensure(environment, memory / "shm")
        assert [path.name for path in runtime.iterdir()] == ["holdfast-keyring"]
    finally:
        stop(environment, memory / "shm")
    # on a disk, or open to others, it is passed over
    runtime.chmod(0o755)
    for unfit in (str(runtime), str(tmp_path), "relative", "/nonexistent"):
        ensure({"XDG_RUNTIME_DIR": unfit}, memory)
        assert ours(memory).is_dir()
    assert list(runtime.iterdir()) == []


def test_a_disk_is_never_used() -> None:
    # not below /tmp, which may be in RAM
    with TemporaryDirectory(dir="/var/tmp") as name:
        disk = Path(name)
        with pytest.raises(KeychainUnreachable, match="tmpfs"):
            ensure({"XDG_RUNTIME_DIR": name}, disk)
        assert list(disk.iterdir()) == []


@pytest.mark.parametrize("trap", ["open", "link", "file"])
def test_a_folder_that_somebody_prepared_is_refused(
    memory: Path, tmp_path: Path, trap: str
) -> None:
    if trap == "open":
        ours(memory).mkdir()
        ours(memory).chmod(0o777)
    elif trap == "link":
        tmp_path.chmod(0o700)
        ours(memory).symlink_to(tmp_path)
    else:
        ours(memory).write_text("")
    with pytest.raises(KeychainUnreachable, match="not safe"):
        ensure({}, memory)
    assert processes_of(memory) == {}


def test_missing_programs_are_named(
    memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KeychainUnreachable, match="dbus-daemon is not installed") as raised:
        ensure({}, memory)
    assert "apt install" in raised.value.next


def test_a_damaged_keyring_is_told_and_left(memory: Path) -> None:
    ensure({}, memory)
    stop_daemons(memory)
    (ours(memory) / "password").write_text("another")
    with pytest.raises(KeychainUnreachable, match="did not unlock"):
        ensure({}, memory)
    assert (ours(memory) / "data").is_dir()
    wait_until(lambda: not processes_of(memory))


def stop_daemons(memory: Path) -> None:
    for process in processes_of(memory):
        # the keyring may follow its bus before it is its turn
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    wait_until(lambda: not processes_of(memory))
