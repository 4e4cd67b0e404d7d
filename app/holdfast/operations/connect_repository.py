"""Connect a repository: keep the credential that opens it, and the keys its host is held to."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from holdfast.domain.connection import (
    Connection,
    ConnectionRequest,
    Contact,
    CredentialKind,
    CredentialRefused,
    HostKeyUnknown,
    Repository,
)
from holdfast.domain.errors import HoldfastError, RepositoryError, UsageError
from holdfast.domain.forge_account import ForgeError, ForgeUnreachable
from holdfast.domain.forges import own_user, repository_path, token_user
from holdfast.domain.host_keys import HostKey, known_name
from holdfast.domain.operation import CancelToken, Line, Operation, Step, Steps
from holdfast.domain.repository import RepositoryAddress, RepositoryKind, remote_address
from holdfast.domain.secret import Secret
from holdfast.domain.ssh_agent import choose_agent_key
from holdfast.node.added_authorities import read_authorities
from holdfast.node.connections import Reach
from holdfast.node.deploy_keys import new_key_pair, read_key_pair
from holdfast.node.forge_access import title_of
from holdfast.node.looks import looking
from holdfast.node.node import Node
from holdfast.operations.check_kept import check_kept
from holdfast.ports import SshAgent

#: RFC 6750, section 2.1.
_BEARER = re.compile(rb"[A-Za-z0-9._~+/-]+=*")


def connect_repository(node: Node, request: ConnectionRequest) -> Operation[Repository]:
    """Raises HostKeyUnknown where the host is new and nobody confirmed its key,
    PassphraseNeeded, CredentialRefused; then nothing is kept. A key that was made just now cannot
    be tried yet."""
    given = remote_address(request.address)
    check_request(given, request)
    authorities = read_authorities(request.certificates, node.clock.now())

    def body(cancel: CancelToken) -> Steps[Repository]:
        yield Step("Look at the repository's host")
        address = node.forge_access.ssh_address(given) if request.install else given
        yield from node.images.ensure_node_image(cancel)
        reach = node.connections.reach(address)
        pinned = _pinned(node, address, reach, request, cancel)
        made = credential(address, request, reach.connection, node.ssh_agent)
        if authorities:
            made = replace(made, certificates=authorities)
        # a key that was made just now opens nothing yet
        openable = _is_own_key(request) or address.kind is RepositoryKind.HTTPS
        if openable:
            yield Step("Try it")
            trusted = authorities or reach.certificates
            made = _tried(node, address, made, Reach(made, pinned.keys, trusted), cancel)
        before = reach.connection
        if before is not None and before.forge_api and not made.forge_api:
            yield Step("Take the key before from the forge")
            for told in node.forge_access.take_back([before]):
                yield Line(told)
        yield Step("Keep it in the keychain")
        node.connections.keep(made)
        if pinned.confirmed:
            node.connections.pin(address, pinned.keys)
        if request.install:
            yield Step("Install the deploy key")
            _install(node, address, made, reach.connection)
            return (yield from check_kept(node, address, cancel))
        if pinned.confirmed and reach.connection is not None and not _is_own_key(request):
            # what is kept may open it now
            return (yield from check_kept(node, address, cancel))
        if openable:
            node.connections.note_contact(address, Contact(node.clock.now()))
        return node.connections.show(address)

    return Operation("Connect the repository", target="repositories", body=body)


def rotate_key(node: Node, given: str, token: Secret | None) -> Operation[Repository]:
    """A new deploy key beside the one that is used, which goes when `check_repository` has found
    that the new one opens the repository. Of those that Holdfast installed, a new one that has not
    opened it yet goes first. Where a token is kept: another token."""
    address = remote_address(given)

    def body(cancel: CancelToken) -> Steps[Repository]:
        yield Step("Read what is kept")
        kept = node.connections.reach(address).connection
        if kept is None or not kept.opens:
            raise not_connected(address)
        if kept.credential is CredentialKind.SSH_AGENT:
            raise UsageError(
                "This repository is opened by a key of your ssh agent.",
                "Holdfast does not hold it, and cannot make another in its place.",
                "Choose another key of the agent's:"
                f" holdfast repository add {address.url} --agent-key SHA256:…",
            )
        if kept.credential.is_token:
            if token is None:
                raise UsageError(
                    "This repository is opened by a token.",
                    "Tokens are made by the repository's server, not here.",
                    "Make a new one there, and give it.",
                )
            bearer = kept.credential is CredentialKind.BEARER_TOKEN
            user = own_user(address, kept)
            request = ConnectionRequest(address=given, token=token, bearer=bearer, user=user)
            return (yield from connect_repository(node, request).body(cancel))
        if kept.installed and kept.secret_before is not None:
            yield Step("Take the key that was not used yet from the forge")
            node.forge_access.uninstall(kept, kept.public_key)
        yield Step("Make a new key")
        pair = new_key_pair(_comment(address))
        changed = replace(
            kept,
            credential=CredentialKind.DEPLOY_KEY,
            secret=pair.private,
            secret_before=kept.secret_before or kept.secret,
            public_key=pair.public,
        )
        node.connections.keep(changed)
        if kept.installed:
            yield Step("Install the deploy key")
            _install(node, address, changed, kept)
            return (yield from check_kept(node, address, cancel))
        return node.connections.show(address)

    return Operation("Rotate the key", target="repositories", body=body)


def not_connected(address: RepositoryAddress) -> UsageError:
    return UsageError(
        "No credential is kept for this repository.",
        f"{address.url} is not among those that were added.",
        "List them with: holdfast repository list",
    )


def _install(
    node: Node, address: RepositoryAddress, made: Connection, before: Connection | None
) -> None:
    """Give the forge the public key of what is kept. Where it does not take it, what was kept
    before is kept again. That it may have it is written down first: whoever is ended meanwhile, or
    gets no answer, leaves no key there that nobody knows of."""
    if before is not None and before.installed and before.public_key == made.public_key:
        return
    if before is not None and before.installing and before.public_key == made.public_key:
        node.forge_access.uninstall(made, made.public_key)
    # with the host's keys, which were pinned to it since
    kept = node.connections.reach(address).connection or made
    node.connections.keep(replace(kept, installing=node.forge_access.api(address)))
    try:
        api = node.forge_access.install(address, made.public_key)
    except ForgeUnreachable as lost:
        if lost.asked and not _taken_back(node, made):
            raise _may_be_there(address, made, lost) from None
        _keep_again(node, made, before)
        raise
    except HoldfastError:
        _keep_again(node, made, before)
        raise
    node.connections.keep(replace(kept, installed=api, installing=""))


def _keep_again(node: Node, made: Connection, before: Connection | None) -> None:
    if before is None:
        node.connections.forget(made.address)
    else:
        node.connections.keep(before)


def _taken_back(node: Node, made: Connection) -> bool:
    """Whether the forge has the key no more, or never had it."""
    try:
        node.forge_access.uninstall(made, made.public_key)
    except ForgeError:
        return False
    return True


def _may_be_there(
    address: RepositoryAddress, made: Connection, lost: ForgeUnreachable
) -> ForgeUnreachable:
    return ForgeUnreachable(
        lost.what,
        f"{lost.why} Whether the deploy key {title_of(made)} was installed is not known; it is"
        " kept.",
        "Install it again when the forge answers: the key is looked for first. Or take it back:"
        f" holdfast repository remove {address.url}",
    )


def _tried(
    node: Node, address: RepositoryAddress, made: Connection, reach: Reach, cancel: CancelToken
) -> Connection:
    """What opens the repository. A token that is refused is tried as a bearer token, where the
    server asks for nothing else."""
    with looking(node, address, reach, cancel) as fetcher:
        try:
            fetcher.branches()
        except CredentialRefused:
            again = made.credential is CredentialKind.TOKEN and _fits_header(made.secret)
            if not (again and fetcher.asks_for_bearer()):
                raise
        else:
            return made
    bearer = replace(made, credential=CredentialKind.BEARER_TOKEN, user="")
    with looking(node, address, replace(reach, connection=bearer), cancel) as fetcher:
        fetcher.branches()
    return bearer


@dataclass(frozen=True, slots=True)
class _Pinned:
    """confirmed: the admin named one of them."""

    keys: tuple[HostKey, ...]
    confirmed: bool = False


def check_request(address: RepositoryAddress, request: ConnectionRequest) -> None:
    """Raises UsageError for what does not go together."""
    ssh = address.kind is RepositoryKind.SSH
    if request.agent_key is not None and (request.key or request.install):
        raise UsageError(
            "A repository is opened by one key.",
            "One of the ssh agent's was asked for, and another beside it.",
            "Leave --agent out, or the other key.",
        )
    if request.install and (request.key or request.token):
        raise UsageError(
            "A key or a token of yours is not installed.",
            "What is installed on a forge is a deploy key that is made for it.",
            "Leave --install-key out, or the key or token.",
        )
    if request.bearer and (request.token is None or request.user):
        raise UsageError(
            "A bearer token is a token, and comes without a user.",
            "Such a server is told the token alone.",
            f"Give it: holdfast repository add {address.url} --token --bearer",
        )
    if ssh and (request.token or request.certificates):
        raise UsageError(
            "An SSH address takes a key, and neither a token nor a CA.",
            "Those are for https.",
            "Give the repository's https address, or leave them out: a deploy key is made.",
        )
    # a key that is installed opens it over SSH, whose host may be new
    if not ssh and (_is_own_key(request) or (request.host_key and not request.install)):
        raise UsageError(
            "An https address takes a token, and no key.",
            "Keys are for SSH.",
            "Give the repository's SSH address (git@host:owner/name.git), or a token.",
        )


def _pinned(
    node: Node,
    address: RepositoryAddress,
    reach: Reach,
    request: ConnectionRequest,
    cancel: CancelToken,
) -> _Pinned:
    known = any(key.fingerprint == request.host_key for key in reach.host_keys)
    if address.kind is not RepositoryKind.SSH or known:
        return _Pinned(reach.host_keys)
    if reach.host_keys and request.host_key is None:
        return _Pinned(reach.host_keys)
    with looking(node, address, Reach(), cancel) as fetcher:
        offered = fetcher.access.host_keys(address)
    host = known_name(address)
    if request.host_key is None:
        raise HostKeyUnknown(host, offered, address.url)
    chosen = tuple(key for key in offered if key.fingerprint == request.host_key)
    if not chosen:
        raise RepositoryError(
            f"{host} does not show the key that was named.",
            f"It shows {', '.join(key.fingerprint for key in offered)},"
            f" and {request.host_key} was expected.",
            "Do not connect before you know why. Ask the server's admin.",
        )
    return _Pinned(chosen, confirmed=True)


def credential(
    address: RepositoryAddress,
    request: ConnectionRequest,
    before: Connection | None,
    agent: SshAgent,
) -> Connection:
    """What shall be kept. Raises UsageError, also where a key would be installed, and later taken
    away, that is not Holdfast's own; AgentSilent, AgentKeyMissing, AgentKeyUnchosen."""
    kept = before or Connection(address=address.url, credential=CredentialKind.NONE)
    if address.kind is RepositoryKind.HTTPS:
        return _with_token(address, request, kept)
    comment = _comment(address)
    if request.agent_key is not None:
        key = choose_agent_key(agent.held(), request.agent_key, address.url)
        return replace(
            kept,
            credential=CredentialKind.SSH_AGENT,
            secret=None,
            secret_before=None,
            public_key=key.line,
            installed="",
            installing="",
        )
    if request.key is not None:
        pair = read_key_pair(request.key, request.passphrase, comment)
        kind = CredentialKind.IMPORTED_KEY
    elif kept.opens:
        if request.install and not _ours_alone(kept):
            raise UsageError(
                "Another key is kept for this repository.",
                "Holdfast installs, and later takes away, keys alone that it made for it.",
                f"Remove that one first: holdfast repository remove {address.url}",
            )
        return kept
    else:
        pair, kind = new_key_pair(comment), CredentialKind.DEPLOY_KEY
    return replace(
        kept,
        credential=kind,
        secret=pair.private,
        secret_before=None,
        public_key=pair.public,
        installed="",
        installing="",
    )


