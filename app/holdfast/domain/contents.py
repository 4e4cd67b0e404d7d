"""What a repository holds beside its app: secrets that are asked for, large files, submodules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from holdfast.domain.asked_secrets import AskedSecret, asked_secrets, committed_secrets

_ATTRIBUTES = ".gitattributes"
#: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_POINTER = re.compile(
    r"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid sha256:[0-9a-f]{64}\nsize (\d+)\n"
)
#: Bytes of such a pointer, with room for an extension's lines.
_POINTER_BYTES = range(110, 400)


@dataclass(frozen=True, slots=True)
class Contents:
    """files, size_bytes: of the commit, Git LFS and submodules included. large_files: those that
    Git LFS keeps. asked: secrets without which the code does not go on. committed: files with
    secrets that the repository brings along. submodules: their paths."""

    files: int = 0
    size_bytes: int = 0
    large_files: int = 0
    large_bytes: int = 0
    asked: tuple[AskedSecret, ...] = ()
    committed: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()


def possible_pointers(sizes: Mapping[str, int]) -> list[str]:
    """The files that may stand for one that Git LFS keeps. sizes: bytes by path."""
    if not any(path.rpartition("/")[2] == _ATTRIBUTES for path in sizes):
        return []
    return [path for path, size in sizes.items() if size in _POINTER_BYTES]


def find_contents(
    sizes: Mapping[str, int], texts: Mapping[str, str], submodules: Iterable[str]
) -> Contents:
    """texts: of those that are worth reading, and of possible pointers."""
    pointed = {path: int(found[1]) for path, text in texts.items() if (found := _pointer(text))}
    whole = {**sizes, **pointed}
    return Contents(
        files=len(whole),
        size_bytes=sum(whole.values()),
        large_files=len(pointed),
        large_bytes=sum(pointed.values()),
        asked=tuple(each for each in asked_secrets(texts) if not each.optional),
        committed=committed_secrets(sizes),
        submodules=tuple(sorted(submodules)),
    )


def _pointer(text: str) -> re.Match[str] | None:
    return _POINTER.match(text) if len(text) in _POINTER_BYTES else None
