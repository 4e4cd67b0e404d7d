"""Bare repositories as large as teams have them, made in a second: much history, or many files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

#: What a commit of a long history holds, which no compression makes smaller.
STEP_BYTES = 2 << 20
_WHO = "Ada <ada@example.org> 1767225600 +0000"


def long_history(folder: Path, files: Mapping[str, str], commits: int = 100) -> None:
    """So many commits, each with other STEP_BYTES at the same path: the last holds one of them."""

    def told() -> Iterator[bytes]:
        for number in range(commits):
            last = number == commits - 1
            content = {"data/figures.bin": os.urandom(STEP_BYTES)}
            yield from _commit(content | _encoded(files if last else {}))

    _import(folder, told())


def many_files(folder: Path, files: Mapping[str, str], number: int = 10_000) -> None:
    """One commit with so many small files more, in a hundred folders."""
    small = {f"pages/{each % 100:02}/{each:05}.txt": f"{each}\n" for each in range(number)}
    _import(folder, _commit(_encoded({**small, **files})))


def _encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


def _commit(files: Mapping[str, bytes]) -> Iterator[bytes]:
    """As git-fast-import(1) reads it."""
    yield f"commit refs/heads/main\ncommitter {_WHO}\ndata 6\nAdd it\n".encode()
    for path, content in files.items():
        yield b'M 644 inline "%s"\ndata %d\n' % (path.encode(), len(content))
        yield content + b"\n"


def _import(folder: Path, told: Iterable[bytes]) -> None:
    git = ["git", "--git-dir", str(folder)]
    subprocess.run([*git, "init", "-q", "--bare", "-b", "main"], check=True)
    command = [*git, "fast-import", "--quiet", "--depth=0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as importing:
        assert importing.stdin is not None
        importing.stdin.writelines(told)
        importing.stdin.close()
        assert importing.wait() == 0
