"""Whether visitors are shown that a certificate's CA still vouches for it: OCSP, stapled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class StaplingState(StrEnum):
    """not-offered: its CA names no responder. waiting: nobody has been asked yet, or what was
    answered is about to be served. unanswered: there is no answer that a visitor could be shown.
    unknown: the responder does not know the certificate."""

    NOT_OFFERED = "not-offered"
    WAITING = "waiting"
    STAPLED = "stapled"
    UNANSWERED = "unanswered"
    UNKNOWN = "unknown"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Stapling:
    """responder: its address, "" where there is none. until: how long the answer is good that
    visitors are shown. since: when it was revoked, or since when nothing is answered. reason: of
    either, as it was told. required: whether the certificate demands an answer (RFC 7633)."""

    state: StaplingState = StaplingState.NOT_OFFERED
    responder: str = ""
    until: datetime | None = None
    since: datetime | None = None
    reason: str = ""
    required: bool = False

    @property
    def is_trouble(self) -> bool:
        """Whether visitors may be refused by their browsers."""
        shown = self.state in (StaplingState.STAPLED, StaplingState.WAITING)
        return self.state is StaplingState.REVOKED or (self.required and not shown)
