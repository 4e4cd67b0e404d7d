"""A visitor's certificate in a real browser: imported as the visitor does it, and shown for a page
and its websocket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine
from playwright.sync_api import WebSocket, expect
from visitor import Identity, chromium
from world import Repository

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

APP = "doors"
CODE = """
import streamlit as st
st.session_state.setdefault("count", 0)
if st.button("Count"):
    st.session_state.count += 1
st.write("counted:", st.session_state.count)
"""


@pytest.fixture
def url(holdfast: CommandLine, tmp_path: Path) -> Iterator[str]:
    """Of an app that opens with a certificate alone."""
    repository = Repository(tmp_path / APP)
    repository.commit({"app.py": CODE, "requirements.txt": "streamlit\n"})
    made = holdfast.ask("app", "deploy", str(repository), "--name", APP)
    holdfast.ask("access", "set", APP, "certificate")
    yield made["url"]
    holdfast.ask("app", "remove", APP, "--yes")


def test_a_page_and_its_websocket_open_with_the_visitors_certificate(
    url: str, holdfast: CommandLine, tmp_path: Path
) -> None:
    ca, file = holdfast.home / "visitors-ca.pem", tmp_path / "ada.p12"
    issued = holdfast.ask("access", "issue", APP, "Ada", "--save", str(file))
    ada = Identity(file, issued["passphrase"])
    with chromium(tmp_path / "nobody", ca) as browser:
        page = browser.new_page()
        answer = page.goto(url)
        assert answer is not None
        assert answer.status == 403
        expect(page.get_by_text("This app opens with a certificate").last).to_be_visible()
    with chromium(tmp_path / "ada", ca, identity=ada) as browser:
        page = browser.new_page()
        sockets: list[WebSocket] = []
        page.on("websocket", lambda opened: sockets.append(opened))
        page.goto(url)
        # what Streamlit shows came by its websocket, and so does what follows a click
        expect(page.get_by_text("counted: 0")).to_be_visible(timeout=60_000)
        page.get_by_role("button", name="Count").click()
        expect(page.get_by_text("counted: 1")).to_be_visible(timeout=60_000)
        assert [each.url.partition("/_stcore/")[2] for each in sockets] == ["stream"]
        holdfast.ask("access", "revoke", APP, "Ada")
        # what is open stays, as the documents say
        page.get_by_role("button", name="Count").click()
        expect(page.get_by_text("counted: 2")).to_be_visible(timeout=60_000)
    with chromium(tmp_path / "revoked", ca, identity=ada) as browser:
        page = browser.new_page()
        answer = page.goto(url)
        assert answer is not None
        assert answer.status == 403
        expect(page.get_by_text("Your certificate was revoked").last).to_be_visible()
