"""What a repository names is proposed for its page: read from git, as the release has it."""

from __future__ import annotations

from pathlib import Path

import pytest
from world import Repository, World, plain_app

from holdfast.domain.names import AppName
from holdfast.domain.page_sources import parse_sources
from holdfast.domain.used_hosts import UsedHost

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP = AppName("atlas")


def test_the_hosts_of_the_release_that_serves_are_proposed(world: World, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository")
    fonts = '[[theme.fontFaces]]\nfamily = "A"\nurl = "https://fonts.example.org/a.woff2"\n'
    repository.commit(
        plain_app("'map'", top='TILES = "https://{s}.tiles.example.org/{z}/{x}/{y}.png"')
        | {".streamlit/config.toml": fonts, "page.css": "@import url(https://css.example.org/a);"}
    )
    world.deploy(repository, APP)
    try:
        told = world.run(world.desk.telemetry(APP))
        assert told.used == (
            UsedHost("*.tiles.example.org", "app.py line 3"),
            UsedHost("css.example.org", "page.css line 1"),
            UsedHost("fonts.example.org", ".streamlit/config.toml"),
        )
        listed = parse_sources("listed", [each.host for each in told.used])
        world.run(world.desk.set_page_sources(APP, listed))
        after = world.run(world.desk.telemetry(APP))
        assert (after.sources, after.used) == (listed, told.used)
    finally:
        world.remove(APP)
