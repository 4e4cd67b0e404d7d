"""Which ACME server an app's visitor certificate comes from, and what went wrong there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName
from holdfast.domain.web_address import plain_address

LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
_SHORT = timedelta(days=10)
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+")


@dataclass(frozen=True, slots=True)
class AcmeServer:
    """directory: its address. email: where it may write to, "" for nowhere. roots: PEM of the CAs
    of a private server, which this machine need not trust."""

    directory: str = LETS_ENCRYPT
    email: str = ""
    roots: bytes = b""


@dataclass(frozen=True, slots=True)
class SuggestedRenewal:
    """What an ACME server suggests (RFC 9773). at: drawn by chance from its window. explanation: an
    address where it says why, "" for none."""

    at: datetime
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class AcmeOutcome:
    """How the last look went. kind: the ACME error (RFC 8555, section 6.7) without its prefix, or
    a word of ours; "" if nothing was wrong. detail: the server's own words, or the client's.
    renewal: None where the server suggests nothing: then it is `renewal_by_life`."""

    at: datetime
    kind: str
    detail: str
    renewal: SuggestedRenewal | None = None


class AccountState(StrEnum):
    """lost: the server does not know it. deactivated: the server gives it nothing any more."""

    VALID = "valid"
    LOST = "lost"
    DEACTIVATED = "deactivated"
    NOT_ASKED = "not asked"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class AcmeAccount:
    """An app's account with an ACME server. directory, email, url: where it is, whom the server
    writes to, and which it is; all empty while that cannot be read, as of a sealed app. key_words:
    the kind of its key. contact: when the server last answered about it. failure: why it did not
    the last time, or what it has against it."""

    app: AppName
    state: AccountState
    directory: str = ""
    email: str = ""
    url: str = ""
    key_words: str = ""
    contact: datetime | None = None
    failure: AcmeOutcome | None = None

    @property
    def key(self) -> str:
        """Unique within a node's certificates."""
        return f"acme-account/{self.app}"

    @property
    def is_trouble(self) -> bool:
        """Whether nothing is renewed with it."""
        return self.state in (AccountState.LOST, AccountState.DEACTIVATED)


def renewal_by_life(begins: datetime, ends: datetime) -> datetime:
    """As certbot has it: when a third of the life is left, of a short one half."""
    life = ends - begins
    return ends - life / (2 if life < _SHORT else 3)


def parse_acme(directory: str, email: str, roots: bytes) -> AcmeServer:
    """Raises UsageError: the address becomes an argument of the ACME client, which others see, so
    it holds no credential."""
    place = plain_address(directory)
    if place is None or place.scheme != "https":
        raise UsageError(
            "This is not the address of an ACME server's directory.",
            "It has to begin with https://, and holds neither a user name, a password, a query nor"
            " a fragment.",
            f"That of Let's Encrypt is {LETS_ENCRYPT}",
        )
    if email and not _EMAIL.fullmatch(email):
        raise UsageError(
            f"“{email[:80]}” is not an e-mail address.", "", "Leave it out, or mend it."
        )
    if roots and b"-----BEGIN CERTIFICATE-----" not in roots:
        raise UsageError("The file of CAs holds no certificate in PEM.", "", "Name another file.")
    return AcmeServer(directory, email, roots)


def acme_trouble(outcome: AcmeOutcome, host: str) -> str:
    """What went wrong, in sentences; "" if nothing did."""
    if not outcome.kind:
        return ""
    said = outcome.detail.strip()
    told = _TOLD.get(outcome.kind, "The ACME client failed.").format(host=host)
    return f"{told} It says: {said}" if said else told


_CHALLENGE = (
    "The ACME server could not verify {host}: it asks http://{host}/ on port 80, which has to lead"
    " to this node's edge."
)
_ACCOUNT = (
    "The ACME server does not know the account any more. Drop the certificate and ask for it"
    " again, which makes a new account."
)
_TOLD = {
    "rateLimited": "The ACME server's limit is reached: it refuses more requests for a while.",
    "accountDoesNotExist": _ACCOUNT,
    "connection": _CHALLENGE,
    "dns": "The ACME server could not look up {host}: its name has to lead to this node's edge.",
    "unauthorized": _CHALLENGE,
    "incorrectResponse": _CHALLENGE,
    "caa": "The domain of {host} forbids this ACME server (CAA record).",
    "rejectedIdentifier": "The ACME server gives no certificate for {host}.",
    "externalAccountRequired": "The ACME server wants an account that was made there before,"
    " which Holdfast does not offer yet.",
    "gone": "The ACME server does not answer.",
    "noServer": "No ACME server answers at that address.",
    "clock": "The ACME server's own certificate is not valid at this time: look whether the node's"
    " clock is right.",
    "untrusted": "The ACME server's own certificate is not trusted: name its CA with --ca-file.",
}
