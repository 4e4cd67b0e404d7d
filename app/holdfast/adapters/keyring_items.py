"""The keychains that only the keyring library reaches (macOS, Windows, KWallet): items as texts."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError, PasswordSetError

from holdfast.domain.errors import KeychainLocked, KeychainUnreachable

#: The item of a service that lists the others, which these keychains cannot do themselves.
INDEX = ".names"

#: A long text lies in parts; its item then holds `parts:COUNT:GENERATION` (base64 has no colon).
_PARTS = "parts:"


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
        head = self._backend.get_password(service, name)
        for part in _part_names(name, head):
            self._delete(service, part)
        if head is not None:
            self._delete(service, name)
        self._list(service, drop=name)

    def names(self, service: str) -> list[str]:
        return [name for name in self._index(service) if self.get(service, name) is not None]

    def _put(self, service: str, name: str, text: str) -> None:
        before = self._backend.get_password(service, name)
        head = text
        if self._part_size is not None and len(text) > self._part_size:
            pieces = range(0, len(text), self._part_size)
            head = f"{_PARTS}{len(pieces)}:{secrets.token_hex(4)}"
            for start, part in zip(pieces, _part_names(name, head), strict=True):
                self._backend.set_password(service, part, text[start : start + self._part_size])
        self._backend.set_password(service, name, head)
        for part in _part_names(name, before):
            self._delete(service, part)

    def _delete(self, service: str, name: str) -> None:
        if self._backend.get_password(service, name) is not None:
            self._backend.delete_password(service, name)

    def _index(self, service: str) -> list[str]:
        with suppress(ValueError):
            listed = json.loads(self.get(service, INDEX) or "[]")
            return [name for name in listed if isinstance(name, str)]
        return []

    def _list(self, service: str, add: str = "", drop: str = "") -> None:
        before = self._index(service)
        after = sorted({*before, *filter(None, [add])} - {drop})
        if after != before and after:
            self._put(service, INDEX, json.dumps(after))
        elif after != before:
            for part in _part_names(INDEX, self._backend.get_password(service, INDEX)):
                self._delete(service, part)
            self._delete(service, INDEX)


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
    count, _, generation = head.removeprefix(_PARTS).partition(":")
    return [f"{name}.{generation}.{part}" for part in range(int(count))] if count.isdigit() else []
