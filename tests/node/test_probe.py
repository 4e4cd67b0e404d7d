"""What is tried on an engine before apps are trusted to it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from unfit_engine import FAULTS, unfit_engine
from world import Repository, World, connect, plain_app

from holdfast.adapters.docker_engine import DockerEngine
from holdfast.adapters.existing_engine import ExistingEngine
from holdfast.domain import names
from holdfast.domain.container import Completed, ContainerSpec
from holdfast.domain.errors import EngineUnsupported
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.secret import Secret
from holdfast.node import payloads
from holdfast.node.probe import prove_engine, recognise, try_engine
from holdfast.node.volume import Volume
from holdfast.operations.examine_node import examine_node
from holdfast.ports import Engine

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]


def prove(world: World) -> list[str]:
    """The steps that it took."""

    def body(cancel: object) -> Steps[None]:
        return prove_engine(world.node)

    world.run(Operation("Prove", "node", body))
    return [update.title for update in world.updates if isinstance(update, Step)]


class TestUsualEngine:
    def test_is_proven_and_nothing_is_left_of_it(self, world: World) -> None:
        before = world.picture()
        try_engine(world.node)
        assert world.picture() == before

    def test_may_be_tried_by_two_at_once(self, world: World) -> None:
        before = world.picture()
        with ThreadPoolExecutor(2) as both:
            for tried in [both.submit(try_engine, world.node) for _ in range(2)]:
                tried.result()
        assert world.picture() == before

    def test_is_tried_once_and_again_when_it_is_another(self, world: World) -> None:
        assert prove(world) == []
        world.engine.remove_volume(names.PROVEN_VOLUME)
        other = {names.LABEL_ROLE: "node", names.LABEL_PROVEN: "of another engine"}
        world.engine.create_volume(names.PROVEN_VOLUME, other)
        assert prove(world) == ["Try what apps need of the engine"]
        assert prove(world) == []

    def test_is_told_as_tried_just_now(self, world: World, engine_socket: Path) -> None:
        found, kit = examine_node(ExistingEngine.at(engine_socket), lambda: world.node)
        assert (found.name, found.state) == ("containers", "ok")
        assert (kit.name, kit.state) == ("recovery kit", "warning")
        assert world.engine.facts().version in found.reason

    def test_is_refused_when_its_clock_is_wrong(self, world: World) -> None:
        late = replace(world.node, clock=LateClock())
        with pytest.raises(EngineUnsupported, match="60 minutes apart"):
            recognise(late)

    def test_is_found_out_when_nothing_arrives(self, world: World) -> None:
        before = world.picture()
        blind = replace(world.node, engine=cast(Engine, Blind(world.engine)))
        with pytest.raises(EngineUnsupported, match="cannot share what they mount"):
            try_engine(blind)
        assert world.picture() == before

    def test_is_found_out_when_rules_are_refused(self, world: World) -> None:
        before = world.picture()
        powerless = replace(world.node, engine=cast(Engine, Powerless(world.engine)))
        with pytest.raises(EngineUnsupported, match="not permitted") as told:
            try_engine(powerless)
        assert "nf_tables" in told.value.next
        assert world.picture() == before


class LateClock:
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)

    def sleep(self, seconds: float, cancel: CancelToken) -> None:
        raise AssertionError("nobody waits")


class Altered:
    """The engine, but for what a subclass changes."""

    def __init__(self, engine: DockerEngine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


class Powerless(Altered):
    """Its host lets nobody load rules."""

    def complete(self, spec: ContainerSpec, given: bytes) -> Completed:
        kept = tuple(power for power in spec.capabilities if power != "NET_ADMIN")
        return self._engine.complete(replace(spec, capabilities=kept), given)


class Blind(Altered):
    """Its containers see no mount that is made after their start."""

    def create(self, spec: ContainerSpec) -> str:
        binds = [
            replace(bind, propagation="rprivate") if bind.propagation == "rslave" else bind
            for bind in spec.binds
        ]
        return self._engine.create(replace(spec, binds=tuple(binds)))


@pytest.fixture(scope="module")
def data_root() -> Iterator[Path]:
    """Of the unfit engines, one after the other: the image is made once."""
    with tempfile.TemporaryDirectory(prefix="holdfast-tests-", dir="/var/tmp") as folder:
        yield Path(folder)


@pytest.fixture(params=FAULTS)
def unfit(
    request: pytest.FixtureRequest, world: World, data_root: Path, tmp_path: Path
) -> Iterator[tuple[str, World, Path]]:
    """An engine with a fault and its node image, beside the one that other tests use."""
    with (
        tempfile.TemporaryDirectory(prefix="holdfast-", dir="/var/tmp") as run_root,
        unfit_engine(request.param, Path(run_root), data_root) as socket,
    ):
        unfit = connect(socket, world.keychain, tmp_path / "ca.pem")
        with closing(unfit.api):
            unfit.make_images()
            yield request.param, unfit, socket


COMPLAINTS = {
    "without FUSE": "There is no /dev/fuse",
    "without shared mounts": "are private",
}


class TestUnfitEngine:
    def test_is_refused_with_what_it_lacks(
        self,
        unfit: tuple[str, World, Path],
        tmp_path: Path,
    ) -> None:
        fault, unfit_world, socket = unfit
        repository = Repository(tmp_path / "repository")
        repository.commit(plain_app("'never'"))

        def left() -> set[str]:
            engine = unfit_world.engine
            found = {container.name for container in engine.containers()}
            found |= {name for name, _ in engine.volumes()}
            return found | {name for name, _, _ in engine.networks()}

        before = left()
        with pytest.raises(EngineUnsupported) as told:
            unfit_world.deploy(repository, "never")
        assert COMPLAINTS[fault] in told.value.why
        assert "sudo" in told.value.next
        assert left() == before
        (found,) = examine_node(ExistingEngine.at(socket), lambda: unfit_world.node)
        assert (found.state, found.remedy) == ("missing", told.value.next)

    def test_is_told_when_it_was_proven_before(self, unfit: tuple[str, World, Path]) -> None:
        fault, unfit_world, _ = unfit
        volume = Volume(unfit_world.node, AppName("late"), payloads.APP_UIDS[0])
        with pytest.raises(EngineUnsupported) as told:
            volume.mount(Secret(b"0" * 64), unfit_world.node.images.node_image)
        assert COMPLAINTS[fault] in told.value.why
