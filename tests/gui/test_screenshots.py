"""The pictures of the window: every main screen, in both themes, none blank."""

from __future__ import annotations

from pathlib import Path

from memory_desk import MemoryDesk
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from holdfast.ui.application import WindowSettings
from holdfast.ui.screenshots import take_screenshots


def test_every_main_screen_is_taken_in_both_themes(qapp: QApplication, tmp_path: Path) -> None:
    desk = MemoryDesk()
    files = take_screenshots(desk, tmp_path / "pictures", WindowSettings("workshop", "demo"))
    assert len(files) == len(set(files)) == 38
    assert "app-access-dark" in {file.stem for file in files}
    assert {file.stem.rpartition("-")[2] for file in files} == {"light", "dark"}
    for file in files:
        image = QImage(str(file))
        assert image.width() >= 1280
        small = image.scaled(64, 40)
        colours = {small.pixel(x, y) for x in range(64) for y in range(40)}
        assert len(colours) > 8, f"{file.name} is blank"
    assert desk.asked == []
