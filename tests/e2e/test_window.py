"""From a repository to visitors and back to nothing: a real window, engine and browser."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import docker
import pytest
from command_line import CommandLine
from playwright.sync_api import Locator, Page, WebSocket, expect
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from visitor import chromium

from holdfast.demo import virtual_display
from holdfast.domain.app import AppState
from holdfast.domain.names import EDGE, LABEL_APP
from holdfast.main import Machine
from holdfast.node.edge import update_edge
from holdfast.presenters.activity import Phase
from holdfast.presenters.verbs import Place
from holdfast.ui.application import Session, WindowSettings
from holdfast.ui.bridge import GarbageCollection
from holdfast.ui.screens.app import AppScreen
from holdfast.ui.screens.apps import AppsScreen
from holdfast.ui.screens.new_app import NewAppScreen
from holdfast.ui.screens.remove import RemoveScreen
from holdfast.ui.tabs.overview import OverviewTab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

APP = "demo"
WEEKS = 12
P = TypeVar("P")


def orders(weeks: int) -> str:
    """What the demo shows for so many weeks."""
    return str(sum(20 + (week * 7) % 13 for week in range(weeks)))


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Let the window live until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        QTest.qWait(20)


def page_of(session: Session, kind: type[P]) -> P:
    found = session.window.page
    assert isinstance(found, kind), found
    return found


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures for whoever wants to look, in pytest's temporary folder."""
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="session")
def display() -> Iterator[None]:
    """An X server of the tests' own, before Qt chooses its platform."""
    before = os.environ.get("QT_QPA_PLATFORM")
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    with virtual_display():
        yield
    os.environ.pop("QT_QPA_PLATFORM")
    if before is not None:
        os.environ["QT_QPA_PLATFORM"] = before


@pytest.fixture(scope="module")
def machine(holdfast: CommandLine) -> Machine:
    """The same node and keychain as the command line's."""
    return Machine(dict(holdfast.environment))


@pytest.fixture(scope="module")
def session(
    display: None, qapp: QApplication, machine: Machine, holdfast: CommandLine
) -> Iterator[Session]:
    """The window as `holdfast` opens it, on an engine without apps."""
    assert qapp.platformName() == "xcb"
    garbage = GarbageCollection(qapp)
    settings = WindowSettings(
        demo_repository=str(holdfast.home / "demo"),
        preferences=holdfast.home / "window.ini",
    )
    session = Session(qapp, machine.desk(None), settings)
    session.window.resize(1280, 800)
    session.window.show()
    until(lambda: session.watch.snapshot is not None)
    yield session
    session.window.close()
    session.end()
    garbage.stop()


@pytest.fixture(scope="module")
def url(session: Session, machine: Machine, pictures: Path) -> Iterator[str]:
    """Deploy the demo as a user would, by the empty window's own link; where it is served."""
    apps = page_of(session, AppsScreen)
    assert apps.stack.currentWidget() is apps.empty
    QTest.mouseClick(apps.empty.demo, Qt.MouseButton.LeftButton)
    screen = page_of(session, NewAppScreen)
    until(screen.kit_first.isVisible, seconds=60)
    QTest.mouseClick(screen.kit_first.go_on, Qt.MouseButton.LeftButton)
    until(screen.deploy.isEnabled)
    name = screen.found.findChild(QLineEdit, "name")
    assert name is not None
    name.selectAll()
    QTest.keyClicks(name, APP)
    until(lambda: screen.deploy.text() == f"Deploy {APP}")
    session.window.grab().save(str(pictures / "new-app.png"))
    QTest.mouseClick(screen.deploy, Qt.MouseButton.LeftButton)
    assert screen.progress is not None
    assert screen.progress.view is not None
    view = screen.progress.view
    until(lambda: view.running.outcome is not None, seconds=150)
    assert view.running.record.phase is Phase.DONE, view.running.record.problem
    session.window.grab().save(str(pictures / "deployed.png"))
    until(lambda: _state(session) is AppState.RUNNING)
    app = session.watch.app(APP)
    assert app is not None
    assert app.url is not None
    yield app.url


def _state(session: Session) -> AppState | None:
    app = session.watch.app(APP)
    return app.state if app else None


