"""What was read of apps, for as long as nothing happens to them on the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from holdfast.domain.names import AppName
from holdfast.node.inventory import AppParts

Value = TypeVar("Value")


class Known(Generic[Value]):
    """Whoever changes an app holds its lock, which is a container: the engine tells of it as of
    all others of the app, and then what was read of it is forgotten."""

    def __init__(self, read: Callable[[AppParts], Value]) -> None:
        self._read = read
        self._values: dict[str, Value] = {}
        self._heard: Counter[str] = Counter()
        self._lock = Lock()

    def of(self, parts: AppParts) -> Value:
        """Raises what reading raises."""
        app = parts.name
        with self._lock:
            if app in self._values:
                return self._values[app]
            heard = self._heard[app]
        value = self._read(parts)
        with self._lock:
            # what happened meanwhile may not be in it
            if self._heard[app] == heard:
                self._values[app] = value
        return value

    def amend(self, app: AppName, known: Value, amended: Value) -> None:
        """One who has changed it without the lock knows the rest still."""
        with self._lock:
            if self._values.get(app) is known:
                self._values[app] = amended

    def forget(self, app: str) -> None:
        """From any thread."""
        with self._lock:
            self._heard[app] += 1
            self._values.pop(app, None)
