"""What git could not do, out of its own words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import humanize

from holdfast.domain.connection import (
    Connection,
    CredentialKind,
    CredentialNeeded,
    CredentialRefused,
    ServerBusy,
)
from holdfast.domain.errors import RepositoryError
from holdfast.domain.forges import deploy_keys_page, is_known_forge
from holdfast.domain.masking import Mask
from holdfast.domain.repository import RepositoryAddress, RepositoryKind
from holdfast.node.git_certificates import not_trusted
from holdfast.node.transport_failures import not_reached, redirected, without_connect

_STATUS = re.compile(r"(?:error: |HTTP |status code )(\d{3})\b")
_HTTPS_PORT = 443
#: More of them are no time to wait.
_DIGITS = 8
#: As fetch.sh prints it.
_REST = re.compile(r"^retry-after: *(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
#: What git adds where ssh ended, whatever the reason.
_EMPTY_WORDS = (
    "fatal: Could not read from remote repository.",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
)
_ASKED = ("terminal prompts disabled", "could not read username", "authentication failed")
_CUT_OFF = (
    "early eof",
    "unexpected disconnect",
    "remote end hung up",
    "closed by remote host",
    "connection reset",
    "curl 18",
    "curl 56",
)
_LIMITED = ("rate limit", "too many requests")
_SIGN_ON = re.compile(r"SAML|\bSSO\b|[Ss]ingle [Ss]ign.?[Oo]n")
#: How git begins the lines of a server's answer, and servers over SSH theirs.
_REMOTE = re.compile(r"^(?:remote:|ERROR:) ?(.*)$", re.MULTILINE)
_MOST_WORDS = 300
_ABSENT = ("not found", "does not appear to be", "does not exist", "could not be found")


def explain_git(
    address: RepositoryAddress,
    text: str,
    now: datetime,
    connection: Connection | None = None,
    *,
    kept: bool = True,
) -> RepositoryError:
    """text: what git wrote to standard error. connection: by which the repository was reached.
    kept: it is not only tried."""
    rest = _rest(text, now)
    text, reason = without_connect(_REST.sub("", text))
    for line in _EMPTY_WORDS:
        text = text.replace(line, "")
    if not text.strip() and address.kind is RepositoryKind.SSH:
        return _broken_off(address, "It ended the connection without a word.")
    lower = text.lower()
    last = next((line for line in reversed(text.strip().splitlines()) if line.strip()), "")
    found = _STATUS.search(text)
    status = int(found[1]) if found else None
    if "agent refused operation" in lower:
        return CredentialRefused(
            "The ssh agent did not sign with its key.",
            "It is locked, or somebody who was asked said no.",
            "Unlock it with ssh-add -X, or say yes, then try again.",
        )
    unreached = not_reached(address, text, last, reason)
    if unreached is not None and "smudge" not in lower:
        return unreached
    said = _server_says(text, connection)
    if status == 403 and any(sign in said.lower() for sign in _LIMITED):
        return _server_trouble(address, status, rest, said)
    if status in (403, None) and _SIGN_ON.search(said):
        return _sign_on(address, connection, said)
    if (elsewhere := _sent_on(address, text, status)) is not None:
        return elsewhere
    if status in (401, 403) or any(sign in lower for sign in _ASKED):
        return _unauthorised(address, connection, said, kept)
    if "permission denied" in lower and address.kind is RepositoryKind.SSH:
        return _unauthorised(address, connection, "", kept)
    by_agent = connection is not None and connection.credential is CredentialKind.SSH_AGENT
    if "smudge" in lower and by_agent:
        return RepositoryError(
            "A file that the repository keeps in Git LFS could not be fetched.",
            "Not with a key of the ssh agent: the token that an LFS server gives for a person's key"
            " may open more than this repository.",
            f"Connect it with a deploy key: holdfast repository remove {address.url}, then add it.",
        )
    if "smudge" in lower:
        told = next((line for line in text.splitlines() if "error" in line.lower()), last)
        return RepositoryError(
            "A file that the repository keeps in Git LFS could not be fetched.",
            told[:200],
            "Check that it was pushed with: git lfs push --all origin. Of a folder, only what its"
            " origin has is fetched.",
        )
    if status == 429 or (status is not None and status >= 500):
        return _server_trouble(address, status, rest, said)
    return _broken(address, lower, last) or _unlike(address, lower, last, connection)


def credential_needed(address: RepositoryAddress, said: str = "") -> CredentialNeeded:
    """said: the server's own words, as a sentence."""
    if address.kind is RepositoryKind.SSH:
        return CredentialNeeded(
            "There is no key for this repository yet.",
            f"{address.host} speaks to nobody without one.{said}",
            f"Make a deploy key: holdfast repository add {address.url}",
        )
    return CredentialNeeded(
        "The repository does not exist, or needs a credential.",
        f"{address.host} asked for a user name and password.{said}",
        "Check the address. For a private repository give a token:"
        f" holdfast repository add {address.url} --token",
    )


