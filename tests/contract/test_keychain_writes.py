"""A write to a real keychain that dies half way leaves one usable value."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from private_session import PrivateSecretService
from secretstorage import Collection

from holdfast.adapters.keychain import KeyringKeychain
from holdfast.adapters.keychain_choice import choose_store
from holdfast.domain.errors import (
    KeychainError,
    KeyMissing,
)
from holdfast.domain.secret import Secret

SERVICE = "holdfast-trouble"
WRITER = """
import itertools, sys
from holdfast.adapters.keychain import KeyringKeychain
from holdfast.domain.secret import Secret
keychain = KeyringKeychain(environment={"DBUS_SESSION_BUS_ADDRESS": sys.argv[1]})
print("ready", flush=True)
for digit in itertools.cycle(b"123456789"):
    keychain.write("holdfast-trouble", "killed", Secret(bytes([digit]) * 5000))
"""


@pytest.mark.keychain
class TestInterruptedWrites:
    """new-then-switch: whatever dies in between, one usable value is there."""

    @pytest.fixture
    def keychain(self, secret_service: PrivateSecretService) -> KeyringKeychain:
        address = secret_service.bus.address
        return KeyringKeychain(10.0, 10.0, {"DBUS_SESSION_BUS_ADDRESS": address})

    def test_a_new_value_alone_is_found_used_and_deleted(
        self, keychain: KeyringKeychain, secret_service: PrivateSecretService
    ) -> None:
        with choose_store(secret_service.environment, 10, 10).open() as items:
            items.put(SERVICE, "half.new", "aGFsZg==")
        assert "half" in keychain.names(SERVICE)
        assert keychain.read(SERVICE, "half") == Secret(b"half")
        keychain.delete(SERVICE, "half")
        assert "half" not in keychain.names(SERVICE)

    def test_a_damaged_item_yields_to_the_new_value_beside_it(
        self, keychain: KeyringKeychain, secret_service: PrivateSecretService
    ) -> None:
        with choose_store(secret_service.environment, 10, 10).open() as items:
            items.put(SERVICE, "torn", "aGFs*")
            items.put(SERVICE, "torn.new", "aGFsZg==")
        assert keychain.read(SERVICE, "torn") == Secret(b"half")
        keychain.write(SERVICE, "torn", Secret(b"whole"))
        assert keychain.read(SERVICE, "torn") == Secret(b"whole")
        keychain.delete(SERVICE, "torn")

    def test_a_damaged_item_is_damaged_not_missing(
        self, keychain: KeyringKeychain, secret_service: PrivateSecretService
    ) -> None:
        with choose_store(secret_service.environment, 10, 10).open() as items:
            items.put(SERVICE, "torn", "marker*")
        with pytest.raises(KeychainError, match="damaged") as raised:
            keychain.read(SERVICE, "torn")
        assert not isinstance(raised.value, KeyMissing)
        assert "marker" not in str(raised.value)
        keychain.delete(SERVICE, "torn")

    def test_a_finished_write_leaves_one_item(
        self, keychain: KeyringKeychain, secret_service: PrivateSecretService
    ) -> None:
        keychain.write(SERVICE, "done", Secret(b"x"))
        with choose_store(secret_service.environment, 10, 10).open() as items:
            assert "done" in items.names(SERVICE)
            assert "done.new" not in items.names(SERVICE)
        keychain.delete(SERVICE, "done")

    def test_twins_of_another_program_yield_to_one(
        self, keychain: KeyringKeychain, secret_service: PrivateSecretService
    ) -> None:
        with secret_service.bus.connect() as connection:
            for program in ("one", "two"):
                attributes = {"service": SERVICE, "username": "twin", "application": program}
                Collection(connection).create_item("twin", attributes, b"b2xk")
        keychain.write(SERVICE, "twin", Secret(b"new"))
        with choose_store(secret_service.environment, 10, 10).open() as items:
            assert items.names(SERVICE).count("twin") == 1
        assert keychain.read(SERVICE, "twin") == Secret(b"new")
        keychain.delete(SERVICE, "twin")
        assert "twin" not in keychain.names(SERVICE)

    def test_a_writer_killed_at_any_point_leaves_a_whole_value(
        self, keychain: KeyringKeychain, secret_service: PrivateSecretService
    ) -> None:
        keychain.write(SERVICE, "killed", Secret(b"0" * 5000))
        for _ in range(8):
            with writer(secret_service) as process:
                assert process.stdout is not None
                process.stdout.readline()
                let_work(process)
                process.kill()
            assert set(keychain.read(SERVICE, "killed").reveal()) <= set(b"0123456789")
            assert len(set(keychain.read(SERVICE, "killed").reveal())) == 1
            assert len(keychain.read(SERVICE, "killed").reveal()) == 5000
        keychain.delete(SERVICE, "killed")
        assert "killed" not in keychain.names(SERVICE)

    def test_a_keychain_killed_at_any_point_keeps_a_whole_value(
        self, keychain: KeyringKeychain, secret_service: PrivateSecretService
    ) -> None:
        keychain.write(SERVICE, "killed", Secret(b"0" * 5000))
        for _ in range(8):
            with writer(secret_service) as process:
                assert process.stdout is not None
                process.stdout.readline()
                let_work(process)
                secret_service.stop()
                process.kill()
            secret_service.start()
            value = keychain.read(SERVICE, "killed").reveal()
            assert len(value) == 5000
            assert len(set(value)) == 1
        keychain.delete(SERVICE, "killed")


@contextmanager
def writer(service: PrivateSecretService) -> Iterator[subprocess.Popen[bytes]]:
    """A process that writes one whole value after the other until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, service.bus.address],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def let_work(process: subprocess.Popen[bytes]) -> None:
    """Let it write for a random while: the point of the blow is the experiment."""
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(random.uniform(0, 0.1))
