"""Work beside an operation's steps: it is waited for, and its failures are told."""

from __future__ import annotations

from threading import Event

import pytest

from holdfast.node.beside import Beside


class Broken(Exception):
    pass


def _fail() -> None:
    raise Broken


def test_runs_while_the_block_does() -> None:
    told, heard = Event(), Event()

    def answering() -> bool:
        in_time = told.wait(10)
        heard.set()
        return in_time

    with Beside() as beside:
        answer = beside.begin(answering)
        told.set()
        assert heard.wait(10)
        assert answer() is True


def test_ends_before_the_block_is_left_even_by_an_error() -> None:
    done: list[str] = []
    go = Event()

    def work() -> None:
        go.wait(10)
        # what is begun while the block is being left is waited for too
        beside.begin(lambda: done.append("later"))
        done.append("work")

    with pytest.raises(Broken), Beside() as beside:
        beside.begin(work)
        go.set()
        raise Broken
    assert sorted(done) == ["later", "work"]


def test_fails_a_block_that_did_not_ask_for_it() -> None:
    with pytest.raises(Broken), Beside() as beside:
        beside.begin(_fail)


def test_does_not_hide_what_was_wrong_first() -> None:
    with pytest.raises(ValueError, match="first"), Beside() as beside:
        beside.begin(_fail)
        raise ValueError("first")
