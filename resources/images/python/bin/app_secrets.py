"""What hides an app's secrets in its log: those of now, and those that it had since its start."""

from __future__ import annotations

import threading
from pathlib import Path

from launch_plan import PlanError, read_secrets
from masking import Mask, texts


class SecretsMask:
    """Reads secrets.toml again whenever it has changed: the app may print a new value at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] | None = None
        self._mask = Mask(())

    def hide(self, text: str, cut: bool = False) -> str:
        return self._current().hide(text, cut)

    def _current(self) -> Mask:
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                # one that is being written may be unreadable, and is read again with the next line
                try:
                    found = texts(read_secrets(self._path))
                except PlanError:
                    return self._mask
                # an app goes on with what it has read before
                self._mask = Mask(self._mask.values.union(found))
                self._seen = stamp
            return self._mask

    def _stamp(self) -> tuple[int, ...] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
