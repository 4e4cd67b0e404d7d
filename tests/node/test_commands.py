"""Commands that the engine is asked to run in a container."""

from __future__ import annotations

import pytest
from world import World

from holdfast.domain import names
from holdfast.ports import EngineError

pytestmark = pytest.mark.node


def test_tell_the_engines_own_words_when_they_cannot_begin(world: World) -> None:
    with pytest.raises(EngineError, match="no/such/program"):
        world.engine.run(names.EDGE, ("/no/such/program",))


def test_return_the_status_that_they_end_with(world: World) -> None:
    done = world.engine.run(names.EDGE, ("/bin/sh", "-c", "echo out; echo error >&2; exit 126"))
    assert (done.exit_code, done.output, done.error) == (126, b"out\n", b"error\n")


def test_are_spoken_with_until_their_input_or_they_themselves_end(world: World) -> None:
    with world.engine.joined(names.EDGE, ("/bin/cat",)) as cat:
        cat.write(b"said")
        assert cat.read() == b"said"
        cat.finish()
        assert cat.read() == b""
    with world.engine.joined(names.EDGE, ("/bin/sh", "-c", "echo error >&2")) as ended:
        assert ended.read() == b""
        ended.write(b"to nobody")
