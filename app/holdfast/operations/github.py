"""GitHub: signing in and out, what the token may do, and the search for a repository."""

from __future__ import annotations

from dataclasses import replace

from holdfast.domain.github import Account, DeviceCode, NotSignedIn, Search, SignIn, parse_api
from holdfast.domain.operation import CancelToken, Fact, Operation, Step, Steps
from holdfast.domain.secret import Secret
from holdfast.node.node import Node

_LANE = "github"


def sign_in(node: Node, wanted: SignIn) -> Operation[Account]:
    """Publishes Fact[DeviceCode] where no token was given, and waits until it has been typed."""
    wanted = replace(wanted, api=parse_api(wanted.api))

    def body(cancel: CancelToken) -> Steps[Account]:
        node.keys.check()
        token = wanted.token
        if token is None:
            token = yield from _device_flow(node, wanted, cancel)
        yield Step("Ask GitHub whose token it is")
        return node.github_access.sign_in(token, wanted)

    return Operation("Sign in to GitHub", target=_LANE, body=body)


def sign_out(node: Node) -> Operation[bool]:
    """Whether there was a token. GitHub is not told: it goes on taking the token."""

    def body(cancel: CancelToken) -> Steps[bool]:
        yield Step("Forget the token")
        return node.github_access.sign_out()

    return Operation("Sign out of GitHub", target=_LANE, body=body)


def read_account(node: Node) -> Operation[Account]:
    def body(cancel: CancelToken) -> Steps[Account]:
        yield Step("Ask GitHub")
        return node.github_access.account()

    return Operation("Ask GitHub about the token", target=_LANE, body=body)


def search_repositories(node: Node, words: str, organisation: str) -> Operation[Search]:
    def body(cancel: CancelToken) -> Steps[Search]:
        yield Step("Ask GitHub")
        return node.github_access.search(words, organisation)

    return Operation("Search for a repository", target="github/search", body=body)


def _device_flow(node: Node, wanted: SignIn, cancel: CancelToken) -> Steps[Secret]:
    if not wanted.client_id:
        raise NotSignedIn(
            "There is no OAuth app to sign in with.",
            "Holdfast ships none: a code is typed for an app that your team registered.",
            "Give a token: holdfast github sign-in --token. Or register an OAuth app with its"
            " device flow switched on, and give its client ID: --client-id ID",
        )
    yield Step("Ask GitHub for a code")
    answer: DeviceCode | Secret = node.github().begin_device_flow(wanted.client_id, wanted.api)
    yield Fact(answer)
    yield Step("Wait until the code is typed in a browser")
    while isinstance(answer, DeviceCode):
        node.clock.sleep(answer.interval, cancel)
        cancel.check()
        answer = node.github().ask_device(answer)
    return answer
