"""Why a Gitea or a Forgejo refused: its answers in words that say what to do."""

from __future__ import annotations

import re

import requests

from holdfast.adapters import forge_refusals
from holdfast.domain.forge_account import ForgeError, ForgeKind, example_api

#: Both name the scope that a token lacks, older versions and newer ones in two ways.
_NEEDED = re.compile(r"required scope\(s\)(?::|, required=) ?\[(?P<scopes>[a-z:, -]+)\]")


def refusal(forge: ForgeKind, api: str, answer: requests.Response) -> ForgeError:
    status, told = answer.status_code, _message(answer)
    if status == 429:
        return forge_refusals.limit_reached(api, forge_refusals.when_again(answer.headers))
    if answer.is_redirect:
        return forge_refusals.leads_elsewhere(forge, api)
    if status == 403:
        needed = _NEEDED.search(told)
        return forge_refusals.not_allowed(
            api,
            f"It would need: {needed['scopes']}."
            if needed
            else f"{forge.value} says: {told[:200]}",
            f"Sign in with a token that has that right: {forge.sign_in}"
            if needed
            else "Its owner has to administer the repository. Ask one who does.",
        )
    if status == 422 and ("already" in told or "been used" in told):
        return forge_refusals.has_it_already(forge, api, told)
    return forge_refusals.refusal(forge, api, status, told)


def no_such_forge(forge: ForgeKind, api: str) -> ForgeError:
    return ForgeError(
        f"No {forge.value} answers at {api}.",
        "What came is not what one says of a token's owner.",
        f"Give the address of its API: {forge.sign_in} --api {example_api(forge)}",
    )


def _message(answer: requests.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        told = None
    message = told.get("message") if isinstance(told, dict) else None
    return str(message or answer.reason or answer.status_code)
