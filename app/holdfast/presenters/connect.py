"""The card that connects a repository: what it offers, asks and says."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.connection import (
    CredentialRefused,
    HostKeyUnknown,
    Repository,
    ServerUntrusted,
)
from holdfast.domain.errors import HoldfastError
from holdfast.domain.forge_account import (
    PUBLIC_APIS,
    ForgeKind,
    public_forge,
    wanted_scopes,
    web_host,
)
from holdfast.domain.forges import deploy_keys_page, is_known_forge, ssh_address
from holdfast.domain.repository import RepositoryAddress, RepositoryKind, parse_repository
from holdfast.domain.ssh_agent import AgentKey, AgentKeyUnchosen
from holdfast.presenters.github import EMAIL, token_page
from holdfast.presenters.problem import Problem

KEY_ADDED = "I have added it"
TRUST = "It is the server's key"
MAKE_KEY = "Make a deploy key"
INSTALL_KEY = "Install a deploy key"
USE_TOKEN = "Use a token"
AS_BEARER = "As a bearer token"
USE_AGENT = "Use the ssh agent"
USE_KEY = "Use this key"
USE_FILE = "Use a key file…"
CHOOSE_CA = "Choose its CA…"
TOKEN, PASSPHRASE, OPEN_KEY = "Token", "Passphrase", "Open the key"
USER = "User name, where the token has one of its own"
SIGN_IN = "Sign in"
OPEN_PAGE, MAKE_TOKEN = "Open its page", "Make a token"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a card says at one moment. key_address: for which a deploy key can be made, None where
    that is not known. page: where the key is added, or a token made, in a browser. installs:
    Holdfast can add it itself, signed in. sign_in: the forge whose token it asks for to do so.
    bearer: its server may be one that takes bearer tokens alone. agent: a key of the ssh agent can
    be used instead. agent_keys: from which one is chosen, (fingerprint, words) each. file: so can a
    key that lies in a file. passphrase: that one is encrypted. authority: what the server's
    certificate was signed by may be added. asks_user: what is asked for beside the token, "" for
    nothing; needs_user: it has to be given. user: the one so far."""

    title: str
    text: str
    key_address: str | None = None
    token_address: str | None = None
    host_key: str = ""
    public_key: str = ""
    page: str | None = None
    installs: bool = False
    bearer: bool = False
    sign_in: ForgeKind | None = None
    agent: bool = False
    agent_keys: tuple[tuple[str, str], ...] = ()
    file: bool = False
    passphrase: bool = False
    authority: bool = False
    asks_user: str = ""
    needs_user: bool = False
    user: str = ""


def credential_offer(
    address: RepositoryAddress,
    refused: HoldfastError | None = None,
    user: str = "",
    signed_in: bool = False,
) -> Offer:
    """The first question: a key or a token. user: of the token so far. signed_in: to the forge of
    one's own that it is at."""
    ssh = address.kind is RepositoryKind.SSH
    key_address = address.url if ssh else ssh_address(address)
    key = "A deploy key reads this one repository and nothing else."
    token = "A token may read whatever its owner allowed it."
    elsewhere = f"{token} For a deploy key, give the repository's SSH address."
    installs = signed_in or public_forge(address.host) is not None
    title = "This repository needs a credential"
    if isinstance(refused, CredentialRefused):
        title = refused.what
    return Offer(
        title,
        key if ssh else f"{key} {token}" if key_address or installs else elsewhere,
        key_address=key_address,
        token_address=None if ssh else address.url,
        installs=installs,
        bearer=not ssh and not is_known_forge(address),
        agent=key_address is not None,
        file=key_address is not None,
        asks_user="" if ssh else USER,
        user=user,
    )


def agent_offer(unchosen: AgentKeyUnchosen) -> Offer:
    """The second question, where there are several."""
    return Offer(
        "Which key of the ssh agent?",
        "It stays in the agent, and the agent on this workstation: without both the repository is"
        " not read. A server gives up after a few keys that it does not know.",
        agent_keys=tuple((key.fingerprint, _key_words(key)) for key in unchosen.keys),
    )


def _key_words(key: AgentKey) -> str:
    return f"{key.name}  {key.fingerprint}"


def passphrase_offer(problem: Problem) -> Offer:
    """A key that is encrypted in its file."""
    text = f"{problem.why} The passphrase is used once, and not kept; the key lies in the keychain."
    return Offer(problem.what, text.strip(), passphrase=True)


def untrusted_offer(untrusted: ServerUntrusted) -> Offer:
    """What no credential helps against."""
    here = "Choose the file with its CA here. " if untrusted.by_ca else ""
    return Offer(
        untrusted.what,
        f"{untrusted.why.rstrip('.')}. {here}{untrusted.next}",
        authority=untrusted.by_ca,
    )


def sign_in_offer(forge: ForgeKind) -> Offer:
    return Offer(
        f"Sign in to {forge.value}",
        f"With a token of yours that has {', '.join(wanted_scopes(forge))}, Holdfast installs the"
        " deploy key, for reading alone, and takes it away again. The token is kept in your"
        f" keychain, and shown to {web_host(PUBLIC_APIS[forge])} alone.",
        page=token_page(forge, PUBLIC_APIS[forge]),
        sign_in=forge,
        asks_user=EMAIL if forge.asks_user else "",
        needs_user=forge.asks_user,
    )


def host_key_offer(unknown: HostKeyUnknown) -> Offer:
    first = unknown.offered[0]
    return Offer(
        f"Is this {unknown.host}?",
        "It was never spoken to before. Compare its fingerprint with what its admin published.",
        host_key=first.fingerprint,
    )


def key_offer(connected: Repository, told: str = "") -> Offer:
    """The public half, to be added at the forge. told: what went wrong with it, if anything."""
    address = parse_repository(connected.address)
    where = f"On {address.host}, open the repository's deploy keys and add this one, for reading."
    by_agent = connected.agent_key is not None
    if by_agent:
        where = f"{address.host} has to know it: as a key of yours, or of the repository's."
    return Offer(
        told or ("The key of your ssh agent" if by_agent else "Add this key to the repository"),
        where,
        public_key=connected.public_key,
        page=None if by_agent else deploy_keys_page(address),
        agent=not by_agent,
    )
