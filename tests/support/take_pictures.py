"""As a program, takes the pictures of README that show sample data: take_pictures.py FOLDER."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from memory_desk import MemoryDesk

from holdfast.demo import virtual_display
from holdfast.ui.application import WindowSettings, make_application
from holdfast.ui.bridge import GarbageCollection
from holdfast.ui.screenshots import take_screenshots

SHOWN = ("apps-light",)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with virtual_display(), tempfile.TemporaryDirectory() as scratch:
        garbage = GarbageCollection(make_application())
        taken = take_screenshots(MemoryDesk(), Path(scratch), WindowSettings("workshop"))
        garbage.stop()
        for picture in taken:
            if picture.stem in SHOWN:
                shutil.copyfile(picture, folder / picture.name)
                print(folder / picture.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
