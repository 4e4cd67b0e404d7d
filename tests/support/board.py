"""A Streamlit app that serves, and to whose repository is pushed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from world import Repository, World

from holdfast.domain.names import AppName
from holdfast.domain.requests import Updated

BOARD = AppName("board")
APP = """
import streamlit as st
from parts import figures
st.title("{title}")
st.write(figures.TOTAL)
"""
#: Many lines of one sign: a reader that sees two signs has seen half a file.
LONG = 4000


@dataclass(frozen=True)
class Board:
    """A Streamlit app that serves, and its repository."""

    world: World
    repository: Repository

    @property
    def runner(self) -> str:
        (runner,) = self.world.containers(BOARD, "run")
        return runner

    @property
    def slot(self) -> str:
        return self.runner.rpartition("-")[2]

    def identity(self) -> tuple[str, str]:
        """Its container and the app's process in it: a restart changes one of them."""
        found = self.world.api.inspect_container(self.runner)
        process = self.shell("pgrep -o -f 'streamlit run' || ps ax | grep -c streamlit")
        return found["Id"], process

    def shell(self, script: str) -> str:
        user = self.world.api.inspect_container(self.runner)["Config"]["User"]
        return self.world.shell(self.runner, f"cd /mnt/app/checkout && {script}", user)

    def update(self) -> Updated:
        return self.world.run(self.world.desk.update(BOARD))


def files(sign: str) -> dict[str, str]:
    return {
        "app.py": APP.format(title=sign),
        "parts/figures.py": f"TOTAL = '{sign}'\n",
        "requirements.txt": "streamlit\n",
        "long.txt": f"{sign}\n" * LONG,
    }


@contextmanager
def deployed_board(world: World, folder: Path) -> Iterator[Board]:
    repository = Repository(folder / "repository")
    repository.commit(files("a"))
    world.deploy(repository, BOARD)
    yield Board(world, repository)
    world.remove(BOARD)
