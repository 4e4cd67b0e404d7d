"""Usage statistics of a real Streamlit app, seen by a real browser: on they are asked for, off
nothing is, and the page could not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from command_line import CommandLine
from playwright.sync_api import BrowserContext, Page, Request, Route, WebSocket, expect
from visitor import chromium
from world import Repository

from holdfast.domain.page_sources import STATISTICS_HOSTS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

APP = "counted"
ASKED, SENT = STATISTICS_HOSTS
#: A widget, charts and a map, a component, WebAssembly, pictures of each kind, an upload.
CODE = """
import altair as alt, pandas as pd, pydeck, streamlit as st
import streamlit.components.v1 as components

number = st.slider("Number", 0, 10, 3)
st.metric("Chosen", number)
frame = pd.DataFrame({"x": [1, 2, 3], "y": [1, 4, number], "lat": [59.9] * 3, "lon": [10.7] * 3})
st.altair_chart(alt.Chart(frame).mark_bar().encode(x="x:O", y="y:Q"))
st.map(frame)
components.html('''<p id=said>nothing</p><img id=picture><canvas id=drawn width=9 height=9></canvas>
<script>
document.getElementById("picture").src = document.getElementById("drawn").toDataURL();
const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
WebAssembly.instantiate(bytes).then(() => {
  const worker = new Worker(URL.createObjectURL(new Blob(["postMessage('worker')"])));
  worker.onmessage = told => { document.getElementById("said").textContent = told.data; };
});
</script>''')
given = st.file_uploader("A file")
if given:
    st.write("uploaded", len(given.read()))
"""
SETTINGS = ".streamlit/config.toml"
FILES = {
    "app.py": CODE,
    "requirements.txt": "streamlit\npydeck\n",
    SETTINGS: "[browser]\ngatherUsageStats = false\n",
}
WITHIN = "iframe[srcdoc]"
#: A script in the page that does what Streamlit's own would: the policy alone stands in its way.
FETCH = """host => fetch("https://" + host + "/", {mode: "no-cors"})
  .then(() => "sent", () => "refused")"""


class Visit:
    """One session of a visitor, and every request that the browser tried in it."""

    def __init__(self, browser: BrowserContext, url: str) -> None:
        self.page: Page = browser.new_page()
        self.tried: list[str] = []
        self.sockets: list[WebSocket] = []
        self.complaints: list[str] = []
        self.page.on("request", self._record)
        self.page.on("websocket", lambda opened: self.sockets.append(opened))
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.goto(url)
        expect(self.page.get_by_text("Chosen")).to_be_visible(timeout=60_000)

    def _record(self, request: Request) -> None:
        self.tried.append(urlsplit(request.url).hostname or "")

    def use_everything(self, folder: Path) -> None:
        page = self.page
        page.get_by_role("slider").first.press("ArrowRight")
        expect(page.get_by_test_id("stMetricValue")).to_have_text("4")
        expect(
            page.get_by_test_id("stVegaLiteChart").locator("svg.marks, canvas").first
        ).to_be_visible()
        expect(page.get_by_test_id("stDeckGlJsonChart")).to_be_visible()
        expect(page.frame_locator(WITHIN).locator("#said")).to_have_text("worker")
        width = "picture => picture.naturalWidth"
        assert page.frame_locator(WITHIN).locator("#picture").evaluate(width) == 9
        file = folder / "two-megabytes.bin"
        file.write_bytes(b"x" * (2 << 20))
        page.locator("input[type=file]").set_input_files(file)
        expect(page.get_by_text(f"uploaded {2 << 20}")).to_be_visible(timeout=30_000)

    def finds_all_and_asks_nothing(self, folder: Path) -> None:
        """Everything works, no statistics are tried, and the page's scripts could not send any."""
        self.use_everything(folder)
        assert self.statistics == set()
        assert [said for said in self.complaints if "Content Security Policy" in said] == []
        for host in STATISTICS_HOSTS:
            assert self.page.evaluate(FETCH, host) == "refused"
        self.page.close()

    @property
    def statistics(self) -> set[str]:
        return {host for host in self.tried if host in STATISTICS_HOSTS or "mapbox" in host}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    made = Repository(tmp_path_factory.mktemp("repositories") / APP)
    made.commit(FILES)
    return made


