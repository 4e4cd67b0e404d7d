"""Why GitHub refused: its answers in words that say what to do."""

from __future__ import annotations

from github.GithubException import (
    BadCredentialsException,
    GithubException,
    RateLimitExceededException,
)

from holdfast.adapters import forge_refusals
from holdfast.domain.forge_account import ForgeError, ForgeKind, NotSignedIn

_FORGE = ForgeKind.GITHUB


def refusal(error: GithubException, api: str) -> ForgeError:
    headers = {name.lower(): str(value) for name, value in (error.headers or {}).items()}
    told = _message(error)
    if isinstance(error, BadCredentialsException):
        return forge_refusals.refusal(_FORGE, api, 401, told)
    if isinstance(error, RateLimitExceededException) or error.status == 429:
        return forge_refusals.limit_reached(api, forge_refusals.when_again(headers))
    if sso := headers.get("x-github-sso"):
        _, _, page = sso.partition("url=")
        return ForgeError(
            "The organisation asks for single sign-on.",
            "The token has not been authorised for it.",
            f"Authorise the token at {page}, then try again."
            if page
            else "Authorise the token for it in GitHub's settings, then try again.",
        )
    if error.status == 403:
        needs = headers.get("x-accepted-github-permissions") or headers.get(
            "x-accepted-oauth-scopes"
        )
        return forge_refusals.not_allowed(
            api,
            f"It would need: {needs.replace('=', ': ')}." if needs else f"GitHub says: {told}",
            "Give the token that right in GitHub's settings, or sign in with another one.",
        )
    return forge_refusals.refusal(_FORGE, api, error.status, told)


def device_refusal(error: str) -> ForgeError:
    reasons = {
        "expired_token": "The code was not typed in time.",
        "access_denied": "It was refused in the browser.",
        "incorrect_client_credentials": "GitHub does not know this client ID.",
        "Not Found": "GitHub does not know this client ID.",
        "device_flow_disabled": "The OAuth app does not have the device flow switched on.",
    }
    return NotSignedIn(
        "The sign-in was not finished.",
        reasons.get(error, f"GitHub says: {error}."),
        f"Sign in again: {_FORGE.sign_in}",
    )


def _message(error: GithubException) -> str:
    data = error.data
    told = data.get("message") if isinstance(data, dict) else None
    return str(told or error.status)
