"""Secrets in a real Streamlit app: live in an open page, and shadowed by nothing of the
repository's."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator

import pytest
from command_line import CommandLine
from playwright.sync_api import Page, WebSocket, expect
from visitor import chromium
from world import Repository

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

APP = "greeter"
CODE = """
import hashlib, json, os
import streamlit as st

st.write("page of process", os.getpid())
st.write("greeting:", st.secrets["greeting"])
st.write("variable:", os.environ.get("greeting"))
st.write("all:", ", ".join(sorted(st.secrets)))
whole = json.dumps(st.secrets.to_dict(), default=str, sort_keys=True)
st.write("digest:", hashlib.sha256(whole.encode()).hexdigest())
print("greeting is", st.secrets["greeting"], flush=True)
"""
#: What a reader could get wrong: quotes, blanks, line ends, every kind of value.
AWKWARD = """\
greeting = "good night"
quoted = '"' # a comment
"a name" = "\\\\ \\u00e9\\t\U0001f600 \u2028"
key = \'\'\'
  -----BEGIN KEY-----
\\n is no line end
\'\'\'
numbers = [1, -0.5, 1e3, 0xff]
since = 2026-01-01T00:00:00Z
[deep.er]
list = [{ x = 1 }, { y = ["a", true] }]
"""
SHADOW = 'greeting = "of the repository"\nintruder = 1\n'
FILES = {
    "app.py": CODE,
    "asks.py": "import os, streamlit as st\nst.secrets['api_key'], os.environ['GREETING_URL']\n",
    "requirements.txt": "streamlit\n",
    ".streamlit/secrets.toml": SHADOW,
    "elsewhere/secrets.toml": SHADOW,
    ".streamlit/config.toml": '[secrets]\nfiles = ["elsewhere/secrets.toml"]\n',
}


@pytest.fixture(scope="module")
def deployed(
    holdfast: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """What deploying said: JSON's url, and on one line all that was told on standard error."""
    repository = Repository(tmp_path_factory.mktemp("repositories") / APP)
    repository.commit(FILES)
    done = holdfast.run("app", "deploy", str(repository), "--name", APP, "--file", "app.py")
    assert done.status == 0, done
    yield {"url": done.answer["url"], "told": " ".join(done.errors.split())}
    holdfast.ask("app", "remove", APP, "--yes")


@pytest.fixture(scope="module")
def page(
    deployed: dict[str, str], holdfast: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    home = tmp_path_factory.mktemp("visitor")
    with chromium(home, holdfast.home / "visitors-ca.pem") as browser:
        yield browser.new_page()


def test_the_admin_is_told_that_a_secret_is_committed(deployed: dict[str, str]) -> None:
    assert "A secret is committed: .streamlit/secrets.toml" in deployed["told"]
    assert "of the repository" not in deployed["told"]


def test_the_admin_is_told_which_secrets_are_missing(deployed: dict[str, str]) -> None:
    assert "asks for secrets that are not there" in deployed["told"]
    for name in ("GREETING_URL (asks.py line 2)", "api_key (asks.py line 2)", "greeting (app.py"):
        assert name in deployed["told"]


def test_an_edit_reaches_an_open_page_and_nothing_of_the_repository_does(
    deployed: dict[str, str], page: Page, holdfast: CommandLine
) -> None:
    applied = holdfast.ask("secrets", "set", APP, "greeting", given=b"good morning")
    assert applied["applied"] == "live"
    sockets: list[WebSocket] = []
    page.on("websocket", lambda opened: sockets.append(opened))
    page.goto(deployed["url"])
    expect(page.get_by_text("greeting: good morning")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("variable: good morning")).to_be_visible()
    expect(page.get_by_text("all: greeting", exact=True)).to_be_visible()
    process = page.get_by_text("page of process").inner_text()

    applied = holdfast.ask("secrets", "set", APP, "greeting", given=b"good evening")
    assert applied["applied"] == "live"
    # nothing is clicked, and nothing loaded again
    expect(page.get_by_text("greeting: good evening")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("variable: good evening")).to_be_visible()
    assert page.get_by_text("page of process").inner_text() == process
    assert [socket.is_closed() for socket in sockets] == [False]

    holdfast.ask("secrets", "undo", APP)
    expect(page.get_by_text("greeting: good morning")).to_be_visible(timeout=60_000)


def test_what_the_app_prints_of_it_is_hidden(page: Page, holdfast: CommandLine) -> None:
    printed = "\n".join(holdfast.ask("app", "logs", APP)["lines"])
    assert "greeting is •••" in printed
    assert "good " not in printed


def test_what_the_code_asks_for_is_missing(deployed: dict[str, str], holdfast: CommandLine) -> None:
    done = holdfast.read("secrets", "list", APP)
    assert "Missing: api_key, read by asks.py line 2" in done
    assert "Missing: GREETING_URL, read by asks.py line 2" in done
    assert "Missing: greeting" not in done


def test_a_whole_document_is_read_as_it_was_written(page: Page, holdfast: CommandLine) -> None:
    holdfast.ask("secrets", "import", APP, "-", given=AWKWARD.encode())
    expected = json.dumps(tomllib.loads(AWKWARD), default=str, sort_keys=True)
    digest = hashlib.sha256(expected.encode()).hexdigest()
    expect(page.get_by_text(f"digest: {digest}")).to_be_visible(timeout=60_000)
