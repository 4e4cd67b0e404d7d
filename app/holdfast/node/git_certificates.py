"""What is wrong with the certificate that a git server shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from holdfast.domain.connection import Connection, ServerUntrusted
from holdfast.domain.errors import RepositoryError
from holdfast.domain.repository import RepositoryAddress


@dataclass(frozen=True, slots=True)
class ServerDates:
    """From when until when a server's certificate is valid, and the time by the node's clock."""

    begins: datetime
    ends: datetime
    now: datetime


#: Of OpenSSL's curl, and of GnuTLS's.
_OTHERS_NAME = (
    "does not match target host",
    "no alternative certificate subject name matches",
    "owner does not match hostname",
)


def tells_bad_certificate(text: str) -> bool:
    return "certificate" in text.lower()


def certificate_out_of_time(
    address: RepositoryAddress, dates: ServerDates, now: datetime
) -> RepositoryError | None:
    """Where the certificate is not valid by the node's clock. now: by this machine's."""
    if dates.begins <= dates.now <= dates.ends:
        return None
    early = dates.now < dates.begins
    what = "is not valid yet" if early else "has expired"
    when = (
        f"It {'begins' if early else 'ended'} on {_moment(dates.begins if early else dates.ends)}"
    )
    then = "Ask whoever looks after that server for a new one."
    if dates.begins <= now <= dates.ends:
        then = "By this machine's clock it is valid: set the node's, for example:"
        then += " sudo timedatectl set-ntp true"
    elif early:
        then = "If that is past, set both clocks, the node's and this machine's, for example:"
        then += " sudo timedatectl set-ntp true"
    return ServerUntrusted(
        f"The certificate of {address.host} {what}.",
        f"{when}; the node's clock is at {_moment(dates.now)}.",
        then,
        by_ca=False,
    )


def _moment(then: datetime) -> str:
    return f"{then:%-d %B %Y, %H:%M} UTC"


def not_trusted(
    address: RepositoryAddress, lower: str, last: str, connection: Connection | None
) -> ServerUntrusted | None:
    """lower: git's words in small letters; last: of their lines. None where they are about
    something else."""
    if any(sign in lower for sign in _OTHERS_NAME):
        return ServerUntrusted(
            f"{address.host} shows a certificate of another name.",
            last[:200],
            "Check the address, which has to be one of the certificate's names. Or something on the"
            " way answers in that server's place.",
            by_ca=False,
        )
    if "certificate" in lower:
        added = connection is not None and bool(connection.certificates)
        changed = ". It was added with a CA, of which this one is not." if added else ""
        return ServerUntrusted(
            f"The certificate of {address.host} could not be verified.",
            f"{last[:200].rstrip('.')}{changed}" if changed else last[:200],
            "Add its CA to this machine's trusted certificates, or for this host alone:"
            f" holdfast repository add {address.url} --ca FILE",
        )
    return None
