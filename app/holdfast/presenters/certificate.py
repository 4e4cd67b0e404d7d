"""The certificate that an app's visitors get: how long it lasts, in a word and a sentence."""

from __future__ import annotations

from datetime import datetime

from holdfast.presenters.quantities import count, exact, span
from holdfast.presenters.states import Look, Shape, Tone

#: A certificate of ours lasts 90 days; from here on the window asks for action.
WARN_DAYS = 14

LASTS = Look("Certificate", Shape.LOCK, Tone.MUTED)
ENDS_SOON = Look("Certificate ends soon", Shape.LOCK, Tone.WARN)
EXPIRED = Look("Certificate expired", Shape.LOCK, Tone.BAD)


def certificate_look(ends: datetime, now: datetime) -> Look:
    if ends <= now:
        return EXPIRED
    return ENDS_SOON if (ends - now).days < WARN_DAYS else LASTS


def time_left(ends: datetime, now: datetime) -> str:
    """“61 d”, or “expired”."""
    return span((ends - now).total_seconds(), days_only=True) if ends > now else "expired"


def time_left_aloud(ends: datetime, now: datetime) -> str:
    """For a screen reader, to which the lock says nothing."""
    left = time_left(ends, now)
    return f"Certificate: {left} left" if ends > now else f"Certificate: {left}"


def ends_exactly(ends: datetime) -> str:
    return f"Its certificate ends {exact(ends)}"


def lasts_sentence(ends: datetime, now: datetime) -> str:
    """For the card In transit."""
    if ends <= now:
        return "Its certificate has expired: renew it under Certificates."
    left = (ends - now).days
    told = f"{count(left, 'day')} left of its certificate"
    if left < WARN_DAYS:
        return f"Only {told}: renew it under Certificates."
    return f"{told[0].upper()}{told[1:]}."
