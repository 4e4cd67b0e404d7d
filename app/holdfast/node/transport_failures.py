"""Why a server was not reached, or spoke no git, out of the words of git, curl and ssh."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from holdfast.domain.errors import RepositoryError
from holdfast.domain.repository import RepositoryAddress

#: As fetch.sh prints why a connection was not made: git keeps it to itself.
_CONNECT = re.compile(r"^connect: *(.+?)\s*$", re.MULTILINE)
#: What a server says is no word of git's.
_REMOTE = re.compile(r"^remote:.*$", re.MULTILINE)
_MILLISECONDS = re.compile(r"failed to connect to .* after (\d+) ms", re.IGNORECASE)
#: What is refused is so at once, and a way that is missing is told within three seconds.
_SILENCE_MS = 10_000
_REDIRECTED = re.compile(r"^warning: redirecting to (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Fault:
    """signs: of which one is among the words, in small letters. {host} stands for the host.
    why: "" for the program's own last line."""

    signs: tuple[str, ...]
    what: str
    next: str
    why: str = ""


_NO_PROXY = (
    "or name {host} in NO_PROXY where the node reaches it without; then start Holdfast anew."
)
_SILENT = _Fault(
    ("connection timed out", "ssl connection timeout", "no answer within"),
    "{host} does not answer.",
    "Check the address and its port, and that the node may reach it; then try again.",
    "Nothing came back: that machine is off, or a firewall on the way drops what is sent.",
)
#: The first that fits counts.
_FAULTS = (
    _Fault(
        ("could not resolve proxy",),
        "The proxy's host name is not known.",
        f"Correct HTTPS_PROXY, {_NO_PROXY}",
    ),
    _Fault(
        ("connect tunnel failed, response 407", "code 407 from proxy", "returned error: 407"),
        "The proxy wants to know who asks.",
        f"Ask whoever looks after it to admit the node, {_NO_PROXY}",
        "It answered 407.",
    ),
    _Fault(
        ("connect tunnel failed", "from proxy after connect"),
        "The proxy lets nobody through to {host}.",
        f"Ask whoever looks after it to admit {{host}}, {_NO_PROXY}",
    ),
    _Fault(
        ("temporary failure in name resolution", "resolving timed out"),
        "The node cannot look up names just now.",
        "Try again; if it stays so, check the node's network and its name server.",
        "No name server told it the address of {host}.",
    ),
    _Fault(
        ("could not resolve host", "name or service not known"),
        "There is no host {host}.",
        "Check the spelling, and the node's network.",
        "The node could not find its address.",
    ),
    _Fault(
        ("no route to host", "network is unreachable", "host is unreachable"),
        "The node has no way to {host}.",
        "Check the address and the node's network. A server in a VPN is reached where the node is"
        " in it too.",
    ),
    _SILENT,
    _Fault(
        ("failed to connect", "couldn't connect", "connection refused"),
        "{host} does not answer.",
        "Check the address. A server on the node itself is refused: serve it from elsewhere.",
    ),
    _Fault(
        ("timed out", "operation too slow"),
        "{host} does not answer in time.",
        "Check the address and the network, then try again.",
    ),
    _Fault(
        ("no matching host key type", "no matching key exchange", "no matching cipher"),
        "{host} speaks an SSH that is not safe any more.",
        "Have that server's SSH brought up to date, or give the repository's https address.",
    ),
    _Fault(
        ("returned error: 410",),
        "The repository is gone from {host}.",
        "Ask whose it was where it is now, and give that address.",
        "It answered 410: what was there was taken away for good.",
    ),
    _Fault(
        ("redirects followed",),
        "{host} sends from one address to the next, without an end.",
        "Check the address; a forge shows the one for git beside the repository.",
    ),
)
_WEB_PAGE = "not valid: is this a git repository"


def tells_unknown_host(text: str) -> bool:
    return "could not resolve host:" in text.lower()


def without_connect(text: str) -> tuple[str, str]:
    """Git's own words, and why a connection was not made where that was told."""
    told = _CONNECT.findall(text)
    return _CONNECT.sub("", text), told[-1] if told else ""


def redirected(text: str) -> SplitResult | None:
    """The address that a server sent git on to, where git says so."""
    sent = _REDIRECTED.findall(text)
    return urlsplit(sent[-1]) if sent else None


def not_reached(
    address: RepositoryAddress, text: str, last: str, reason: str
) -> RepositoryError | None:
    """last: of git's lines. reason: see `without_connect`. None where it was reached, and spoke
    git."""
    own = _REMOTE.sub("", text)
    if "failed to connect" not in own.lower():
        # by another of its addresses it was
        reason = ""
    lower = f"{own}\n{reason}".lower()
    if _WEB_PAGE in lower:
        return _web_page(address, text)
    waited = _MILLISECONDS.search(text)
    if waited is not None and int(waited[1]) >= _SILENCE_MS and not reason:
        return _told(_SILENT, address, last)
    fault = _first(_FAULTS, lower)
    return _told(fault, address, f"{last} ({reason})" if reason else last) if fault else None


def _first(faults: Sequence[_Fault], lower: str) -> _Fault | None:
    return next((each for each in faults if any(sign in lower for sign in each.signs)), None)


def _told(fault: _Fault, address: RepositoryAddress, last: str) -> RepositoryError:
    host = address.host or "the server"
    what, why, then = (text.replace("{host}", host) for text in (fault.what, fault.why, fault.next))
    return RepositoryError(what, why or last[:200], then)


def _web_page(address: RepositoryAddress, text: str) -> RepositoryError:
    """A page for people, for which git takes what it reads. Its query is nobody's business."""
    sent = redirected(text)
    place = sent.hostname if sent else None
    if place is None:
        return RepositoryError(
            f"{address.host} answers with a web page, and not with a repository.",
            "It may ask people to sign in, or stand at another address than the repository.",
            "Give the address that the forge shows for git; where people sign in first, give its"
            " SSH address.",
        )
    return RepositoryError(
        f"{address.host} sends to a page for people, to sign in say.",
        f"It redirects to {place}, which answers without git.",
        f"Give a token: holdfast repository add {address.url} --token. Where it is sent there all"
        " the same, give the repository's SSH address.",
    )
