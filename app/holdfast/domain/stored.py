"""Facts as JSON, to be kept and read again, perhaps by another release of Holdfast."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

Fact = TypeVar("Fact")


class Damaged(Exception):
    """The text is none of this kind of fact's. The message says where it is wrong."""


def from_json(kind: type[Fact], text: bytes) -> Fact:
    """A dataclass out of its text: types are checked by what is declared, fields that are not
    declared are passed over. Raises Damaged."""
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damaged(str(error)) from None
    except RecursionError:
        raise Damaged("It is nested too deeply.") from None


def to_json(fact: Any) -> str:
    """One field a line, for whoever opens the volume without Holdfast."""
    return msgspec.json.format(msgspec.json.encode(fact), indent=1).decode()
