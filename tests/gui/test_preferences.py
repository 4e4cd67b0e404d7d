"""What the window remembers."""

from __future__ import annotations

from pathlib import Path

from holdfast.ui.preferences import Preferences
from holdfast.ui.theme import Mode


def test_the_theme_lives_through_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "window.ini"
    first = Preferences(file)
    assert first.mode is Mode.SYSTEM
    first.mode = Mode.DARK
    first.save()
    assert Preferences(file).mode is Mode.DARK


def test_the_app_to_sign_in_to_github_with_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "window.ini"
    first = Preferences(file)
    assert first.github_client == ""
    first.github_client = "Iv1.team"
    first.save()
    assert Preferences(file).github_client == "Iv1.team"


def test_a_damaged_file_counts_as_never_set(tmp_path: Path) -> None:
    file = tmp_path / "window.ini"
    file.write_text("[General]\ntheme=purple\ngeometry=7\n")
    damaged = Preferences(file)
    assert damaged.mode is Mode.SYSTEM
    assert damaged.geometry is None