@pytest.fixture(scope="module")
def url(holdfast: CommandLine, repository: Repository) -> Iterator[str]:
    yield holdfast.ask("app", "deploy", str(repository), "--name", APP, "--file", "app.py")["url"]
    holdfast.ask("app", "remove", APP, "--yes")


@pytest.fixture(scope="module")
def browser(
    url: str, holdfast: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """What goes to the hosts of statistics is answered here, so that nothing is ever sent."""

    def answer(route: Route) -> None:
        asks = urlsplit(route.request.url).hostname == ASKED
        allowed = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
        told = {"url": f"https://{SENT}/webhooks/test"} if asks else {}
        route.fulfill(json=told, headers=allowed)

    with chromium(tmp_path_factory.mktemp("visitor"), holdfast.home / "visitors-ca.pem") as made:
        for host in STATISTICS_HOSTS:
            made.route(f"https://{host}/**", answer)
        yield made


def test_off_by_itself_nothing_is_asked_and_everything_works(
    browser: BrowserContext, url: str, holdfast: CommandLine, tmp_path: Path
) -> None:
    told = holdfast.ask("telemetry", "show", APP)
    assert (told["telemetry"], told["effective"], told["repository"]) == ("off", "off", False)
    Visit(browser, url).finds_all_and_asks_nothing(tmp_path)


def test_on_is_asked_for_first_and_then_the_browser_asks(
    browser: BrowserContext, url: str, holdfast: CommandLine, tmp_path: Path
) -> None:
    refused = holdfast.run("telemetry", "set", APP, "on")
    assert refused.status == 2
    assert "gatherUsageStats to false" in refused.answer["error"]["why"]
    assert holdfast.ask("telemetry", "show", APP)["telemetry"] == "off"

    done = holdfast.ask("telemetry", "set", APP, "on", "--yes")
    assert (done["effective"], done["applied"]) == ("on", "restarted")
    visit = Visit(browser, url)
    visit.use_everything(tmp_path)
    visit.page.wait_for_timeout(500)
    assert visit.statistics == {ASKED, SENT}
    visit.page.close()

    done = holdfast.ask("telemetry", "set", APP, "as-repository")
    assert (done["effective"], done["applied"]) == ("off", "restarted")
    visit = Visit(browser, url)
    visit.use_everything(tmp_path)
    assert visit.statistics == set()
    visit.page.close()


def test_off_wins_against_a_repository_that_wants_them(
    browser: BrowserContext,
    url: str,
    repository: Repository,
    holdfast: CommandLine,
    tmp_path: Path,
) -> None:
    repository.commit({SETTINGS: "[browser]\ngatherUsageStats = true\n"})
    assert holdfast.ask("app", "update", APP)["updated"] == "redeployed"
    told = holdfast.ask("telemetry", "show", APP)
    assert (told["telemetry"], told["effective"]) == ("as-repository", "on")
    assert (told["repository"], told["figures"]["kept"]) == (True, True)
    # left to itself it sends them: what is seen below is Holdfast's doing
    visit = Visit(browser, url)
    visit.use_everything(tmp_path)
    visit.page.wait_for_timeout(500)
    # the page remembers where to send from the visit before
    assert SENT in visit.statistics
    visit.page.close()

    done = holdfast.ask("telemetry", "set", APP, "off")
    assert (done["effective"], done["repository"], done["applied"]) == ("off", True, "restarted")
    assert (done["figures"]["kept"], done["figures"]["left"]) == (False, 0)
    assert done["figures"]["deleted"] > 0
    Visit(browser, url).finds_all_and_asks_nothing(tmp_path)


def test_page_sources_change_below_an_open_page(
    browser: BrowserContext, url: str, holdfast: CommandLine
) -> None:
    holdfast.ask("telemetry", "set", APP, "off")
    visit = Visit(browser, url)
    done = holdfast.ask("telemetry", "sources", APP, "own")
    assert done["applied"] == "live"
    visit.page.get_by_role("slider").first.press("ArrowRight")
    expect(visit.page.get_by_test_id("stMetricValue")).to_have_text("4")
    assert [socket.is_closed() for socket in visit.sockets] == [False]
    visit.page.close()
    # who comes now is held to it: the map's tiles stay away, the app works
    visit = Visit(browser, url)
    assert visit.page.evaluate(FETCH, "cdn.jsdelivr.net") == "refused"
    visit.page.get_by_role("slider").first.press("ArrowRight")
    expect(visit.page.get_by_test_id("stMetricValue")).to_have_text("4")
    visit.page.close()
