"""A node's recovery kit: whether there is one, and what became of a look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret


class KitState(StrEnum):
    """missing: a lost keychain is lost data. unconfirmed: made, and not proven to be kept.
    foreign: the node has one, and this workstation's keychain was never let in with it."""

    MISSING = "missing"
    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class KitStatus:
    """recipient: the kit's public half. admins: who can open what it opens, as `Ada on desk`;
    both are empty where this workstation cannot read them."""

    state: KitState
    recipient: str = ""
    admins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit at the moment it can be shown. volumes: where the engine keeps its volumes."""

    identity: Secret
    recipient: str
    node: str
    volumes: str
    made: datetime


@dataclass(frozen=True, slots=True)
class KitOpened:
    """What a kit opened. apps: those whose key it opens, sorted."""

    recipient: str
    apps: tuple[AppName, ...]
