"""One contract for every keychain: the session's real one and the one in memory."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringError, KeyringLocked, PasswordSetError
from memory_keychain import KeychainFault, MemoryKeychain
from private_session import PrivateSecretService

from holdfast.adapters.keychain import KeyringKeychain
from holdfast.adapters.keychain_choice import Store
from holdfast.adapters.keyring_items import KeyringStore
from holdfast.domain.errors import KeychainLocked, KeychainUnreachable, KeyMissing
from holdfast.domain.secret import Secret
from holdfast.ports import Keychain

SERVICE = "holdfast-contract"
OTHER = "holdfast-contract-other"
Fault = Callable[[], AbstractContextManager[None]]


class KeychainContract:
    """A subclass provides `keychain` and the two faults as contexts."""

    @pytest.fixture(autouse=True)
    def _empty(self, keychain: Keychain) -> Iterator[None]:
        for service in (SERVICE, OTHER):
            for name in keychain.names(service):
                keychain.delete(service, name)
        yield

    @pytest.mark.parametrize(
        "value",
        [b"", b"\0", bytes(range(256)), b"line\nline\r\n", "ключ €".encode(), b"k" * 100_000],
        ids=["empty", "nul", "all-bytes", "lines", "utf-8", "100-kB"],
    )
    def test_gives_back_what_was_written(self, keychain: Keychain, value: bytes) -> None:
        keychain.write(SERVICE, "item", Secret(value))
        assert keychain.read(SERVICE, "item") == Secret(value)

    def test_a_second_write_replaces_the_first(self, keychain: Keychain) -> None:
        keychain.write(SERVICE, "item", Secret(b"one" * 1000))
        keychain.write(SERVICE, "item", Secret(b"two"))
        assert keychain.read(SERVICE, "item") == Secret(b"two")
        assert keychain.names(SERVICE) == ["item"]

    def test_names_lists_the_items_of_one_service_alone(self, keychain: Keychain) -> None:
        assert keychain.names(SERVICE) == []
        for name in ("b", "a", "Größe/1"):
            keychain.write(SERVICE, name, Secret(b"x"))
        keychain.write(OTHER, "c", Secret(b"x"))
        assert keychain.names(SERVICE) == ["Größe/1", "a", "b"]
        assert keychain.names(OTHER) == ["c"]

    def test_the_same_name_in_two_services_is_two_items(self, keychain: Keychain) -> None:
        keychain.write(SERVICE, "item", Secret(b"one"))
        keychain.write(OTHER, "item", Secret(b"two"))
        keychain.delete(OTHER, "item")
        assert keychain.read(SERVICE, "item") == Secret(b"one")

    def test_what_was_never_written_is_missing(self, keychain: Keychain) -> None:
        with pytest.raises(KeyMissing):
            keychain.read(SERVICE, "item")

    def test_what_was_deleted_is_missing_and_may_be_deleted_again(self, keychain: Keychain) -> None:
        keychain.write(SERVICE, "item", Secret(b"x"))
        keychain.delete(SERVICE, "item")
        keychain.delete(SERVICE, "item")
        assert keychain.names(SERVICE) == []
        with pytest.raises(KeyMissing):
            keychain.read(SERVICE, "item")

    @pytest.mark.parametrize("call", ["read", "write", "delete", "names"])
    def test_a_locked_keychain_says_so(self, keychain: Keychain, locked: Fault, call: str) -> None:
        keychain.write(SERVICE, "item", Secret(b"before"))
        with locked(), pytest.raises(KeychainLocked) as raised:
            ask(keychain, call)
        assert raised.value.next
        assert keychain.read(SERVICE, "item") == Secret(b"before")

    @pytest.mark.parametrize("call", ["read", "write", "delete", "names"])
    def test_an_absent_keychain_says_so(self, keychain: Keychain, absent: Fault, call: str) -> None:
        keychain.write(SERVICE, "item", Secret(b"before"))
        with absent(), pytest.raises(KeychainUnreachable) as raised:
            ask(keychain, call)
        assert raised.value.next
        assert keychain.read(SERVICE, "item") == Secret(b"before")

    @pytest.mark.parametrize(
        ("service", "name"), [("other", "x"), (SERVICE, ""), (SERVICE, "x.new"), (SERVICE, ".x")]
    )
    def test_an_item_that_is_none_of_ours_is_refused(
        self, keychain: Keychain, service: str, name: str
    ) -> None:
        for call in (keychain.read, keychain.delete):
            with pytest.raises(ValueError):
                call(service, name)
        with pytest.raises(ValueError):
            keychain.write(service, name, Secret(b"x"))

    def test_it_has_a_name_for_the_user(self, keychain: Keychain) -> None:
        assert keychain.label


def ask(keychain: Keychain, call: str) -> None:
    if call == "read":
        keychain.read(SERVICE, "item")
    elif call == "write":
        keychain.write(SERVICE, "item", Secret(b"after"))
    elif call == "delete":
        keychain.delete(SERVICE, "item")
    else:
        keychain.names(SERVICE)


class TestMemoryKeychain(KeychainContract):
    @pytest.fixture
    def keychain(self) -> MemoryKeychain:
        return MemoryKeychain()

    @pytest.fixture
    def locked(self, keychain: MemoryKeychain) -> Fault:
        return lambda: fault(keychain, KeychainFault.LOCKED)

    @pytest.fixture
    def absent(self, keychain: MemoryKeychain) -> Fault:
        return lambda: fault(keychain, KeychainFault.UNREACHABLE)

    def test_one_that_dies_on_a_write_keeps_what_was_there(self) -> None:
        keychain = MemoryKeychain()
        keychain.write(SERVICE, "item", Secret(b"before"))
        with fault(keychain, KeychainFault.DIES_ON_WRITE), pytest.raises(KeychainUnreachable):
            keychain.write(SERVICE, "item", Secret(b"after"))
        assert keychain.read(SERVICE, "item") == Secret(b"before")


@contextmanager
def fault(keychain: MemoryKeychain, which: KeychainFault) -> Iterator[None]:
    keychain.faults.add(which)
    yield
    keychain.faults.clear()


@pytest.mark.keychain
class TestSecretService(KeychainContract):
    @pytest.fixture
    def locked(self, secret_service: PrivateSecretService) -> Fault:
        @contextmanager
        def lock() -> Iterator[None]:
            secret_service.lock()
            yield
            secret_service.unlock()

        return lock

    @pytest.fixture
    def absent(self, secret_service: PrivateSecretService) -> Fault:
        @contextmanager
        def stop() -> Iterator[None]:
            secret_service.stop()
            yield
            secret_service.start()

        return stop

    @pytest.fixture
    def keychain(self, secret_service: PrivateSecretService) -> KeyringKeychain:
        return KeyringKeychain(environment=secret_service.environment)

    def test_its_label_names_the_program(self, keychain: KeyringKeychain) -> None:
        assert keychain.label == "GNOME Keyring"


class SmallKeyring(KeyringBackend):
    """A keychain like Windows': it lists nothing and holds 1,280 characters an item."""

    priority = -1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.texts: dict[tuple[str, str], str] = {}
        self.refusal: KeyringError | None = None
        self.lives: int | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self._refuse()
        return self.texts.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._refuse()
        if len(password) > 1280:
            raise PasswordSetError("too long")
        self._live_on(service, username)
        self.texts[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._refuse()
        self._live_on(service, username)
        del self.texts[service, username]

    @contextmanager
    def refusing(self, error: KeyringError) -> Iterator[None]:
        self.refusal = error
        yield
        self.refusal = None

    def _live_on(self, service: str, username: str) -> None:
        """Die at the change after `lives` others, and lose what was being changed."""
        if self.lives is not None:
            self.lives -= 1
            if self.lives < 0:
                self.texts.pop((service, username), None)
                raise InitError("gone")

    def _refuse(self) -> None:
        if self.refusal is not None:
            raise self.refusal


class SmallKeychain(KeyringKeychain):
    """The adapter as it works on systems whose keychain only keyring reaches."""

    def __init__(self, backend: SmallKeyring) -> None:
        super().__init__()
        self._backend = backend

    def _store(self) -> Store:
        return KeyringStore("Small keyring", self._backend, part_size=1_200)


class TestKeyringLibrary(KeychainContract):
    @pytest.fixture
    def backend(self) -> SmallKeyring:
        return SmallKeyring()

    @pytest.fixture
    def keychain(self, backend: SmallKeyring) -> KeyringKeychain:
        return SmallKeychain(backend)

    @pytest.fixture
    def locked(self, backend: SmallKeyring) -> Fault:
        return lambda: backend.refusing(KeyringLocked("locked"))

    @pytest.fixture
    def absent(self, backend: SmallKeyring) -> Fault:
        return lambda: backend.refusing(InitError("gone"))

    def test_a_deleted_item_leaves_nothing(
        self, keychain: KeyringKeychain, backend: SmallKeyring
    ) -> None:
        for size in (10_000, 100, 5_000, 9_000, 2_000):
            keychain.write(SERVICE, "item", Secret(b"x" * size))
            text = base64.b64encode(b"x" * size).decode()
            held = "".join(part for (_, name), part in backend.texts.items() if "item." in name)
            assert held == (text if len(text) > 1_200 else ""), "something old is left"
        for number in range(100):
            keychain.write(SERVICE, f"a-rather-long-name-of-item-{number}", Secret(b"x"))
        assert len(keychain.names(SERVICE)) == 101
        for name in keychain.names(SERVICE):
            keychain.delete(SERVICE, name)
        assert backend.texts == {}

    @pytest.mark.parametrize("size", [10, 3_000])
    def test_dying_at_any_change_of_a_write_leaves_a_whole_value(
        self, keychain: KeyringKeychain, backend: SmallKeyring, size: int
    ) -> None:
        one, two = Secret(b"1" * size), Secret(b"2" * size)
        for lives in range(100):
            backend.lives = None
            keychain.write(SERVICE, "item", one)
            backend.lives = lives
            try:
                keychain.write(SERVICE, "item", two)
                break
            except KeychainUnreachable:
                backend.lives = None
            assert keychain.read(SERVICE, "item") in (one, two), lives
            assert keychain.names(SERVICE) == ["item"], lives
        else:
            pytest.fail("it died a hundred times")
        assert lives > 4
        backend.lives = None
        keychain.delete(SERVICE, "item")
        assert keychain.names(SERVICE) == []

    @pytest.mark.parametrize("size", [10, 3_000])
    @pytest.mark.parametrize("call", ["write", "delete"])
    def test_dying_at_any_change_leaves_nothing_that_cannot_be_deleted(
        self, backend: SmallKeyring, call: str, size: int
    ) -> None:
        keychain = SmallKeychain(backend)
        for lives in range(100):
            backend.lives = None
            if call == "delete":
                keychain.write(SERVICE, "item", Secret(b"x" * size))
            backend.lives = lives
            try:
                if call == "write":
                    keychain.write(SERVICE, "item", Secret(b"x" * size))
                else:
                    keychain.delete(SERVICE, "item")
                died = False
            except KeychainUnreachable:
                died = True
            backend.lives = None
            for name in keychain.names(SERVICE):
                keychain.delete(SERVICE, name)
            assert backend.texts == {}, lives
            if not died:
                break
        else:
            pytest.fail("it died a hundred times")
        assert lives >= 3
