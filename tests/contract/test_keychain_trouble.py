"""What a hostile or broken session does to the keychain adapter, with real daemons."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from jeepney import DBusErrorResponse, Message, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy
from private_session import PrivateBus, PrivateSecretService
from waiting import wait_until

from holdfast.adapters.keychain import KeyringKeychain
from holdfast.adapters.secret_service import SecretServiceItems, bus_connection
from holdfast.domain.errors import (
    KeychainError,
    KeychainLocked,
    KeychainUnreachable,
    KeyMissing,
)
from holdfast.domain.secret import Secret

SERVICE = "holdfast-trouble"
SECRETS = "org.freedesktop.secrets"


def keychain_at(address: str, timeout: float = 10.0, prompt: float = 10.0) -> KeyringKeychain:
    return KeyringKeychain(timeout, prompt, {"DBUS_SESSION_BUS_ADDRESS": address})


@pytest.fixture
def no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of settings; keyring looks for its own in `python_keyring` below."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "python_keyring").mkdir()
    return tmp_path / "python_keyring" / "keyringrc.cfg"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nonsense",
        "disabled:",
        "autolaunch:",
        "tcp:host=127.0.0.1,port=1",
        "unixexec:path=/bin/false",
        "unix:path=/nonexistent",
        "unix:path=/dev/null",
        "unix:path=" + "x" * 200,
        "unix:path=/a\0b",
        ";",
    ],
)
def test_a_session_without_a_bus_is_unreachable(address: str) -> None:
    with pytest.raises(KeychainUnreachable) as raised:
        keychain_at(address).read(SERVICE, "item")
    assert "gnome-keyring-daemon --unlock" in raised.value.next


REFUSED = [
    "keyring.backends.null.Keyring",
    "keyring.backends.fail.Keyring",
    "keyrings.alt.file.PlaintextKeyring",
    "holdfast_test_stranger.Keyring",
    "nonsense",
]


@pytest.mark.parametrize("name", REFUSED)
def test_a_backend_that_is_no_keychain_is_refused_by_name(name: str, no_settings: Path) -> None:
    keychain = KeyringKeychain(environment={"PYTHON_KEYRING_BACKEND": name})
    with pytest.raises(KeychainUnreachable) as raised:
        keychain.write(SERVICE, "item", Secret(b"x"))
    assert name in raised.value.what
    assert "PYTHON_KEYRING_BACKEND" in raised.value.next


@pytest.mark.parametrize("name", REFUSED)
def test_so_is_one_out_of_its_settings(name: str, no_settings: Path) -> None:
    no_settings.write_text(f"[backend]\ndefault-keyring={name}\nkeyring-path=/tmp\n")
    with pytest.raises(KeychainUnreachable) as raised:
        KeyringKeychain(environment={}).write(SERVICE, "item", Secret(b"x"))
    assert name in raised.value.what
    assert str(no_settings) in raised.value.next


def test_a_refused_backend_is_never_loaded(
    no_settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "holdfast_test_stranger.py").write_text("raise SystemExit('loaded')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    environment = {"PYTHON_KEYRING_BACKEND": "holdfast_test_stranger.Keyring"}
    with pytest.raises(KeychainUnreachable):
        KeyringKeychain(environment=environment).names(SERVICE)
    assert "holdfast_test_stranger" not in sys.modules


@pytest.mark.parametrize("damage", [b"\xff\xfe\0", b"no section", b"[backend\n"])
def test_damaged_settings_are_named(no_settings: Path, damage: bytes) -> None:
    no_settings.write_bytes(damage)
    with pytest.raises(KeychainUnreachable) as raised:
        KeyringKeychain(environment={}).names(SERVICE)
    assert str(no_settings) in raised.value.why


def test_a_real_backend_of_another_system_is_refused(no_settings: Path) -> None:
    environment = {"PYTHON_KEYRING_BACKEND": "keyring.backends.Windows.WinVaultKeyring"}
    with pytest.raises(KeychainUnreachable, match="WinVaultKeyring"):
        KeyringKeychain(environment=environment).names(SERVICE)


@pytest.mark.keychain
@pytest.mark.parametrize(
    "name", ["keyring.backends.chainer.ChainerBackend", "keyring.backends.SecretService.Keyring"]
)
def test_the_chainer_stands_for_the_first_real_keychain(
    secret_service: PrivateSecretService, name: str
) -> None:
    environment = secret_service.environment | {"PYTHON_KEYRING_BACKEND": name}
    keychain = KeyringKeychain(environment=environment)
    keychain.write(SERVICE, "chained", Secret(b"x"))
    assert keychain.label == "GNOME Keyring"
    assert keychain_at(secret_service.bus.address).read(SERVICE, "chained") == Secret(b"x")


@pytest.mark.keychain
def test_a_secret_service_is_never_started(private_bus: PrivateBus) -> None:
    witness = private_bus.folder / "started"
    (private_bus.folder / "services" / f"{SECRETS}.service").write_text(
        f"[D-BUS Service]\nName={SECRETS}\nExec=/usr/bin/touch {witness}\n"
    )
    with private_bus.connect() as connection:
        Proxy(message_bus, connection).ReloadConfig()
        assert SECRETS in Proxy(message_bus, connection).ListActivatableNames()[0]
    with pytest.raises(KeychainUnreachable, match=SECRETS):
        keychain_at(private_bus.address).read(SERVICE, "item")
    # nor by a call that comes just after the service has gone
    with (
        bus_connection(private_bus.address, timeout=2) as connection,
        pytest.raises(DBusErrorResponse, match="NameHasNoOwner"),
    ):
        SecretServiceItems(connection)
    assert not witness.exists()


@pytest.mark.keychain
def test_a_keychain_that_hangs_is_given_up(secret_service: PrivateSecretService) -> None:
    assert secret_service.process is not None
    keychain = keychain_at(secret_service.bus.address, timeout=0.2)
    started = time.monotonic()
    os.kill(secret_service.process.pid, signal.SIGSTOP)
    try:
        with pytest.raises(KeychainUnreachable, match=r"within 0\.2 s"):
            keychain.read(SERVICE, "item")
        assert time.monotonic() - started < 5
    finally:
        os.kill(secret_service.process.pid, signal.SIGCONT)
    with pytest.raises(KeyMissing):
        keychain.read(SERVICE, "item")


@contextmanager
def owning(bus: PrivateBus, name: str) -> Iterator[DBusConnection]:
    with bus.connect() as connection:
        assert Proxy(message_bus, connection).RequestName(name)[0] == 1
        yield connection


@pytest.mark.keychain
def test_a_prompt_that_nobody_answers_means_locked(secret_service: PrivateSecretService) -> None:
    keychain = keychain_at(secret_service.bus.address, prompt=0.2)
    with owning(secret_service.bus, "org.gnome.keyring.SystemPrompter"):
        secret_service.lock()
        try:
            with pytest.raises(KeychainLocked, match=r"nobody answered within 0\.2 s"):
                keychain.read(SERVICE, "item")
        finally:
            secret_service.unlock()


@contextmanager
def impostor(bus: PrivateBus, answer: str) -> Iterator[None]:
    """A Secret Service that gives the same wrong answer to everything."""

    def reply(call: Message) -> Message:
        if answer == "refusal":
            return new_error(call, "org.example.No", "s", ("marker-of-a-secret",))
        if answer == "locked":
            return new_error(call, "org.freedesktop.Secret.Error.IsLocked")
        if answer == "text":
            return new_method_return(call, "v", (("s", "marker-of-a-secret"),))
        if answer == "numbers":
            return new_method_return(call, "uu", (1, 2))
        return new_method_return(call)

    def serve(connection: DBusConnection) -> None:
        try:
            while True:
                message = connection.receive()
                if message.header.message_type is MessageType.method_call:
                    connection.send(reply(message))
        except (OSError, ValueError):
            return

    with owning(bus, SECRETS) as connection:
        thread = Thread(target=serve, args=(connection,))
        thread.start()
        try:
            yield
        finally:
            bus.close()
            thread.join(10)


@pytest.mark.keychain
@pytest.mark.parametrize("answer", ["refusal", "text", "numbers", "nothing"])
@pytest.mark.parametrize("call", ["read", "write", "delete", "names"])
def test_answers_that_break_the_protocol_are_an_unreachable_keychain(
    private_bus: PrivateBus, answer: str, call: str
) -> None:
    keychain = keychain_at(private_bus.address, timeout=2, prompt=1)
    with impostor(private_bus, answer), pytest.raises(KeychainError) as raised:
        if call == "write":
            keychain.write(SERVICE, "item", Secret(b"x"))
        elif call == "names":
            keychain.names(SERVICE)
        else:
            getattr(keychain, call)(SERVICE, "item")
    assert "marker-of-a-secret" not in str(raised.value)


@pytest.mark.keychain
def test_a_keychain_that_locks_in_between_says_so(private_bus: PrivateBus) -> None:
    with impostor(private_bus, "locked"), pytest.raises(KeychainLocked):
        keychain_at(private_bus.address).read(SERVICE, "item")


@pytest.mark.keychain
def test_a_keychain_without_a_collection_is_empty(
    secret_service: PrivateSecretService, tmp_path: Path
) -> None:
    bus = PrivateBus(tmp_path / "b")
    # not unlocked: nothing was ever kept, hence there is nothing to lock
    with subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--components=secrets"],
        env=bus.environment | {"PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_until(lambda: bus.owns(SECRETS))
            keychain = keychain_at(bus.address, prompt=1)
            assert keychain.names(SERVICE) == []
            keychain.delete(SERVICE, "item")
            with pytest.raises(KeyMissing):
                keychain.read(SERVICE, "item")
            with pytest.raises(KeychainLocked):
                keychain.write(SERVICE, "item", Secret(b"x"))
        finally:
            process.kill()
            bus.close()
