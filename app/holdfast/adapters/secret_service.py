"""The Secret Service of a D-Bus session (GNOME Keyring, KWallet, KeePassXC): items as texts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path

from jeepney import DBusErrorResponse, Message, MessageFlag
from jeepney.bus import get_bus
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, prep_socket
from secretstorage import Collection, Item, create_collection, get_all_collections
from secretstorage.exceptions import (
    ItemNotFoundException,
    LockedException,
    PromptDismissedException,
    SecretStorageException,
)
from secretstorage.util import add_match_rules

from holdfast.domain.errors import KeychainLocked, KeychainUnreachable

BUS_NAME = "org.freedesktop.secrets"
START_ONE = (
    "Start a keyring in your session, for example: dbus-run-session -- sh -c "
    "'gnome-keyring-daemon --unlock --components=secrets; exec \"$SHELL\"' "
    "(it reads the keyring's password from the terminal, ended by Ctrl-D)."
)

#: Programs that own BUS_NAME, by the name that the kernel keeps (15 characters).
_LABELS = {
    "gnome-keyring-d": "GNOME Keyring",
    "kwalletd5": "KDE Wallet",
    "kwalletd6": "KDE Wallet",
    "ksecretd": "KDE Wallet",
    "keepassxc": "KeePassXC",
}


class ServiceState(StrEnum):
    """What a bus says of its Secret Service. open: unlocked, or with nothing in it to lock."""

    ABSENT = "absent"
    LOCKED = "locked"
    OPEN = "open"


class _PromptUnanswered(Exception):
    """The user was asked for a password and did not react in time."""


class _Connection(DBusConnection):  # type: ignore[misc]  # jeepney carries no types
    """A bus connection that waits for nothing without end and never starts a service."""

    def __init__(self, address: str, timeout: float, prompt_timeout: float) -> None:
        self._timeout = timeout
        self._prompt_timeout = prompt_timeout
        super().__init__(prep_socket(get_bus(address), timeout=timeout))
        self.sock.settimeout(timeout)

    def send_and_get_reply(self, message: Message, *, timeout: float | None = None) -> Message:
        message.header.flags |= MessageFlag.no_auto_start
        return super().send_and_get_reply(message, timeout=timeout or self._timeout)

    def recv_until_filtered(
        self, queue: deque[Message], *, timeout: float | None = None
    ) -> Message:
        # secretstorage waits here for the end of a prompt, and for nothing else
        try:
            return super().recv_until_filtered(queue, timeout=timeout or self._prompt_timeout)
        except TimeoutError as error:
            raise _PromptUnanswered from error


@contextmanager
def bus_connection(
    address: str, timeout: float, prompt_timeout: float = 0.0
) -> Iterator[_Connection]:
    """A connection to the bus at `address`; raises KeychainUnreachable."""
    try:
        connection = _Connection(address, timeout, prompt_timeout)
    # jeepney raises the last two for addresses that it cannot read
    except (OSError, DBusErrorResponse, RuntimeError, ValueError) as error:
        raise KeychainUnreachable(
            "No keychain answers in this session.",
            f"The session's D-Bus cannot be reached ({type(error).__name__}).",
            START_ONE,
        ) from error
    with closing(connection):
        yield connection


def service_state(address: str, timeout: float = 2.0) -> ServiceState:
    """Look at the Secret Service of the bus at `address`. The look starts and unlocks nothing."""
    try:
        with bus_connection(address, timeout) as connection:
            if not _has_owner(connection):
                return ServiceState.ABSENT
            locked = Collection(connection).is_locked()
            return ServiceState.LOCKED if locked else ServiceState.OPEN
    except ItemNotFoundException:
        return ServiceState.OPEN
    except (KeychainUnreachable, SecretStorageException, OSError, DBusErrorResponse):
        return ServiceState.ABSENT


def holds_nothing(address: str, timeout: float = 2.0) -> bool:
    """Whether the Secret Service of the bus at `address` says that it keeps not one item."""
    try:
        with bus_connection(address, timeout) as connection:
            if not _has_owner(connection):
                return False
            collections = get_all_collections(connection)
            return not any(item for each in collections for item in each.get_all_items())
    except (KeychainUnreachable, SecretStorageException, OSError, DBusErrorResponse):
        return False


def service_process(address: str, timeout: float = 2.0) -> int:
    """The process id of the Secret Service of the bus at `address`, 0 if there is none."""
    try:
        with bus_connection(address, timeout) as connection:
            return int(Proxy(message_bus, connection).GetConnectionUnixProcessID(BUS_NAME)[0])
    except (KeychainUnreachable, OSError, DBusErrorResponse):
        return 0


def _has_owner(connection: _Connection) -> bool:
    return bool(Proxy(message_bus, connection).NameHasOwner(BUS_NAME)[0])


class SecretServiceItems:
    """The items of the default collection, unlocked; keyring's own attributes find them."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._collection: Collection | None = None
        try:
            self._collection = Collection(connection)
        except ItemNotFoundException:
            # a session that never kept a secret has no default collection, hence no items
            return
        self._unlock(self._collection)

    def get(self, service: str, name: str) -> str | None:
        for item in self._search(service=service, username=name):
            self._unlock(item)
            return item.get_secret().decode("utf-8", "replace")
        return None

    def put(self, service: str, name: str, text: str) -> None:
        found = list(self._search(service=service, username=name))
        if not found:
            attributes = {"service": service, "username": name, "application": "holdfast"}
            label = f"{service}: {name}"
            self._default_collection().create_item(label, attributes, text.encode())
            return
        self._unlock(found[0])
        found[0].set_secret(text.encode())
        for twin in found[1:]:
            twin.delete()

    def remove(self, service: str, name: str) -> None:
        for item in self._search(service=service, username=name):
            self._unlock(item)
            item.delete()

    def names(self, service: str) -> list[str]:
        found = [item.get_attributes() for item in self._search(service=service)]
        return [attributes["username"] for attributes in found if "username" in attributes]

    def _search(self, **attributes: str) -> Iterator[Item]:
        return iter(()) if self._collection is None else self._collection.search_items(attributes)

    def _default_collection(self) -> Collection:
        if self._collection is None:
            self._collection = create_collection(self._connection, "Default", "default")
        return self._collection

    def _unlock(self, locked: Collection | Item) -> None:
        if not locked.is_locked():
            return
        if locked.unlock() or locked.is_locked():
            raise _declined()


