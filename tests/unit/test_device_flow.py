"""A code that is typed in a browser, while GitHub is not always there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from github_forge import answer_user
from key_world import KeyWorld
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from holdfast.adapters.github_api import GitHubApi
from holdfast.domain.forge_account import Account, ForgeUnreachable, SignIn
from holdfast.domain.operation import CancelToken
from holdfast.node.node import Node
from holdfast.operations.forge import sign_in

PENDING = '{"error": "authorization_pending"}'
TOKEN = '{"access_token": "gho_16C7e42F", "token_type": "bearer", "scope": "repo"}'
CODE: dict[str, Any] = {
    "device_code": "3584d8",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://github.com/login/device",
    "expires_in": 900,
    "interval": 5,
}


class AdvancingClock:
    """Whoever sleeps finds it later."""

    def __init__(self) -> None:
        self._time = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._time

    def sleep(self, seconds: float, cancel: CancelToken) -> None:
        cancel.check()
        self.slept.append(seconds)
        self._time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> AdvancingClock:
    return AdvancingClock()


@pytest.fixture
def node(tmp_path: Path, clock: AdvancingClock) -> Node:
    unused = cast(Any, None)
    return Node(
        name="this-machine",
        engine=unused,
        keys=KeyWorld(tmp_path).workstation(),
        images=unused,
        clock=clock,
        ca_file=tmp_path / "nowhere",
        by="tests",
        local_repositories=unused,
        ssh_agent=unused,
        browsers=unused,
        github=GitHubApi,
        forges={},
    )


def signed_in(node: Node, httpserver: HTTPServer, *answers: tuple[int, str]) -> Account:
    """answers: to the questions whether the code was typed, the last one for ever."""
    left = list(answers)

    def answer(request: Request) -> Response:
        status, text = left.pop(0) if len(left) > 1 else left[0]
        return Response(text, status, mimetype="application/json")

    httpserver.expect_request("/login/device/code").respond_with_json(CODE)
    httpserver.expect_request("/login/oauth/access_token").respond_with_handler(answer)
    answer_user(httpserver)
    wanted = SignIn(client_id="Iv1.team", api=f"http://127.0.0.1:{httpserver.port}")
    steps = sign_in(node, wanted).body(CancelToken())
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            account: Account = ended.value
            return account


def test_a_question_that_gets_no_answer_is_asked_again_later(
    node: Node, httpserver: HTTPServer, clock: AdvancingClock
) -> None:
    lost = ((502, "<html>"), (503, "{}"), (429, '{"message": "Slow down"}'))
    account = signed_in(node, httpserver, (200, PENDING), *lost, (200, PENDING), (200, TOKEN))
    assert account.login == "ada"
    assert clock.slept == [5, 5, 10, 15, 20, 20]


def test_it_ends_with_the_code(node: Node, httpserver: HTTPServer, clock: AdvancingClock) -> None:
    with pytest.raises(ForgeUnreachable):
        signed_in(node, httpserver, (200, PENDING), (502, "<html>"))
    assert sum(clock.slept[:-1]) < CODE["expires_in"] <= sum(clock.slept)
