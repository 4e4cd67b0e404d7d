"""A node's recovery kit: whether there is one, and what became of a look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret

#: Of the operations on a kit: one at a time.
KIT_LANE = "kit"


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
class KitAdmin:
    """Who can open the node's files. name: `Ada on desk`. here: whether that is this workstation.
    leaving: whose admission has ended, while their revocation is not finished."""

    name: str
    recipient: str
    here: bool = False
    leaving: bool = False


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


@dataclass(frozen=True, slots=True)
class Revoked:
    """A finished revocation. kit: the new one, None where it is known to be kept already. apps:
    whose volumes have new keys, sorted. ca_certificate: the path of the CA that visitors have to
    trust from now on. visitors: whose certificates open an app no more, by app."""

    admin: str
    kit: Kit | None
    apps: tuple[AppName, ...]
    ca_certificate: str
    visitors: Mapping[AppName, tuple[str, ...]] = field(default_factory=dict)


def choose_admin(admins: Sequence[KitAdmin], wanted: str) -> KitAdmin:
    """The one to revoke. wanted: a name as it is listed, or the beginning of a recipient. Raises
    UsageError for nobody, for several, for this workstation, and while another is leaving."""
    found = [a for a in admins if a.name == wanted or _begins(a.recipient, wanted)]
    if len(found) != 1:
        listed = "; ".join(f"{admin.name} ({admin.recipient})" for admin in admins)
        raise UsageError(
            f"Several admins are named {wanted}." if found else f"No admin is named {wanted}.",
            f"The admins are: {listed}." if listed else "The node has no recovery kit.",
            "Name one as they are listed, or by the beginning of the public half.",
        )
    chosen = found[0]
    if chosen.here:
        raise UsageError(
            "An admin cannot revoke themselves.",
            f"{chosen.name} is this workstation.",
            "Revoke it from another admin's workstation.",
        )
    leaving = next((admin for admin in admins if admin.leaving), chosen)
    if leaving != chosen:
        raise UsageError(
            f"The revocation of {leaving.name} is not finished.",
            "Volumes that they can open have no new key yet.",
            f"Finish it first: holdfast kit revoke {leaving.recipient} --yes",
        )
    return chosen


def _begins(recipient: str, wanted: str) -> bool:
    # eight characters after `age1`: fewer are a slip
    return len(wanted) >= len("age1") + 8 and recipient.startswith(wanted)
