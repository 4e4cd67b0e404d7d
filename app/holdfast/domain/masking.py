"""Hides secret values in what an app printed, as they are, escaped, URL-encoded or in base64.

The launcher in an app's container imports this file too: the standard library alone.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

#: Characters. Shorter values stand in too many words to be hidden.
LEAST = 4
SIGN = "•••"

#: Columns at which programs wrap base64: MIME and `base64`, then PEM.
_WRAPS = (76, 64)
_PERCENT = re.compile("%[0-9A-F]{2}")
#: What follows the part that a value alone decides: bits of the next byte, and padding.
_REST = r"[A-Za-z0-9+/_-]?={0,2}"


class Mask:
    """values: texts that must not be seen; a text of several lines is hidden line by line too."""

    def __init__(self, values: Iterable[str]) -> None:
        self.values = frozenset(value for value in values if len(value) >= LEAST)
        plain, encoded = set[str](), set[str]()
        for value in self.values:
            plain.update(_spellings(value))
            encoded.update(_base64(value))
        self._plain = sorted(plain, key=len, reverse=True)
        self._encoded = [
            (form, re.compile(re.escape(form) + _REST))
            for form in sorted(encoded, key=len, reverse=True)
        ]

    def hide(self, text: str, cut: bool = False) -> str:
        """cut: the text was cut off at its end, perhaps within a value."""
        # the search for a text is far faster than one pattern of them all
        for form in self._plain:
            text = text.replace(form, SIGN)
        for form, pattern in self._encoded:
            if form in text:
                text = pattern.sub(SIGN, text)
        return self._without_beginning(text) if cut else text

    def _without_beginning(self, text: str) -> str:
        """Without the first part of a value at the text's end."""
        forms = (*self._plain, *(form for form, _ in self._encoded))
        longest = max((_overlap(text, form) for form in forms), default=0)
        return text[:-longest] + SIGN if longest else text


def texts(found: object) -> Iterator[str]:
    """Every text and number of a TOML document's tree, those within lists too."""
    if isinstance(found, Mapping):
        for value in found.values():
            yield from texts(value)
    elif isinstance(found, list):
        for value in found:
            yield from texts(value)
    elif not isinstance(found, bool):
        yield str(found)


def _overlap(text: str, form: str) -> int:
    """How much of the form's beginning the text ends with, the whole form left out."""
    lengths = range(min(len(form) - 1, len(text)), 0, -1)
    return next((length for length in lengths if text.endswith(form[:length])), 0)


def _spellings(value: str) -> Iterator[str]:
    lines = [line.strip() for line in value.splitlines()]
    for text in {value, *(line for line in lines if len(line) >= LEAST)}:
        yield text
        yield from (repr(text)[1:-1], json.dumps(text)[1:-1])
        yield json.dumps(text, ensure_ascii=False)[1:-1]
        spelled = {
            quote(text, errors="replace"),
            quote(text, safe="", errors="replace"),
            quote_plus(text, errors="replace"),
        }
        yield from spelled
        yield from (_PERCENT.sub(lambda found: found[0].lower(), each) for each in spelled)


def _base64(value: str) -> Iterator[str]:
    """What stays the same wherever the value stands within what is encoded: three alignments."""
    data = value.encode(errors="replace")
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            whole = encode(bytes(before) + data).decode()
            # the first characters hold bits of what stands before, the last of what follows
            first, last = -(-8 * before // 6), 8 * (before + len(data)) // 6
            yield whole[first:last]
        for width in _WRAPS:
            whole = encode(data).decode()
            if len(whole) > width:
                yield from (whole[at : at + width] for at in range(0, len(whole), width))
