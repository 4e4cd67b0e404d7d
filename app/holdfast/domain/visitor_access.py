"""Who may open an app: everybody who reaches its address, or whoever shows a certificate."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret

#: How long a visitor's certificate lasts where nothing else is said, and at most.
VISITOR_DAYS, MOST_VISITOR_DAYS = 365, 825
#: Of a common name (X.520).
_LONGEST_NAME = 64


class AccessMode(StrEnum):
    PUBLIC = "public"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A certificate that was issued. serial: hex. authority: the mark of the CA that issued it.
    revoked: when it was taken back, None where it was not."""

    name: str
    serial: str
    not_after: datetime
    authority: str = ""
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class VisitorAccess:
    """authority: the mark of the app's visitors' CA, "" while it has none. visitors: those that it
    has issued, the oldest first, and those that its predecessor had."""

    app: AppName
    mode: AccessMode = AccessMode.PUBLIC
    authority: str = ""
    visitors: tuple[Visitor, ...] = ()

    def ended(self) -> tuple[Visitor, ...]:
        """What opens nothing any more because the CA was made anew."""
        return tuple(v for v in self.visitors if v.authority != self.authority and not v.revoked)

    def state(self, visitor: Visitor, now: datetime) -> VisitorState:
        if visitor.revoked is not None:
            return VisitorState.REVOKED
        if visitor.authority != self.authority:
            return VisitorState.ENDED
        return VisitorState.EXPIRED if now >= visitor.not_after else VisitorState.VALID

    def with_revoked(self, visitor: Visitor, now: datetime) -> VisitorAccess:
        gone = replace(visitor, revoked=visitor.revoked or now)
        return replace(
            self, visitors=tuple(gone if each == visitor else each for each in self.visitors)
        )

    def find(self, wanted: str) -> Visitor:
        """wanted: a serial or how it begins, or the name of a certificate that has not been
        revoked. Raises UsageError for none, and for several."""
        given = wanted.strip()
        serial = given.replace(":", "").lower()
        named = [v for v in self.visitors if v.name == given and v.revoked is None]
        found = named or [
            v for v in self.visitors if len(serial) >= 8 and v.serial.startswith(serial)
        ]
        if len(found) == 1:
            return found[0]
        raise UsageError(
            f"Several certificates of {self.app} are named {given[:80]}."
            if found
            else f"{self.app} has issued no certificate “{given[:80]}”.",
            "They are told apart by their serial numbers." if found else "",
            f"Look at them with: holdfast access show {self.app}",
        )


class VisitorState(StrEnum):
    """ended: the CA that issued it was replaced."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class IssuedVisitor:
    """A certificate with its key at the only moment that they are here. bundle: PKCS#12."""

    visitor: Visitor
    bundle: Secret = field(repr=False)
    passphrase: Secret


def parse_visitor(name: str, days: int) -> str:
    """The name as it stands in the certificate. Raises UsageError."""
    given = " ".join(name.split())
    if not given or len(given) > _LONGEST_NAME or not given.isprintable():
        raise UsageError(
            "A visitor's certificate needs a name.",
            f"It stands in the certificate, and has 1 to {_LONGEST_NAME} printable characters.",
            "Name whose it is, and on which device.",
        )
    if not 1 <= days <= MOST_VISITOR_DAYS:
        raise UsageError(
            f"A visitor's certificate cannot last {days} days.",
            f"It lasts 1 to {MOST_VISITOR_DAYS}.",
            "Issue another one when it ends.",
        )
    return given
