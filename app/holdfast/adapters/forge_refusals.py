"""Why a forge refused or was not reached, in words that say what to do: what all have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import requests
from urllib3.exceptions import NewConnectionError

from holdfast.domain.forge_account import (
    ForgeError,
    ForgeKind,
    ForgeUnreachable,
    NotSignedIn,
    web_host,
)
from holdfast.domain.secret import Secret


def typed_token(token: Secret, forge: ForgeKind) -> str:
    """As a header has it. Raises NotSignedIn for what no header can carry."""
    try:
        return token.reveal().decode("ascii")
    except UnicodeDecodeError:
        raise NotSignedIn(
            "This is no token.",
            "A token consists of letters, digits, hyphens and underscores.",
            f"Copy it once more from {forge.value}'s settings.",
        ) from None


def refusal(forge: ForgeKind, api: str, status: int | None, told: str) -> ForgeError:
    """status: None where there was none. told: the forge's own words."""
    host = web_host(api)
    if status == 401:
        return NotSignedIn(
            f"{host} does not accept the token.",
            "It has expired, or it was revoked.",
            f"Sign in again: {forge.sign_in}",
        )
    if status == 404:
        return ForgeError(
            f"{host} does not have that, or does not show it to this token.",
            f"{forge.value} says “not found” of what a token may not see.",
            f"Check the name, and what the token may do: holdfast {forge.command} show",
        )
    if status is None or status >= 500:
        return ForgeUnreachable(
            f"{host} cannot answer just now.",
            f"It says {status or told[:100]}.",
            "Try again later.",
        )
    return ForgeError(f"{host} refused it.", f"{forge.value} says: {told[:200]}")


def limit_reached(api: str, again: str = "Try again in some minutes.") -> ForgeError:
    """again: when, a sentence."""
    return ForgeError(
        f"{web_host(api)} answers no more questions for now.",
        "So many were asked that its limit is reached.",
        again,
    )


def when_again(headers: Mapping[str, str]) -> str:
    """headers: with names in lower case, or a mapping that does not mind."""
    reset, wait = headers.get("x-ratelimit-reset", ""), headers.get("retry-after", "")
    if wait.isdigit():
        return f"Try again in {wait} seconds."
    if reset.isdigit():
        return f"Try again after {datetime.fromtimestamp(int(reset), UTC):%H:%M} UTC."
    return "Try again in some minutes."


def not_allowed(api: str, why: str, then: str) -> ForgeError:
    return ForgeError(f"{web_host(api)} does not allow the token to do that.", why, then)


def leads_elsewhere(forge: ForgeKind, api: str) -> ForgeError:
    return ForgeError(
        f"{web_host(api)} sends the question to another address.",
        "A token is carried to no other one. The repository may have been renamed.",
        f"Give the repository's present address, or sign in again: {forge.sign_in} --api URL",
    )


def has_it_already(forge: ForgeKind, api: str, told: str) -> ForgeError:
    """told: the forge's own words."""
    return ForgeError(
        f"{web_host(api)} has this key, or one of its title, already.",
        f"{forge.value} says: {told[:200]}",
        "Delete it among the repository's deploy keys, then try again.",
    )


def unreachable(address: str, error: Exception) -> ForgeUnreachable:
    host = web_host(address)
    then = "Check this machine's network, then try again."
    if isinstance(error, requests.exceptions.SSLError):
        why = "Its certificate could not be verified."
        then = "If a CA of your own signed it, add that to those of this machine, then try again."
    elif isinstance(error, requests.exceptions.ProxyError):
        why = "The proxy of this machine does not lead there."
    elif isinstance(error, requests.Timeout):
        why = "It took too long."
    elif isinstance(error, requests.ConnectionError):
        why = "No connection came about."
    else:
        why = "What it answered was not understood."
    return ForgeUnreachable(f"{host} cannot be reached.", why, then, asked=_may_have_arrived(error))


def _may_have_arrived(error: Exception) -> bool:
    """Whether a connection stood on which it was asked."""
    never = (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return not isinstance(error, never) and not isinstance(reason, NewConnectionError)
