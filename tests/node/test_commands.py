"""Commands that the engine is asked to run in a container."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from vault import Vault
from world import World

from holdfast.domain import names
from holdfast.domain.container import Completed
from holdfast.node import payloads
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


def test_leave_nobody_behind_who_keeps_their_output_open(world: World, vault: Vault) -> None:
    """The engine would wait two seconds for it, at each start of an app."""
    name = vault.deployed.name
    listed = world.api.top(names.mounter(name), ps_args="-eo pid,args")["Processes"]
    assert {"gocryptfs", "squashfuse_ll"} <= {arguments.split()[0] for _, arguments in listed}
    (own, *others) = (_pipes(pid) for pid, _ in listed)
    assert set().union(*others) <= own


def _pipes(pid: str) -> set[str]:
    opened = (path.readlink() for path in Path(f"/proc/{pid}/fd").iterdir())
    return {str(each) for each in opened if str(each).startswith("pipe:")}


class TestContainerThatIsRunToItsEnd:
    """What it is called is free before and after."""

    def complete(self, world: World, script: str, given: bytes = b"") -> Completed:
        image = world.node.images.node_image
        spec = replace(payloads.rules_probe(image), command=("/bin/sh", "-c", script))
        done = world.engine.complete(spec, given)
        listed = world.engine.containers({names.LABEL_APP: names.PROBE})
        assert spec.name not in {container.name for container in listed}
        return done

    def test_reads_what_it_is_given_and_tells_how_it_ended(self, world: World) -> None:
        given = b"rules " * 50_000
        done = self.complete(world, "wc -c; echo error >&2; exit 3", given)
        assert (done.exit_code, done.output, done.error) == (3, b"300000\n", b"error\n")

    def test_may_end_without_having_read_it(self, world: World) -> None:
        assert self.complete(world, "exit 0", b"rules " * 50_000).exit_code == 0

    def test_goes_also_where_its_program_is_not_there(self, world: World) -> None:
        spec = replace(payloads.rules_probe(world.node.images.node_image), command=("/no/such",))
        with pytest.raises(EngineError, match="no such file"):
            world.engine.complete(spec, b"")
        assert world.engine.complete(replace(spec, command=("/bin/true",)), b"").exit_code == 0