def tells_wrong_host_key(text: str) -> bool:
    return "host key verification failed" in text.lower()


def no_host_keys(address: RepositoryAddress, text: str) -> RepositoryError:
    lines = [line for line in text.strip().splitlines() if not line.startswith("#")]
    return RepositoryError(
        f"{address.host} shows no host key.",
        lines[-1][:200] if lines else "Nothing that speaks SSH answered in 15 seconds.",
        "Check the address and its port. A server on the node itself is refused.",
    )


def _server_says(text: str, connection: Connection | None) -> str:
    """A server's own words, as a sentence of ours. They are foreign: one line, and not long, in
    which nothing is seen of what was shown to it."""
    words = " ".join(" ".join(_REMOTE.findall(text)).split())
    if not words:
        return ""
    secrets = [] if connection is None else [connection.secret, connection.secret_before]
    mask = Mask(each.reveal().decode(errors="replace") for each in secrets if each is not None)
    shown = "".join(sign for sign in mask.hide(words) if sign.isprintable())
    cut = shown if len(shown) <= _MOST_WORDS else f"{shown[:_MOST_WORDS]}…"
    return f" It says: “{cut}”"


def _sent_on(address: RepositoryAddress, text: str, status: int | None) -> RepositoryError | None:
    """Where it redirects, and the other one asks who it is, or it does so only once it knows that
    itself. Git shows what is for one server to no other."""
    place = redirected(text)
    away = place is not None and (place.hostname, place.port or _HTTPS_PORT) != (
        (address.host or "").strip("[]"),
        address.port or _HTTPS_PORT,
    )
    asks = status in (401, 403) or any(sign in text.lower() for sign in _ASKED)
    if place is not None and away and asks:
        return RepositoryError(
            f"{address.host} sends git on to {place.netloc}.",
            "That one asks who it is, and what opens a repository here is shown to nobody else.",
            "If the repository has moved there, connect it by the address that it has there.",
        )
    if status is not None and 300 <= status < 400:
        return RepositoryError(
            f"{address.host} sends git on to another address.",
            f"It does so once it knows who asks ({status}), and git goes no further then.",
            "Open the repository's page in a browser, and give the address that it has now.",
        )
    return None


def _sign_on(
    address: RepositoryAddress, connection: Connection | None, said: str
) -> RepositoryError:
    if connection is None or connection.credential is CredentialKind.NONE:
        return credential_needed(address, said)
    thing = "token" if connection.credential.is_token else "key"
    return CredentialRefused(
        "The organisation asks for single sign-on.",
        f"The {thing} has not been authorised for it.{said}",
        f"Authorise the {thing} for the organisation in {address.host}'s settings (“Configure"
        " SSO”), then try again.",
    )


