"""The keychains that only the keyring library reaches (macOS, Windows, KWallet): items as texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError, PasswordSetError

from holdfast.domain.errors import KeychainLocked, KeychainUnreachable

#: The items of a service that list the others, which these keychains cannot do themselves.
#: Two, written one after the other: macOS' is deleted before it is made anew.
INDEXES = (".names", ".names.copy")

#: A long text lies in parts; its item then holds `parts:COUNT:SET` (base64 has no colon). Of two
#: sets one is in use while the other is written; their names are known, so that no crash hides one.
_PARTS = "parts:"
_SETS = ("a", "b")


class KeyringItems:
    """Items of one keyring backend. part_size: most characters that one item may hold."""

    def __init__(self, backend: KeyringBackend, part_size: int | None = None) -> None:
        self._backend = backend
        self._part_size = part_size

    def get(self, service: str, name: str) -> str | None:
        head = self._backend.get_password(service, name)
        if head is None or not head.startswith(_PARTS):
            return head
        parts = [self._backend.get_password(service, part) for part in _part_names(name, head)]
        return None if None in parts else "".join(part for part in parts if part is not None)

    def put(self, service: str, name: str, text: str) -> None:
        # listed before it exists: what is left by a crash can then be found and removed
        self._list(service, add=name)
        self._put(service, name, text)

    def remove(self, service: str, name: str) -> None:
        self._erase(service, name)
        self._list(service, drop=name)

    def names(self, service: str) -> list[str]:
        """All that was begun: what a crash left unreadable is named too, to be removed."""
        return sorted(self._index(service))

    def _put(self, service: str, name: str, text: str) -> None:
        before = self._backend.get_password(service, name)
        used, free = _SETS if before is None or not before.endswith(":b") else _SETS[::-1]
        if self._part_size is None or len(text) <= self._part_size:
            self._backend.set_password(service, name, text)
            self._erase_parts(service, name, free)
        else:
            self._erase_parts(service, name, free)
            pieces = range(0, len(text), self._part_size)
            head = f"{_PARTS}{len(pieces)}:{free}"
            for start, part in zip(pieces, _part_names(name, head), strict=True):
                self._backend.set_password(service, part, text[start : start + self._part_size])
            self._backend.set_password(service, name, head)
        self._erase_parts(service, name, used)

    def _erase(self, service: str, name: str) -> None:
        self._delete(service, name)
        for parts in _SETS:
            self._erase_parts(service, name, parts)

    def _erase_parts(self, service: str, name: str, parts: str) -> None:
        """The last first: what a crash leaves is then found from the first on."""
        count = 0
        while self._backend.get_password(service, f"{name}.{parts}.{count}") is not None:
            count += 1
        for number in reversed(range(count)):
            self._backend.delete_password(service, f"{name}.{parts}.{number}")

    def _delete(self, service: str, name: str) -> None:
        if self._backend.get_password(service, name) is not None:
            self._backend.delete_password(service, name)

    def _index(self, service: str) -> set[str]:
        found: set[str] = set()
        for index in INDEXES:
            with suppress(ValueError, TypeError):
                found.update(json.loads(self.get(service, index) or "[]"))
        return found

    def _list(self, service: str, add: str = "", drop: str = "") -> None:
        before = self._index(service)
        after = (before | {add} if add else before) - {drop}
        if after == before:
            return
        for index in INDEXES:
            if after:
                self._put(service, index, json.dumps(sorted(after)))
            else:
                self._erase(service, index)


class KeyringStore:
    """A store of the Keychain adapter: one backend of the keyring library."""

    def __init__(self, label: str, backend: KeyringBackend, part_size: int | None = None) -> None:
        self.label = label
        self._items = KeyringItems(backend, part_size)

    @contextmanager
    def open(self) -> Iterator[KeyringItems]:
        """The items, for one conversation; keyring's errors leave as a KeychainError."""
        try:
            yield self._items
        except KeyringLocked as error:
            raise self._locked() from error
        except (PasswordSetError, PasswordDeleteError) as error:
            # KWallet says so when its own question was declined
            raise self._locked() from error
        except KeyringError as error:
            raise KeychainUnreachable(
                f"{self.label} does not answer.",
                f"It refused the request ({type(error).__name__}).",
                "Look at it with the system's own tool, then try again.",
            ) from error

    def _locked(self) -> KeychainLocked:
        return KeychainLocked(
            f"{self.label} is locked.",
            "It was asked to unlock and did not.",
            f"Unlock {self.label}, then try again.",
        )


def _part_names(name: str, head: str | None) -> list[str]:
    if head is None or not head.startswith(_PARTS):
        return []
    count, _, parts = head.removeprefix(_PARTS).partition(":")
    return [f"{name}.{parts}.{number}" for number in range(int(count))] if count.isdigit() else []
