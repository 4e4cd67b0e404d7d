"""What it costs a window to follow apps that nobody touches, on show and hidden."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from PySide6.QtCore import QEventLoop, QTimer
from world import Repository, plain_app

from bench.figures import Figure, at_most
from bench.lab import Lab
from holdfast.domain.names import AppName
from holdfast.ui.application import Session, WindowSettings, make_application
from holdfast.ui.bridge import GarbageCollection

_APPS = 8
_WANTED = 100
_SETTLE_SECONDS = 15
#: Several times of whatever is done now and then.
_SHOWN_SECONDS, _HIDDEN_SECONDS = 60, 130


def measure(lab: Lab) -> Iterator[Figure]:
    world = lab.world
    repository = Repository(lab.folder / "followed")
    repository.commit(plain_app("'followed'"))
    apps = [AppName(f"followed-{number}") for number in range(_APPS)]
    try:
        none = _shares(lab)
        for app in apps:
            world.deploy(repository, app)
        some = _shares(lab)
    finally:
        for app in apps:
            world.remove(app)
    for name, without, with_apps, goal in zip(
        ("on show", "hidden"), none, some, (15, 3), strict=True
    ):
        each = (with_apps - without) / _APPS
        yield Figure(
            f"following {_WANTED} apps, {name}",
            without + _WANTED * each,
            "% of a core",
            at_most(goal),
            f"Processor time of the window's process: {without:.2f} % without an app, and "
            f"{each:.3f} % for each of {_APPS} idle ones, reckoned up to {_WANTED}.",
        )


def _shares(lab: Lab) -> tuple[float, float]:
    """Percent of a core that a window takes, on show and hidden."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = make_application()
    garbage = GarbageCollection(application)
    session = Session(application, lab.world.desk, WindowSettings())
    try:
        session.window.show()
        _pause(_SETTLE_SECONDS)
        shown = _share(_SHOWN_SECONDS)
        session.window.hide()
        _pause(_SETTLE_SECONDS)
        hidden = _share(_HIDDEN_SECONDS)
    finally:
        session.end()
        session.window.close()
        garbage.stop()
    lab.tell(f"on show {shown:.2f} %, hidden {hidden:.2f} %")
    return shown, hidden


def _share(seconds: int) -> float:
    before, began = time.process_time(), time.monotonic()
    _pause(seconds)
    return 100 * (time.process_time() - before) / (time.monotonic() - began)


def _pause(seconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(1000 * seconds, loop.quit)
    loop.exec()