def _unauthorised(
    address: RepositoryAddress, connection: Connection | None, said: str, kept: bool
) -> RepositoryError:
    if connection is None or connection.credential is CredentialKind.NONE:
        return credential_needed(address, said)
    if connection.credential.is_token:
        as_bearer = ""
        if connection.credential is CredentialKind.TOKEN and not is_known_forge(address):
            as_bearer = " (add it with --bearer where that server takes bearer tokens alone)"
        # what was only tried is not kept, and cannot be replaced
        verb = f"rotate-key {address.url}" if kept else f"add {address.url} --token"
        return CredentialRefused(
            f"{address.host} does not accept the token.",
            f"It is wrong, has expired, or may not read this repository.{said}",
            f"Give another{as_bearer}: holdfast repository {verb}",
        )
    if connection.credential is CredentialKind.SSH_AGENT:
        return CredentialRefused(
            f"{address.host} does not accept the ssh agent's key.",
            f"It knows no such key, or it may not read this repository: {connection.public_key}",
            f"Add it there, or choose another: holdfast repository add {address.url} --agent",
        )
    place = deploy_keys_page(address) or "the repository's deploy keys"
    return CredentialRefused(
        f"{address.host} does not accept the key.",
        "Its public half is not among the repository's deploy keys, or may not read it.",
        f"Add it there ({place}): {connection.public_key}",
    )


def _rest(text: str, now: datetime) -> timedelta | None:
    """What a server asks for: seconds, or the moment when it is over (RFC 9110, 10.2.3)."""
    said = _REST.findall(text)
    if not said:
        return None
    if said[-1].isascii() and said[-1].isdigit() and len(said[-1]) < _DIGITS:
        return timedelta(seconds=int(said[-1]))
    try:
        moment = parsedate_to_datetime(said[-1])
    except (ValueError, OverflowError):
        return None
    return moment - now if moment.tzinfo is not None and moment > now else None


def _server_trouble(
    address: RepositoryAddress, status: int | None, rest: timedelta | None, said: str
) -> RepositoryError:
    named = f" It asks for {humanize.naturaldelta(rest)}." if rest else ""
    if status in (403, 429):
        return ServerBusy(
            f"{address.host} asks to be left alone for a while.",
            f"It was asked too often ({status}).{named}{said}",
            "Try again after that." if rest else "Try again in some minutes.",
            rest,
        )
    return ServerBusy(
        f"{address.host} has a fault of its own.",
        f"It answered {status}.{named}{said}",
        f"Try again {'after that' if rest else 'later'}, or ask whoever looks after that server.",
        rest,
    )


def _broken(address: RepositoryAddress, lower: str, last: str) -> RepositoryError | None:
    if any(sign in lower for sign in _CUT_OFF) and not any(sign in lower for sign in _ABSENT):
        return _broken_off(address, last[:200])
    return None


def _broken_off(address: RepositoryAddress, why: str) -> RepositoryError:
    # ssh gives no reason where it was itself that ended it
    silent = " Or it said nothing for a minute, and was given up."
    return RepositoryError(
        f"{address.host} broke off in the middle.",
        f"{why}{silent if address.kind is RepositoryKind.SSH else ''}",
        "Nothing was changed. Try again; the network or that server is not well.",
    )


def _unlike(
    address: RepositoryAddress, lower: str, last: str, connection: Connection | None
) -> RepositoryError:
    if "unadvertised object" in lower:
        return RepositoryError(
            f"{address.host} gives no commit by its id.",
            "It is an old server, or one that is set so: it gives branches and tags alone.",
            "Put a tag on that commit, push it, and name the tag.",
        )
    if "not our ref" in lower:
        return RepositoryError(
            "The repository does not have the commit that is asked for.",
            last[:200],
            "Push it there, or choose one that is there.",
        )
    if any(sign in lower for sign in _ABSENT):
        shut = " A forge says the same where a credential may not read it." if connection else ""
        return RepositoryError(
            "There is no such repository.",
            f"{last[:200]}{shut}",
            "Check the address and its spelling.",
        )
    if (untrusted := not_trusted(address, lower, last, connection)) is not None:
        return untrusted
    return RepositoryError(
        "The repository could not be read.", last[:300], "Check the address and try again."
    )