class SecretService:
    """A store of the Keychain adapter. address: of the session's D-Bus."""

    def __init__(self, address: str | None, timeout: float, prompt_timeout: float) -> None:
        self._address = address
        self._timeout = timeout
        self._prompt_timeout = prompt_timeout

    @property
    def label(self) -> str:
        process = service_process(self._address) if self._address else 0
        try:
            program = Path(f"/proc/{process}/comm").read_text().strip()
        except OSError:
            program = ""
        return _LABELS.get(program, "Secret Service")

    @contextmanager
    def open(self) -> Iterator[SecretServiceItems]:
        """The items, for one conversation; every error of D-Bus leaves as a KeychainError."""
        if not self._address:
            raise KeychainUnreachable(
                "No keychain answers in this session.",
                "The session has no D-Bus (DBUS_SESSION_BUS_ADDRESS is not set).",
                START_ONE,
            )
        with (
            bus_connection(self._address, self._timeout, self._prompt_timeout) as connection,
            _translated(self._timeout, self._prompt_timeout),
        ):
            if not _has_owner(connection):
                raise KeychainUnreachable(
                    "No keychain runs in this session.",
                    f"Nobody owns {BUS_NAME} on the session's D-Bus.",
                    START_ONE,
                )
            add_match_rules(connection)
            yield SecretServiceItems(connection)


def _declined() -> KeychainLocked:
    return KeychainLocked(
        "The keychain is locked.",
        "It was asked to unlock and did not: the question was declined, or could not be shown.",
        "Unlock the keychain in your session, then try again.",
    )


@contextmanager
def _translated(timeout: float, prompt_timeout: float) -> Iterator[None]:
    try:
        yield
    except _PromptUnanswered as error:
        raise KeychainLocked(
            "The keychain is locked.",
            f"It asked for its password and nobody answered within {prompt_timeout:g} s.",
            "Unlock the keychain, then try again.",
        ) from error
    except (PromptDismissedException, LockedException) as error:
        raise _declined() from error
    except TimeoutError as error:
        raise _silent(f"It did not answer within {timeout:g} s.") from error
    except DBusErrorResponse as error:
        # its text may quote what was sent; its name never does
        if str(error.name).endswith(".IsLocked"):
            raise _declined() from None
        raise _silent(f"It refused the request ({error.name}).") from None
    except (SecretStorageException, OSError) as error:
        raise _silent(f"It went away while it was asked ({type(error).__name__}).") from error
    except (AssertionError, ValueError, TypeError, IndexError) as error:
        # what the library does with an answer that breaks the protocol
        raise _silent(f"Its answer makes no sense ({type(error).__name__}).") from None


def _silent(why: str) -> KeychainUnreachable:
    return KeychainUnreachable(
        "The keychain does not answer.", why, "Restart the session's keyring, then try again."
    )
