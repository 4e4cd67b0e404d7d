"""Keeps what the app prints: stamped lines in files that are rotated, on a mount that may go."""

from __future__ import annotations

import errno
import logging
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Protocol

LINE_LIMIT = 16 * 1024
FILE_SIZE = 5_000_000
OLDER_FILES = 4
#: What a FUSE mount answers when its daemon has ended, or when another one took its place.
GONE = frozenset((errno.ENOTCONN, errno.EIO, errno.ENOENT, errno.ESTALE))

_EXCEPTION = re.compile(r"(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit)(?::|$)")


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _LogFile(RotatingFileHandler):
    """Rotates, and lets its errors through."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            maxBytes=FILE_SIZE,
            backupCount=OLDER_FILES,
            encoding="utf-8",
            errors="replace",
            delay=True,
        )

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        # emit() calls this from its except clause
        raise

    def drop(self) -> None:
        """Forget the open file, which may lie on a mount that is gone."""
        with suppress(OSError):
            self.close()
        self.stream = None


class Hiding(Protocol):
    def hide(self, text: str, cut: bool = False) -> str: ...


class AppLog:
    """The file app.log in `folder`. When it cannot be written to, lines are dropped and counted.

    away: the folder's mount is gone; nothing is written until `returned()`. mask: hides the app's
    secrets; what was said and not hidden would be in every view of the log.
    """

    def __init__(self, folder: Path, wake: Callable[[], None], mask: Hiding) -> None:
        self.away = False
        self.hide = mask.hide
        self._folder = folder
        self._wake = wake
        self._lock = threading.Lock()
        self._dropped = 0
        self._file = _LogFile(folder / "app.log")

    def say(self, text: str) -> None:
        """A line of the launcher's own."""
        self.add("holdfast", self.hide(text))

    def add(self, source: str, text: str) -> None:
        """source: out, err or holdfast. text: with its secrets hidden."""
        with self._lock:
            if self.away:
                self._dropped += 1
                return
            try:
                if self._dropped:
                    self._write("holdfast", f"{self._dropped} lines could not be kept.")
                    self._dropped = 0
                self._write(source, text)
            except OSError as error:
                self._dropped += 1
                self._file.drop()
                self.away = error.errno in GONE
        if self.away:
            self._wake()

    def _write(self, source: str, text: str) -> None:
        self._file.emit(logging.makeLogRecord({"msg": f"{now()} {source} {text}"}))

    def leave(self) -> None:
        """Hold no file open: it would keep a replaced mount alive."""
        with self._lock:
            self.away = True
            self._file.drop()

    def returned(self) -> bool:
        """Whether the folder answers again; from then on lines are kept."""
        with self._lock:
            try:
                with (self._folder / "app.log").open("ab"):
                    self.away = False
            except OSError:
                return False
        return True

    def device(self) -> int | None:
        """The file system that holds the folder, None while it is gone."""
        try:
            return self._folder.stat().st_dev
        except OSError:
            return None


class Copier:
    """Copies one stream of the app into the log, and notes the last exception in it."""

    def __init__(self, source: str, stream: IO[bytes], log: AppLog) -> None:
        self.exception: str | None = None
        self._source = source
        self._stream = stream
        self._log = log
        self._in_traceback = False
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    def finish(self, seconds: float) -> None:
        """Wait for the end of the stream, which a process that left the group may hold open."""
        self._thread.join(seconds)

    def _copy(self) -> None:
        with self._stream:
            while line := self._stream.readline(LINE_LIMIT):
                cut = len(line) == LINE_LIMIT and not line.endswith(b"\n")
                rest = line
                while cut and rest and not rest.endswith(b"\n"):
                    rest = self._stream.readline(LINE_LIMIT)
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                if cut:
                    # half a character would hide from the mask what a secret begins with
                    text = text.rstrip("\ufffd")
                # a progress bar draws over itself: what stays is its last state
                text = self._log.hide(text.rpartition("\r")[2], cut)
                self._note(text)
                self._log.add(self._source, text + " … (cut)" if cut else text)

    def _note(self, text: str) -> None:
        if "Traceback (most recent call last)" in text:
            self._in_traceback = True
        elif text and not text[0].isspace():
            if self._in_traceback or _EXCEPTION.match(text):
                self.exception = text[:300]
            self._in_traceback = False
