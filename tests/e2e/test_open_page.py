"""A push in a real browser: the new code is seen in an open page, which keeps its session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from command_line import CommandLine
from playwright.sync_api import Page, WebSocket, expect
from visitor import chromium
from world import Repository

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

APP = "pushed"
CODE = """
import os
import streamlit as st
from parts.words import WORDS

st.session_state.setdefault("count", 0)
if st.button("Count"):
    st.session_state.count += 1
st.text_input("Your name", key="name")
st.write("process", os.getpid())
st.write("counted:", st.session_state.count, "named:", st.session_state.name)
st.write("said: {said}", WORDS)
"""


def files(said: str, words: str) -> dict[str, str]:
    return {
        "app.py": CODE.replace("{said}", said),
        "parts/words.py": f"WORDS = '{words}'\n",
        "requirements.txt": "streamlit\n",
    }


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("repositories") / APP)


@pytest.fixture(scope="module")
def page(
    repository: Repository, holdfast: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    repository.commit(files("first", "one"))
    url = holdfast.ask("app", "deploy", str(repository), "--name", APP)["url"]
    home = tmp_path_factory.mktemp("visitor")
    with chromium(home, holdfast.home / "visitors-ca.pem") as browser:
        opened = browser.new_page()
        opened.goto(url)
        expect(opened.get_by_text("said: first one")).to_be_visible(timeout=60_000)
        yield opened
    holdfast.ask("app", "remove", APP, "--yes")


def test_a_push_is_seen_in_an_open_page_that_keeps_its_state(
    page: Page, repository: Repository, holdfast: CommandLine
) -> None:
    sockets: list[WebSocket] = []
    page.on("websocket", lambda opened: sockets.append(opened))
    page.reload()
    # one after the other: Streamlit takes two clicks of one moment for one
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_text("counted: 1")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_text("counted: 2")).to_be_visible(timeout=60_000)
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Your name").press("Enter")
    expect(page.get_by_text("counted: 2 named: Ada")).to_be_visible(timeout=60_000)
    process = page.get_by_text("process").inner_text()

    # a module of the repository's own, and nothing else
    repository.commit(files("first", "two"))
    assert holdfast.ask("app", "update", APP)["updated"] == "live"
    # nothing is clicked, and nothing loaded again
    expect(page.get_by_text("said: first two")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("counted: 2 named: Ada")).to_be_visible()

    repository.commit(files("second", "three"))
    assert holdfast.ask("app", "update", APP)["updated"] == "live"
    expect(page.get_by_text("said: second three")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("counted: 2 named: Ada")).to_be_visible()
    assert page.get_by_label("Your name").input_value() == "Ada"
    assert page.get_by_text("process").inner_text() == process
    assert [socket.is_closed() for socket in sockets] == [False]
    assert holdfast.ask("app", "update", APP)["updated"] == "nothing new"


def test_a_broken_push_is_not_seen(
    page: Page, repository: Repository, holdfast: CommandLine
) -> None:
    repository.commit({"parts/words.py": "WORDS = (\n"})
    done = holdfast.run("app", "update", APP)
    assert done.status != 0
    assert "parts/words.py, line 1" in done.answer["error"]["why"]
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_text("counted: 3 named: Ada")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("said: second three")).to_be_visible()


def test_a_roll_back_gives_the_code_of_before(
    page: Page, repository: Repository, holdfast: CommandLine
) -> None:
    holdfast.ask("app", "rollback", APP)
    page.reload()
    expect(page.get_by_text("said: first two")).to_be_visible(timeout=60_000)
