"""Searches folders, files and block devices for marks, byte by byte: search.py JOB PLACE...

JOB names a JSON file in RAM: {"names": [...], "stem": "..."}. Names of files and what links lead to
are searched as well. Other file systems below a folder are left out where they are mounted. Prints
JSON, an object a line: {"total": bytes}, then while it goes on {"bytes", "files"}, for what was
found {"path", "mark", "form"}, for what could not be read {"path", "reason"}, and at the end
{"bytes", "files", "mounts"}. It ends when its standard input does.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import select
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from marks import Found, Marks

_BLOCK = 4 << 20
_TELL_SECONDS = 1.0
_OCTAL = re.compile(r"\\(\d{3})")


class Search:
    """files, bytes: searched so far. mounts: folders that were left out."""

    def __init__(self, marks: Marks, block: int) -> None:
        self._marks = marks
        self._block = block
        self._seen: set[tuple[int, int]] = set()
        self._told = time.monotonic()
        self.files = self.bytes = self.mounts = 0

    def place(self, root: Path) -> None:
        if not root.is_dir():
            self._file(root)
            return
        for path, found in self._walk(root, tell):
            self._report(path, self._marks.found_in(os.fsencode(path.name)))
            if stat.S_ISLNK(found.st_mode):
                with suppress(FileNotFoundError):
                    self._report(path, self._marks.found_in(os.fsencode(path.readlink())))
            elif stat.S_ISREG(found.st_mode) and self._is_new(found):
                self._file(path)

    def measure(self, root: Path) -> int:
        """Bytes of all files below it, each once; of a file or a device itself."""
        if not root.is_dir():
            return _length(root)
        return sum(
            found.st_size
            for _, found in self._walk(root, lambda **facts: None)
            if stat.S_ISREG(found.st_mode) and self._is_new(found)
        )

    def forget(self) -> None:
        self._seen.clear()
        self.mounts = 0

    def _is_new(self, found: os.stat_result) -> bool:
        """A file of several names is read once."""
        if found.st_nlink == 1:
            return True
        key = (found.st_dev, found.st_ino)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _walk(
        self, root: Path, complain: Callable[..., None]
    ) -> Iterator[tuple[Path, os.stat_result]]:
        device = root.stat().st_dev
        folders = [(root, device)]
        while folders:
            folder, device = folders.pop()
            try:
                entries = list(os.scandir(folder))
            except FileNotFoundError:
                continue
            except OSError as error:
                complain(path=folder, reason=error.strerror)
                continue
            for entry in entries:
                try:
                    found = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                except OSError as error:
                    complain(path=entry.path, reason=error.strerror)
                    continue
                path = Path(entry.path)
                yield path, found
                if not stat.S_ISDIR(found.st_mode):
                    continue
                if found.st_dev != device and is_mounted(path):
                    self.mounts += 1
                else:
                    folders.append((path, found.st_dev))

    def _file(self, path: Path) -> None:
        found: set[Found] = set()
        try:
            for block, until in blocks(path, self._marks.longest, self._block):
                found |= self._marks.found_in(block, until)
                self.bytes += until
                self._tell_progress()
        except FileNotFoundError:
            return
        except OSError as error:
            tell(path=path, reason=error.strerror)
            return
        self.files += 1
        self._report(path, found)

    def _report(self, path: Path, found: Iterable[Found]) -> None:
        for each in sorted(found, key=lambda one: (one.mark, one.form)):
            tell(path=path, mark=each.mark, form=each.form)

    def _tell_progress(self) -> None:
        now = time.monotonic()
        if now - self._told < _TELL_SECONDS:
            return
        self._told = now
        tell(bytes=self.bytes, files=self.files)
        if select.select([sys.stdin], [], [], 0)[0] and not os.read(0, 1):
            sys.exit("nobody listens any more")


def blocks(path: Path, overlap: int, size: int) -> Iterator[tuple[bytes, int]]:
    """(bytes, until): what begins before `until` lies whole within the bytes."""
    rest = b""
    with path.open("rb", buffering=0) as file:
        while read := file.read(size):
            block = rest + read
            until = max(0, len(block) - overlap)
            yield block, until
            rest = block[until:]
    yield rest, len(rest)


def _length(path: Path) -> int:
    # a device's size stands in no status of it
    try:
        with path.open("rb") as file:
            return file.seek(0, os.SEEK_END)
    except OSError:
        # reading it tells why
        return 0


def is_mounted(path: Path) -> bool:
    """Whether something is mounted there (field 5 of mountinfo, which writes spaces in octal)."""
    lines = Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines()
    return str(path) in (
        _OCTAL.sub(lambda code: chr(int(code[1], 8)), row.split()[4]) for row in lines
    )


def tell(**facts: object) -> None:
    if "path" in facts:
        facts["path"] = os.fsencode(str(facts["path"])).decode(errors="replace")
    print(json.dumps(facts), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("job", type=Path)
    parser.add_argument("places", type=Path, nargs="+")
    parser.add_argument("--block", type=int, default=_BLOCK, help="bytes that are read at once")
    given = parser.parse_args()
    search = Search(Marks(**json.loads(given.job.read_bytes())), given.block)
    tell(total=sum(search.measure(place) for place in given.places))
    search.forget()
    for place in given.places:
        search.place(place)
    tell(bytes=search.bytes, files=search.files, mounts=search.mounts)


if __name__ == "__main__":
    main()
