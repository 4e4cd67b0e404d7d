"""Standard output for results alone, standard error for everything else."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.text import Text

from holdfast.cli.failures import ReaderGone, Unexpected
from holdfast.domain.errors import HoldfastError
from holdfast.presenters.problem import Problem

#: Characters with which a text could steer the reader's terminal; a tab and ESC stay.
_CONTROLS = dict.fromkeys([*range(9), *range(10, 27), *range(28, 32), *range(127, 160)])
#: A pipe has no width: no address shall be cut.
_PIPE_WIDTH = 240


class _ResultConsole(Console):
    def on_broken_pipe(self) -> None:
        raise ReaderGone


class _ProgressConsole(Console):
    def on_broken_pipe(self) -> None:
        # the work goes on where nobody watches it
        self.quiet = True
        _give_up(sys.stderr)


def results() -> Console:
    """Standard output. Raises ReaderGone, as all that writes there."""
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return _ResultConsole(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)


def progress() -> Console:
    return _ProgressConsole(stderr=True, highlight=False, markup=False, emoji=False)


def write_json(form: Mapping[str, Any]) -> None:
    """One object on one line, at once."""
    _write_text(json.dumps(form) + "\n")


def write(renderable: RenderableType) -> None:
    results().print(renderable)


def write_line(line: str) -> None:
    """A line of an app's own: colours stay on a terminal, nothing else can steer it."""
    if sys.stdout.isatty():
        results().print(plain(line), soft_wrap=True)
    else:
        _write_text(line + "\n")


def write_page(text: str) -> None:
    """A text that is copied or printed: its lines stay as they are."""
    _write_text(text)


def _write_text(text: str) -> None:
    # not left to Typer, which would end the process with 1
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderGone from error


def plain(text: str) -> Text:
    """A text of foreign origin, fit for a terminal."""
    return Text.from_ansi(text.translate(_CONTROLS))


def write_error(error: HoldfastError) -> None:
    console = progress()
    if isinstance(error, Unexpected):
        console.print(plain_lines(error.details, "dim"), soft_wrap=True)
    console.print(Text("✗ ", "bold red") + plain(error.what), soft_wrap=True)
    for sentence in (error.why, error.next):
        if sentence:
            console.print(Text("  ") + plain(sentence), soft_wrap=True)


def write_warning(problem: Problem) -> None:
    """On standard error, of something that does not keep a command from its end."""
    console = progress()
    console.print(Text("! ", "bold yellow") + plain(problem.what), soft_wrap=True)
    for sentence in (problem.why, problem.next):
        if sentence:
            console.print(Text("  ") + plain(sentence), soft_wrap=True)


def plain_lines(text: str, style: str) -> Text:
    lines = [plain(line) for line in text.splitlines()]
    return Text("\n", style).join(lines)


def give_up_output() -> None:
    """Nobody reads standard output any more."""
    _give_up(sys.stdout)


def _give_up(stream: TextIO) -> None:
    """Point a stream at nothing, so that the interpreter's last flush finds no fault."""
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)
