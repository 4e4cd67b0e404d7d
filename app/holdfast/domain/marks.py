"""Unique marks to be planted, and how each looks in every form in which it is searched for.

The search on the node imports this file too: the standard library alone.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_RANDOM_BYTES = 12
#: No hexadecimal digits, so that none of them can be taken for a stem's own.
_LETTERS = "ghijklmnopqrstuvwxyz"

#: The forms, as a report names them.
FORM_NAMES = (
    "plain",
    "hex",
    "base64 in three alignments",
    "URL-encoded",
    "UTF-16",
)


@dataclass(frozen=True, slots=True)
class Needle:
    """The bytes of one form. stem: how all marks begin in it; endings: each mark whole."""

    form: str
    stem: bytes
    endings: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Found:
    """mark: its name, or "part of a mark" where only what all begin with was found."""

    mark: str
    form: str


#: What is told of a stem without any known ending.
PART = "part of a mark"


class Marks:
    """Texts that begin alike and occur nowhere else in the world, so that one search finds them
    all.

    names: at most twenty. stem: ASCII, best letters and digits; a mark's own letters follow.
    needles: the stem in each of its forms.
    """

    def __init__(self, names: Sequence[str], stem: str | None = None) -> None:
        self.names = tuple(names)
        self.stem = stem or f"mark{secrets.token_hex(_RANDOM_BYTES)}"
        self._texts = {
            name: f"{self.stem}{letter * 2}"
            for name, letter in zip(self.names, _LETTERS, strict=False)
        }
        wholes = {name: dict(forms(text)) for name, text in self._texts.items()}
        self.needles = tuple(
            Needle(form, stem, {name: whole[form] for name, whole in wholes.items()})
            for form, stem in forms(self.stem)
        )
        #: Bytes of the longest form of a mark.
        self.longest = max(
            len(form) for needle in self.needles for form in (needle.stem, *needle.endings.values())
        )

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def found_in(self, content: bytes, until: int | None = None) -> frozenset[Found]:
        """Every mark that begins in these bytes before `until`, in whatever form."""
        return frozenset(
            Found(_ending(needle, content, at), needle.form)
            for needle in self.needles
            for at in _places(needle.stem, content, len(content) if until is None else until)
        )


def forms(text: str) -> Iterator[tuple[str, bytes]]:
    """(form, bytes): what an ASCII text of letters and digits becomes, wherever it stands in what
    is encoded. Where two marks begin alike, so do their forms."""
    data = text.encode("ascii")
    yield "plain", data
    yield "hex", data.hex().encode()
    yield "hex, capitals", data.hex().upper().encode()
    for before in range(3):
        whole = b64encode(bytes(before) + data)
        # the first characters hold bits of what stands before, the last of what follows
        yield (
            f"base64, alignment {before}",
            whole[-(-8 * before // 6) : 8 * (before + len(data)) // 6],
        )
    yield "URL-encoded", "".join(f"%{byte:02x}" for byte in data).encode()
    yield "URL-encoded, capitals", "".join(f"%{byte:02X}" for byte in data).encode()
    # of both byte orders, which differ in the first and the last byte alone
    yield "UTF-16", text.encode("utf-16-be")[1:]


def _places(stem: bytes, content: bytes, until: int) -> Iterator[int]:
    at = content.find(stem)
    while 0 <= at < until:
        yield at
        at = content.find(stem, at + 1)


def _ending(needle: Needle, content: bytes, at: int) -> str:
    for name, whole in needle.endings.items():
        if content.startswith(whole, at):
            return name
    return PART
