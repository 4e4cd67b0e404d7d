"""Why GitHub refused: its answers in words that say what to do."""

from __future__ import annotations

from datetime import UTC, datetime

import requests
from github.GithubException import (
    BadCredentialsException,
    GithubException,
    RateLimitExceededException,
)

from holdfast.domain.forge_account import ForgeError, ForgeUnreachable, NotSignedIn, web_host

_AGAIN = "Sign in again: holdfast github sign-in"


def refusal(error: GithubException, api: str) -> ForgeError:
    host = web_host(api)
    headers = {name.lower(): str(value) for name, value in (error.headers or {}).items()}
    told = _message(error)
    if isinstance(error, BadCredentialsException) or error.status == 401:
        return NotSignedIn(
            f"{host} does not accept the token.", "It has expired, or it was revoked.", _AGAIN
        )
    if isinstance(error, RateLimitExceededException) or error.status == 429:
        return ForgeError(
            f"{host} answers no more questions for now.",
            "So many were asked with this token that its limit is reached.",
            _when_again(headers),
        )
    if sso := headers.get("x-github-sso"):
        _, _, page = sso.partition("url=")
        return ForgeError(
            "The organisation asks for single sign-on.",
            "The token has not been authorised for it.",
            f"Authorise the token at {page}, then try again."
            if page
            else "Authorise the token for it in GitHub's settings, then try again.",
        )
    if error.status == 404:
        return ForgeError(
            f"{host} does not have that, or does not show it to this token.",
            "GitHub says “not found” of what a token may not see.",
            "Check the name, and what the token may do: holdfast github show",
        )
    if error.status == 403:
        needs = headers.get("x-accepted-github-permissions") or headers.get(
            "x-accepted-oauth-scopes"
        )
        return ForgeError(
            f"{host} does not allow the token to do that.",
            f"It would need: {needs.replace('=', ': ')}." if needs else f"GitHub says: {told}",
            "Give the token that right in GitHub's settings, or sign in with another one.",
        )
    if error.status >= 500:
        return ForgeUnreachable(
            f"{host} cannot answer just now.", f"It says {error.status}.", "Try again later."
        )
    return ForgeError(f"{host} refused it.", f"GitHub says: {told}")


def unreachable(address: str, error: Exception) -> ForgeUnreachable:
    host = web_host(address)
    if isinstance(error, requests.exceptions.SSLError):
        why = "Its certificate could not be verified."
    elif isinstance(error, requests.exceptions.ProxyError):
        why = "The proxy of this machine does not lead there."
    elif isinstance(error, requests.Timeout):
        why = "It took too long."
    elif isinstance(error, requests.ConnectionError):
        why = "No connection came about."
    else:
        why = "What it answered was not understood."
    return ForgeUnreachable(
        f"{host} cannot be reached.", why, "Check this machine's network, then try again."
    )


def device_refusal(error: str) -> ForgeError:
    reasons = {
        "expired_token": "The code was not typed in time.",
        "access_denied": "It was refused in the browser.",
        "incorrect_client_credentials": "GitHub does not know this client ID.",
        "Not Found": "GitHub does not know this client ID.",
        "device_flow_disabled": "The OAuth app does not have the device flow switched on.",
    }
    return NotSignedIn(
        "The sign-in was not finished.", reasons.get(error, f"GitHub says: {error}."), _AGAIN
    )


def _message(error: GithubException) -> str:
    data = error.data
    told = data.get("message") if isinstance(data, dict) else None
    return str(told or error.status)


def _when_again(headers: dict[str, str]) -> str:
    reset, wait = headers.get("x-ratelimit-reset", ""), headers.get("retry-after", "")
    if wait.isdigit():
        return f"Try again in {wait} seconds."
    if reset.isdigit():
        return f"Try again after {datetime.fromtimestamp(int(reset), UTC):%H:%M} UTC."
    return "Try again in some minutes."