@pytest.fixture(scope="module")
def visitor(
    url: str, holdfast: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """The demo's page in a browser that trusts the node's CA."""
    home = tmp_path_factory.mktemp("visitor")
    with chromium(home, holdfast.home / "visitors-ca.pem") as browser:
        yield browser.new_page()


def open_app(visitor: Page, url: str) -> list[WebSocket]:
    """Load the page anew; the websockets that it opens."""
    sockets: list[WebSocket] = []
    visitor.on("websocket", lambda opened: sockets.append(opened))
    visitor.goto(url)
    expect(visitor.get_by_text("Visits so far")).to_be_visible(timeout=30_000)
    return sockets


def total(visitor: Page) -> Locator:
    return visitor.get_by_test_id("stMetricValue").first


def test_the_list_shows_it_running(session: Session, url: str, pictures: Path) -> None:
    session.window.go(Place.APPS)
    rows = page_of(session, AppsScreen).list.rows.rows
    assert [row.key for row in rows] == [APP]
    assert rows[0].cells[1].text == "Running"
    session.window.grab().save(str(pictures / "apps.png"))


def test_its_page_proves_the_promises(session: Session, url: str, pictures: Path) -> None:
    session.window.go_to_app(APP)
    until(lambda: not session.runner.asking)
    tab = page_of(session, AppScreen).current
    assert isinstance(tab, OverviewTab)
    cards = [card.accessibleName() for card in tab.cards.values()]
    session.window.grab().save(str(pictures / "app.png"))
    assert len(cards) == 4
    assert all(": Kept." in said for said in cards), cards


def test_a_visitor_sees_it_with_hsts_and_nothing_from_elsewhere(
    visitor: Page, url: str, pictures: Path
) -> None:
    asked: set[str | None] = set()
    visitor.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
    response = visitor.goto(url)
    assert response is not None
    assert response.status == 200
    days = timedelta(days=365).total_seconds()
    hsts = response.headers["strict-transport-security"]
    assert int(hsts.split(";")[0].removeprefix("max-age=")) >= days, hsts
    security = response.security_details()
    assert security is not None
    assert security["protocol"] == "TLS 1.3"
    expect(visitor.get_by_role("heading", name="Workshop orders")).to_be_visible(timeout=30_000)
    expect(total(visitor)).to_have_text(orders(WEEKS))
    visitor.screenshot(path=str(pictures / "visitor.png"), full_page=True)
    assert asked == {f"{APP}.localhost"}


def test_a_changed_widget_changes_the_page(visitor: Page, url: str) -> None:
    open_app(visitor, url)
    visitor.get_by_role("slider").press("ArrowRight")
    expect(total(visitor)).to_have_text(orders(WEEKS + 1))


def test_a_table_of_2_mb_is_uploaded(visitor: Page, url: str, tmp_path: Path) -> None:
    open_app(visitor, url)
    table = tmp_path / "orders.csv"
    table.write_text("customer,amount\n" + "a customer far away,12345\n" * 100_000)
    assert table.stat().st_size > 2 << 20
    visitor.locator("input[type=file]").set_input_files(table)
    shown = visitor.get_by_test_id("stDataFrame")
    expect(shown).to_be_visible(timeout=30_000)
    # drawn on a canvas, whose text is there for screen readers alone
    expect(shown).to_contain_text("a customer far away")
    expect(visitor.get_by_test_id("stException")).to_have_count(0)


def test_an_open_page_lives_through_a_reload_of_the_edge(
    visitor: Page, url: str, machine: Machine, empty_engine: Path
) -> None:
    sockets = open_app(visitor, url)
    before = edge_processes(empty_engine)
    update_edge(machine.node, {})
    until(lambda: bool(edge_processes(empty_engine) - before))
    visitor.get_by_role("slider").press("ArrowRight")
    expect(total(visitor)).to_have_text(orders(WEEKS + 1))
    assert [socket.is_closed() for socket in sockets] == [False]
    # and who comes now is served by the new worker
    newcomer = visitor.context.new_page()
    open_app(newcomer, url)
    newcomer.close()


def edge_processes(socket: Path) -> set[str]:
    with closing(docker.APIClient(f"unix://{socket}", version="1.41")) as client:
        return {each[1] for each in client.top(EDGE)["Processes"]}


def test_a_removed_app_leaves_nothing(
    session: Session, url: str, empty_engine: Path, pictures: Path
) -> None:
    session.window.go(Place.APPS)
    apps = page_of(session, AppsScreen)
    apps.list.choose(APP)
    QTest.keyClick(apps.list, Qt.Key.Key_Delete)
    screen = page_of(session, RemoveScreen)
    until(lambda: not session.runner.asking)
    QTest.keyClicks(screen.verb.typed, APP[:-1])
    assert not screen.verb.confirm.isEnabled()
    QTest.keyClicks(screen.verb.typed, APP[-1])
    session.window.grab().save(str(pictures / "remove.png"))
    QTest.mouseClick(screen.verb.confirm, Qt.MouseButton.LeftButton)
    until(lambda: screen.receipt is not None, seconds=60)
    assert screen.receipt is not None
    assert screen.receipt.left == ()
    session.window.grab().save(str(pictures / "receipt.png"))
    kinds = {row.cells[0].text for row in screen.list.rows.rows}
    assert {"Container", "Volume", "Network"} <= kinds
    with closing(docker.APIClient(f"unix://{empty_engine}", version="1.41")) as client:
        mine = {"label": f"{LABEL_APP}={APP}"}
        assert client.containers(all=True, filters=mine) == []
        assert client.networks(filters=mine) == []
        assert not client.volumes(filters=mine)["Volumes"]
    session.window.go_back()
    until(lambda: page_of(session, AppsScreen).stack.currentWidget() is apps.empty)
