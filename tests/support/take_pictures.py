"""As a program, takes the pictures of README that show sample data: take_pictures.py FOLDER."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import sample
from memory_desk import MemoryDesk

from holdfast.demo import virtual_display
from holdfast.ui.application import Session, WindowSettings, make_application
from holdfast.ui.bridge import GarbageCollection
from holdfast.ui.screenshots import take_screenshots

SHOWN = ("apps-light",)


def seen_before(session: Session) -> None:
    """As if the window had been open for five minutes."""
    for snapshot, then in sample.last_minutes(session.watch.snapshot, session.watch.now()):
        session.watch.usage.add(snapshot, then)
    session.watch.changed.emit()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with virtual_display(), tempfile.TemporaryDirectory() as scratch:
        garbage = GarbageCollection(make_application())
        settings = WindowSettings("workshop")
        taken = take_screenshots(MemoryDesk(), Path(scratch), settings, seen_before)
        garbage.stop()
        for picture in taken:
            if picture.stem in SHOWN:
                shutil.copyfile(picture, folder / picture.name)
                print(folder / picture.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
