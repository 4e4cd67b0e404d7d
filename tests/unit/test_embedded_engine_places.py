"""Where the embedded engine keeps what is its own, and what it says where it cannot run."""

from __future__ import annotations

import os
from pathlib import Path

from holdfast.adapters.embedded_engine import EmbeddedEngine

RESOURCES = Path(__file__).parents[2] / "resources"


def test_the_usual_places() -> None:
    location = EmbeddedEngine(None, RESOURCES).location
    assert location.data_root == Path("/var/lib/holdfast")
    assert location.socket == Path(f"/run/holdfast-{os.getuid()}/docker.sock")


def test_a_home_has_places_of_its_own(tmp_path: Path) -> None:
    one = EmbeddedEngine(tmp_path / "one", RESOURCES).location
    two = EmbeddedEngine(tmp_path / "two", RESOURCES).location
    assert one.data_root == tmp_path / "one" / "engine"
    assert one.containerd_root.is_relative_to(one.data_root)
    assert one.socket != two.socket


def test_the_same_home_is_the_same_engine_however_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    plain = EmbeddedEngine(tmp_path, RESOURCES).location
    assert EmbeddedEngine(tmp_path / "link", RESOURCES).location == plain


def test_a_long_home_makes_no_long_socket_path(tmp_path: Path) -> None:
    home = tmp_path.joinpath(*["a-rather-long-folder-name"] * 8)
    assert len(str(EmbeddedEngine(home, RESOURCES).location.socket)) < 60


def test_stopping_what_never_ran_asks_for_nothing(tmp_path: Path) -> None:
    asked: list[str] = []
    engine = EmbeddedEngine(tmp_path, tmp_path / "no-script-here", explain=asked.append)
    engine.stop()
    assert engine.state() == "stopped"
    assert asked == []
