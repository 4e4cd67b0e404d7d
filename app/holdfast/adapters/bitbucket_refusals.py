"""Why Bitbucket refused: its answers in words that say what to do."""

from __future__ import annotations

from typing import Any

import requests

from holdfast.adapters import forge_refusals
from holdfast.domain.forge_account import ForgeError, ForgeKind, NotSignedIn, web_host

_BITBUCKET = ForgeKind.BITBUCKET


def refusal(api: str, answer: requests.Response) -> ForgeError:
    status, told = answer.status_code, _message(answer)
    if status == 401:
        return NotSignedIn(
            f"{web_host(api)} does not accept the token.",
            "It has expired or was revoked, it was made without scopes, or it is of another e-mail"
            " address.",
            f"Make one “with scopes”, for Bitbucket, and sign in again: {_BITBUCKET.sign_in}",
        )
    if status == 429:
        return forge_refusals.limit_reached(api, forge_refusals.when_again(answer.headers))
    if answer.is_redirect:
        return forge_refusals.leads_elsewhere(_BITBUCKET, api)
    if status == 403:
        needed = _scopes(answer, "required")
        return forge_refusals.not_allowed(
            api,
            f"It would need: {', '.join(needed)}." if needed else f"Bitbucket says: {told[:200]}",
            f"Sign in with a token that has that right: {_BITBUCKET.sign_in}"
            if needed
            else "Its owner has to administer the repository. Ask one who does.",
        )
    if status in (400, 409) and "already" in told:
        return forge_refusals.has_it_already(_BITBUCKET, api, told)
    return forge_refusals.refusal(_BITBUCKET, api, status, told)


def granted(answer: requests.Response) -> tuple[str, ...] | None:
    """The token's scopes, which a refusal may tell beside what it lacks."""
    return _scopes(answer, "granted")


def leads_out(api: str) -> ForgeError:
    return ForgeError(
        f"{web_host(api)} goes on at another address.",
        "A token is carried to no other one.",
        "Try again later; if it remains so, name the repository by its address.",
    )


def _scopes(answer: requests.Response, kind: str) -> tuple[str, ...] | None:
    detail = _error(answer).get("detail")
    told = detail.get(kind) if isinstance(detail, dict) else None
    return tuple(str(each) for each in told) if isinstance(told, list) else None


def _message(answer: requests.Response) -> str:
    error = _error(answer)
    fields = error.get("fields")
    told = [str(error.get("message") or answer.reason or answer.status_code)]
    if isinstance(fields, dict):
        told += [str(each) for each in fields.values()]
    return " ".join(told)


def _error(answer: requests.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    error = told.get("error") if isinstance(told, dict) else None
    return error if isinstance(error, dict) else {}
