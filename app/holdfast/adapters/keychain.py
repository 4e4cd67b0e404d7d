"""The OS keychain: every call on one thread with a time-out, every write proven before it counts.

A value lies in its item as base64 text, so that bytes survive keychains that hold text only.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from importlib import import_module
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar, cast

from holdfast.domain.errors import KeychainError, KeychainLocked, KeyMissing
from holdfast.domain.secret import Secret

if TYPE_CHECKING:
    from holdfast.adapters.keychain_choice import Items, Store

T = TypeVar("T")

PREFIX = "holdfast"

#: The name under which a new value is proven before it replaces the old one.
_NEW = ".new"


class _Lane:
    """One thread for all calls: a keychain that is asked to unlock by several may hang for ever."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        # a daemon, so that a keychain that never answers cannot keep the program alive
        Thread(target=self._work, name="keychain", daemon=True).start()

    def call(self, work: Callable[[], T], timeout: float) -> T:
        """The result of `work`; TimeoutError after so many seconds, and then it never starts."""
        future: Future[T] = Future()
        self._waiting.put((future, work))
        try:
            return future.result(timeout)
        finally:
            future.cancel()

    def _work(self) -> None:
        while True:
            future, work = self._waiting.get()
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except Exception as error:  # noqa: BLE001  it is raised again where it was asked
                    future.set_exception(error)
            del future, work


class KeyringKeychain:
    """The session's real keychain.

    timeout: seconds for one answer. prompt_timeout: seconds that a user has to unlock it.
    environment: where the session's D-Bus and keyring's settings are read; the process's own
    when None.
    """

    def __init__(
        self,
        timeout: float = 10.0,
        prompt_timeout: float = 60.0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._timeout = timeout
        self._prompt_timeout = prompt_timeout
        self._environment = os.environ if environment is None else environment
        self._lane = _Lane()

    @property
    def label(self) -> str:
        try:
            return self._on_lane(lambda: self._store().label)
        except KeychainError:
            return "the keychain"

    def read(self, service: str, name: str) -> Secret:
        check_item(service, name)
        text = self._with_items(lambda items: _usable(items, service, name))
        if text is None:
            raise KeyMissing(
                f"The keychain holds no “{name}” of {service}.",
                "It answers, and has no such item.",
                "Use the keychain that it was written to, or the recovery kit.",
            )
        value = _decode(text)
        if value is None:
            raise KeychainError(
                f"The keychain's item “{name}” of {service} is damaged.",
                "It is not what Holdfast wrote there.",
                "Restore it with the recovery kit; until then Holdfast leaves it as it is.",
            )
        return value

    def write(self, service: str, name: str, value: Secret) -> None:
        check_item(service, name)
        text = base64.b64encode(value.reveal()).decode()

        def new_then_switch(items: Items) -> None:
            for target in (name + _NEW, name):
                items.put(service, target, text)
                if items.get(service, target) != text:
                    raise _not_kept(service, name)
            items.remove(service, name + _NEW)

        self._with_items(new_then_switch)

    def delete(self, service: str, name: str) -> None:
        check_item(service, name)

        def both(items: Items) -> None:
            # the other way round, a crash in between would bring a deleted key back
            items.remove(service, name + _NEW)
            items.remove(service, name)

        self._with_items(both)

    def names(self, service: str) -> list[str]:
        """Sorted; with those of which a crash left nothing but the new value."""
        check_item(service, "any")
        found = self._with_items(lambda items: items.names(service))
        return sorted({name.removesuffix(_NEW) for name in found})

    def _store(self) -> Store:
        # with the first question, on the thread of its own: keyring takes 2 MB
        choice = import_module("holdfast.adapters.keychain_choice")
        store = choice.choose_store(self._environment, self._timeout, self._prompt_timeout)
        return cast("Store", store)

    def _with_items(self, work: Callable[[Items], T]) -> T:
        def conversation() -> T:
            with self._store().open() as items:
                return work(items)

        return self._on_lane(conversation)

    def _on_lane(self, work: Callable[[], T]) -> T:
        # stores end their own waiting; this limit is for those that cannot (macOS, Windows)
        limit = self._timeout + self._prompt_timeout
        try:
            return self._lane.call(work, limit)
        except TimeoutError as error:
            raise KeychainLocked(
                "The keychain did not answer.",
                f"It has been silent for {limit:g} s: it may be waiting to be unlocked.",
                "Look for its window and unlock it, then try again.",
            ) from error


def _usable(items: Items, service: str, name: str) -> str | None:
    """The item's text; where a crash lost or damaged it, that of the new value beside it."""
    text = items.get(service, name)
    if text is not None and _decode(text) is not None:
        return text
    new = items.get(service, name + _NEW)
    return text if new is None or _decode(new) is None else new


def _decode(text: str) -> Secret | None:
    try:
        return Secret(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None


def _not_kept(service: str, name: str) -> KeychainError:
    return KeychainError(
        f"The keychain did not keep “{name}” of {service}.",
        "What it gives back differs from what was written.",
        "Look at the keychain's free space and limits, then try again.",
    )


def check_item(service: str, name: str) -> None:
    """Raise ValueError for what is none of our items: the program's mistake, never the user's."""
    if not service.startswith(PREFIX):
        raise ValueError(f"a keychain service of ours begins with {PREFIX}: {service}")
    if not name or name.startswith(".") or name.endswith(_NEW) or "\0" in service + name:
        raise ValueError(f"not the name of a keychain item: {name!r}")
