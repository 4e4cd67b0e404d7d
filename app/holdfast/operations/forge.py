"""Signing in to a forge and out, what its token may do, and the search for a repository there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from holdfast.domain.forge_account import (
    Account,
    ForgeKind,
    ForgeUnreachable,
    NotSignedIn,
    Search,
    SignIn,
    credential,
    parse_api,
    wanted_scopes,
)
from holdfast.domain.operation import CancelToken, Fact, Operation, Step, Steps
from holdfast.domain.secret import Secret
from holdfast.node.node import Node

_LANE = "forge"
#: Between two questions about a code, after one that got no answer.
_SECONDS_MORE = 5


def sign_in(node: Node, wanted: SignIn) -> Operation[Account]:
    """Publishes Fact[DeviceCode] where no token was given, and waits until it has been typed."""
    forge = wanted.forge.value
    wanted = replace(wanted, api=parse_api(wanted.api, wanted.forge))

    def body(cancel: CancelToken) -> Steps[Account]:
        node.keys.check()
        token = wanted.token
        if token is None:
            token = yield from _device_flow(node, wanted, cancel)
        token = credential(wanted, token)
        yield Step(f"Ask {forge} whose token it is")
        return node.forge_access.sign_in(token, wanted)

    return Operation(f"Sign in to {forge}", target=_LANE, body=body)


def sign_out(node: Node, forge: ForgeKind = ForgeKind.GITHUB) -> Operation[bool]:
    """Whether there was a token. The forge is not told: it goes on taking the token."""

    def body(cancel: CancelToken) -> Steps[bool]:
        yield Step("Forget the token")
        return node.forge_access.sign_out(forge)

    return Operation(f"Sign out of {forge.value}", target=_LANE, body=body)


def read_account(node: Node, forge: ForgeKind = ForgeKind.GITHUB) -> Operation[Account]:
    def body(cancel: CancelToken) -> Steps[Account]:
        yield Step(f"Ask {forge.value}")
        return node.forge_access.account(forge)

    return Operation(f"Ask {forge.value} about the token", target=_LANE, body=body)


def read_forge_hosts(node: Node) -> Operation[frozenset[str]]:
    def body(cancel: CancelToken) -> Steps[frozenset[str]]:
        yield Step("Look where you are signed in")
        return node.forge_access.hosts()

    return Operation("Look where you are signed in", target=_LANE, body=body)


def search_repositories(
    node: Node, words: str, organisation: str, forge: ForgeKind = ForgeKind.GITHUB
) -> Operation[Search]:
    def body(cancel: CancelToken) -> Steps[Search]:
        yield Step(f"Ask {forge.value}")
        return node.forge_access.search(words, organisation, forge)

    return Operation("Search for a repository", target="forge/search", body=body)


def _device_flow(node: Node, wanted: SignIn, cancel: CancelToken) -> Steps[Secret]:
    if wanted.forge is not ForgeKind.GITHUB:
        raise NotSignedIn(
            "No token was given.",
            f"Holdfast signs in to {wanted.forge.value} with a token alone.",
            f"Make one in its settings with {' and '.join(wanted_scopes(wanted.forge))}, and give"
            " it on standard input.",
        )
    if not wanted.client_id:
        raise NotSignedIn(
            "There is no OAuth app to sign in with.",
            "Holdfast ships none: a code is typed for an app that your team registered.",
            "Give a token: holdfast github sign-in --token. Or register an OAuth app with its"
            " device flow switched on, and give its client ID: --client-id ID",
        )
    yield Step("Ask GitHub for a code")
    began = node.clock.now()
    code = node.github().begin_device_flow(wanted.client_id, wanted.api)
    yield Fact(code)
    yield Step("Wait until the code is typed in a browser")
    while True:
        node.clock.sleep(code.interval, cancel)
        cancel.check()
        try:
            answer = node.github().ask_device(code)
        except ForgeUnreachable:
            # the code is taken until its own end, whatever becomes of one question (RFC 8628, 3.5)
            if node.clock.now() - began >= timedelta(seconds=code.lasts):
                raise
            code = replace(code, interval=code.interval + _SECONDS_MORE)
            continue
        if isinstance(answer, Secret):
            return answer
        code = answer
