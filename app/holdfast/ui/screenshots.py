"""Takes pictures of the main screens of the window, on whatever desk it is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from holdfast.presenters.desk import Desk
from holdfast.presenters.verbs import Place
from holdfast.ui.application import Session, WindowSettings, make_application
from holdfast.ui.screens.app import AppScreen
from holdfast.ui.theme import Mode

_SIZE = (1280, 800)
_LONGEST = 20.0
_SETTLE_MS = 150


def take_screenshots(
    desk: Desk,
    folder: Path,
    settings: WindowSettings | None = None,
    prepare: Callable[[Session], None] = lambda session: None,
) -> list[Path]:
    """Walk through the window in both themes; the pictures, in the order they were taken.

    Nothing on the node is changed. Without any app, its pages are left out. prepare: called once
    the node has answered, before the first picture.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen = settings or WindowSettings()
    session = Session(make_application(), desk, chosen)
    session.window.resize(*_SIZE)
    session.window.show()
    taken: list[Path] = []
    try:
        _wait(lambda: bool(session.watch.snapshot or session.watch.problem))
        prepare(session)
        for mode in (Mode.LIGHT, Mode.DARK):
            session.theme.choose(mode)
            for name in _walk(session, chosen.demo_repository):
                _settle(session)
                file = folder / f"{name}-{mode}.png"
                session.window.grab().save(str(file))
                taken.append(file)
    finally:
        session.window.close()
        session.end()
    return taken


def _walk(session: Session, repository: str | None) -> Iterator[str]:
    """Go from screen to screen; the name of each is its picture's."""
    window = session.window
    window.go(Place.APPS)
    yield "apps"
    window.go_to_new_app(repository or "")
    yield "new-app"
    apps = session.watch.snapshot.apps if session.watch.snapshot else ()
    running = [app for app in apps if app.url] or list(apps)
    if running:
        window.go_to_app(running[0].name)
        page = window.page
        if isinstance(page, AppScreen):
            for at in range(page.tabs.count()):
                page.show_tab(at)
                yield f"app-{page.tabs.tabText(at).lower()}"
        window.go_to_removal(running[0].name)
        yield "remove"
    for place in (
        Place.REPOSITORIES,
        Place.CERTIFICATES,
        Place.VOLUMES,
        Place.SETTINGS,
        Place.KIT,
    ):
        window.go(place)
        yield place.value.lower().replace(" ", "-")
    window.go(Place.APPS)


def _settle(session: Session) -> None:
    """Wait until every question is answered and painted, or long enough."""
    _pause(_SETTLE_MS)
    _wait(lambda: not session.runner.asking)
    _pause(_SETTLE_MS)


def _wait(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LONGEST
    while not met() and time.monotonic() < deadline:
        _pause(50)


def _pause(milliseconds: int) -> None:
    """Let the event loop run for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
