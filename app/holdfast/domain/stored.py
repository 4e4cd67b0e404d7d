"""Facts that are kept as JSON and read again, perhaps by another release of Holdfast."""

from __future__ import annotations

from typing import Self

import msgspec


class Damaged(Exception):
    """The text is none of this kind of fact's. The message says where it is wrong."""


class Stored(msgspec.Struct, frozen=True):
    """A frozen fact with its JSON text. Types are checked when it is read, by what is declared;
    fields that are not declared are passed over."""

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Raises Damaged."""
        try:
            return msgspec.json.decode(text, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Damaged(str(error)) from None
        except RecursionError:
            raise Damaged("It is nested too deeply.") from None

    def to_json(self) -> str:
        """One field a line, for whoever opens the volume without Holdfast."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1).decode()