def _is_own_key(request: ConnectionRequest) -> bool:
    """Whether the admin's own key is used, and not one that is made for the repository."""
    return request.key is not None or request.agent_key is not None


def _ours_alone(kept: Connection) -> bool:
    """The key before a new one may be an imported one, unless both were installed."""
    settled = kept.secret_before is None or bool(kept.installed)
    return kept.credential is CredentialKind.DEPLOY_KEY and settled


def _with_token(
    address: RepositoryAddress, request: ConnectionRequest, kept: Connection
) -> Connection:
    if request.token is None:
        return kept
    if request.bearer:
        if not _fits_header(request.token):
            raise UsageError(
                "This is no bearer token.",
                "One has letters, digits and - . _ ~ + / alone, and = at its end.",
                "Copy it anew from the page that made it, without anything around it.",
            )
        return replace(kept, credential=CredentialKind.BEARER_TOKEN, secret=request.token, user="")
    user = request.user or token_user(address, request.token)
    return replace(kept, credential=CredentialKind.TOKEN, secret=request.token, user=user)


def _fits_header(token: Secret | None) -> bool:
    return token is not None and _BEARER.fullmatch(token.reveal()) is not None


def _comment(address: RepositoryAddress) -> str:
    return f"holdfast {repository_path(address)}"
