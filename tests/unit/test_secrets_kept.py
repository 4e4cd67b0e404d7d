"""An app's secrets in the keychain: the version before the last change, and crashes in between."""

from __future__ import annotations

from pathlib import Path

import pytest
from key_world import KeyWorld
from memory_keychain import MemoryKeychain

from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret
from holdfast.node.keys import NodeKeys

APP = AppName("fleet-map")
ONE, TWO, THREE = Secret(b"a = 1"), Secret(b"a = 2"), Secret(b"a = 3")


class Crash(Exception):
    """The process ends between two writes."""


class CrashingKeychain(MemoryKeychain):
    """writes: how many it takes before it crashes; None for any number."""

    writes: int | None = None

    def write(self, service: str, name: str, value: Secret) -> None:
        if self.writes == 0:
            raise Crash
        if self.writes is not None:
            self.writes -= 1
        super().write(service, name, value)


@pytest.fixture
def keychain() -> CrashingKeychain:
    return CrashingKeychain()


@pytest.fixture
def keys(keychain: CrashingKeychain, tmp_path: Path) -> NodeKeys:
    return KeyWorld(tmp_path).workstation(keychain)


def test_the_version_before_a_change_is_kept(keys: NodeKeys) -> None:
    assert (keys.secrets(APP), keys.secrets_before(APP)) == (Secret(b""), None)
    keys.store_secrets(APP, ONE)
    assert (keys.secrets(APP), keys.secrets_before(APP)) == (ONE, None)
    keys.store_secrets(APP, TWO)
    assert (keys.secrets(APP), keys.secrets_before(APP)) == (TWO, ONE)
    keys.store_secrets(APP, TWO)
    assert (keys.secrets(APP), keys.secrets_before(APP)) == (TWO, ONE)


def test_undone_and_undone_again(keys: NodeKeys) -> None:
    keys.store_secrets(APP, ONE)
    keys.store_secrets(APP, TWO)
    keys.store_secrets(APP, ONE)
    assert (keys.secrets(APP), keys.secrets_before(APP)) == (ONE, TWO)
    keys.store_secrets(APP, TWO)
    assert (keys.secrets(APP), keys.secrets_before(APP)) == (TWO, ONE)


@pytest.mark.parametrize("writes", [0, 1])
@pytest.mark.parametrize("wanted", [ONE, THREE], ids=["undo", "change"])
def test_a_crash_between_two_writes_loses_neither_what_is_nor_what_is_wanted(
    keychain: CrashingKeychain, keys: NodeKeys, writes: int, wanted: Secret
) -> None:
    keys.store_secrets(APP, ONE)
    keys.store_secrets(APP, TWO)
    keychain.writes = writes
    with pytest.raises(Crash):
        keys.store_secrets(APP, wanted)
    keychain.writes = None
    assert keys.secrets(APP) in (TWO, wanted)
    if wanted == ONE:
        assert ONE in (keys.secrets(APP), keys.secrets_before(APP))
    keys.store_secrets(APP, wanted)
    assert keys.secrets(APP) == wanted


def test_both_go_with_the_app(keys: NodeKeys) -> None:
    keys.store_secrets(APP, ONE)
    keys.store_secrets(APP, TWO)
    assert {item.id for item in keys.forget(APP)} == {f"secrets/{APP}", f"secrets-before/{APP}"}
    assert keys.items(APP) == []
