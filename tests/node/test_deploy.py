"""Deploys on a real engine: what visitors see, what stays, and what a failure leaves."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.app import AppState, Limits
from holdfast.domain.errors import DeployFailed, RepositoryError, UsageError
from holdfast.domain.names import AppName
from holdfast.domain.requests import Deployed
from holdfast.node import payloads, serving
from holdfast.node.beside import Beside
from holdfast.node.serving import Begun, begin_sidecar, end_pair
from holdfast.node.volume import Volume
from holdfast.operations.pair_ahead import PairAhead

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

SHOP = AppName("shop")

STREAMLIT = """
import streamlit as st
st.title("hello")
"""

#: Takes ten megabytes at a time until it is stopped.
GREED = "eaten = []\nwhile True: eaten.append(b'x' * 10_000_000)"


@dataclass(frozen=True)
class Shop:
    """An app that serves, and its repository."""

    repository: Repository
    first: Deployed


@pytest.fixture(scope="module")
def shop(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    repository = Repository(tmp_path_factory.mktemp("shop") / "repository")
    repository.commit(plain_app("'first'"))
    yield Shop(repository, world.deploy(repository, "shop"))
    world.remove("shop")


class TestFirst:
    def test_of_a_folder_that_is_not_there_makes_nothing(
        self, world: World, tmp_path: Path
    ) -> None:
        since = time.time()
        with pytest.raises(RepositoryError) as told:
            world.deploy(str(tmp_path / "mistyped"), "mistyped")
        assert told.value.what == "There is no such folder."
        filters = {"label": f"{names.LABEL_APP}=mistyped"}
        made = world.api.events(since=since, until=time.time(), filters=filters, decode=True)
        assert list(made) == []

    def test_serves_over_tls(self, world: World, shop: Shop) -> None:
        answer = world.visit("shop.localhost")
        assert (answer.status, answer.release, answer.text) == (200, shop.first.release.id, "first")
        assert shop.first.url == f"https://shop.localhost:{shop.first.address.split(':')[1]}/"
        assert world.state("shop") is AppState.RUNNING

    def test_is_vouched_for_by_the_nodes_ca_alone(self, world: World, shop: Shop) -> None:
        host, port = shop.first.address.split(":")
        public = ssl.create_default_context()
        with (
            socket.create_connection((host, int(port)), 10) as plain,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            public.wrap_socket(plain, server_hostname="shop.localhost")

    def test_of_streamlit_opens_its_websocket(
        self, world: World, new_repository: Callable[[], Repository]
    ) -> None:
        repository = new_repository()
        repository.commit({"app.py": STREAMLIT, "requirements.txt": "streamlit\n"})
        deployed = world.deploy(repository, "page")
        try:
            assert deployed.release.framework == "streamlit"
            answer = world.visit("page.localhost")
            assert (answer.status, "<title>Streamlit</title>" in answer.text) == (200, True)
        finally:
            world.remove("page")

    @pytest.mark.parametrize(
        "wanted",
        [
            {"branch": "nowhere"},
            {"entrypoint": "nowhere.py"},
            {"host_name": "shop.localhost"},
            {"python": "3.2"},
        ],
        ids=lambda wanted: next(iter(wanted)),
    )
    def test_that_asks_for_what_is_not_there_leaves_nothing(
        self,
        world: World,
        shop: Shop,
        new_repository: Callable[[], Repository],
        wanted: dict[str, str],
    ) -> None:
        repository = new_repository()
        repository.commit(plain_app("'other'"))
        before = world.picture()
        with pytest.raises((RepositoryError, UsageError, DeployFailed)) as told:
            world.deploy(repository, "other", **wanted)
        assert (told.value.what, told.value.next) != ("", "")
        assert world.picture() == before

    def test_of_no_repository_leaves_nothing(self, world: World, shop: Shop) -> None:
        before = world.picture()
        with pytest.raises(RepositoryError):
            world.deploy("/nowhere/at/all", "other")
        assert world.picture() == before

    @pytest.mark.parametrize(
        ("top", "complaint"),
        [
            ("raise SystemError('first breath')", "first breath"),
            ("raise SystemExit(3)", "exit code 3"),
            (GREED, "more memory than its limit"),
        ],
        ids=["raises", "ends", "eats memory"],
    )
    def test_that_does_not_start_leaves_nothing(
        self,
        world: World,
        shop: Shop,
        new_repository: Callable[[], Repository],
        top: str,
        complaint: str,
    ) -> None:
        repository = new_repository()
        repository.commit(plain_app("'other'", top=top))
        before = world.picture()
        with pytest.raises(DeployFailed, match=complaint) as told:
            world.deploy(repository, "other")
        assert told.value.next
        assert world.picture() == before


class TestNext:
    def test_changes_the_code_and_keeps_the_environment(self, world: World, shop: Shop) -> None:
        shop.repository.commit(plain_app("'second'"))
        deployed = world.deploy(shop.repository, "shop")
        assert deployed.release.environment.cached
        answer = world.visit("shop.localhost")
        assert (answer.text, answer.release) == ("second", deployed.release.id)
        assert world.containers("shop", "run") == [f"holdfast-shop-run-{deployed.release.id}"]

    def test_keeps_what_the_app_wrote(
        self, world: World, new_repository: Callable[[], Repository]
    ) -> None:
        repository = new_repository()
        repository.commit(plain_app("pathlib.Path('/data/note').write_text('kept')"))
        world.deploy(repository, "writer")
        try:
            assert world.visit("writer.localhost").text == "4"
            repository.commit(plain_app("pathlib.Path('/data/note').read_text()"))
            world.deploy(repository, "writer")
            assert world.visit("writer.localhost").text == "kept"
        finally:
            world.remove("writer")

    @pytest.mark.parametrize(
        ("files", "complaint"),
        [
            (plain_app("'bad'", top="raise SystemError('at import')"), "at import"),
            (plain_app("'bad'", top="raise SystemExit(0)"), ""),
            (plain_app("'bad'", top=GREED), "more memory than its limit"),
            (plain_app("'bad'", top="import time\ntime.sleep(3600)"), "8501"),
            (plain_app("'bad'", top="raise SystemError('late')", requirements="idna\n"), "late"),
            (plain_app("'bad'", requirements="holdfast-no-such-package==9.9\n"), "no-such-package"),
        ],
        ids=["raises", "ends", "eats memory", "opens no port", "packed", "unresolvable"],
    )
    def test_that_fails_leaves_the_old_one_serving(
        self,
        world: World,
        shop: Shop,
        monkeypatch: pytest.MonkeyPatch,
        files: dict[str, str],
        complaint: str,
    ) -> None:
        monkeypatch.setattr(serving, "READY_SECONDS", 5)
        shop.repository.commit(plain_app("'good'"))
        good = world.deploy(shop.repository, "shop")
        before, kept = world.picture(), world.kept("shop")
        shop.repository.commit(files)
        with pytest.raises(DeployFailed) as told:
            world.deploy(shop.repository, "shop")
        assert complaint in told.value.why + told.value.what
        answer = world.visit("shop.localhost")
        assert (answer.text, answer.release) == ("good", good.release.id)
        assert world.picture() == before
        assert world.kept("shop") == kept

    def test_clears_what_a_killed_desktop_left(self, world: World, shop: Shop) -> None:
        mounter = names.mounter(AppName("shop"))
        leave = (
            "cd /keys/plain && mkdir -p releases/left/checkout && touch environments/left.squashfs"
            " && cp repository.git/refs/holdfast/{} repository.git/refs/holdfast/left"
        )
        (runner,) = world.containers("shop", "run")
        user = world.api.inspect_container(runner)["Config"]["User"]
        release = world.visit("shop.localhost").release
        world.shell(mounter, leave.format(release), user)
        left = {
            "plain/releases/left",
            "plain/environments/left.squashfs",
            "plain/repository.git/refs/holdfast/left",
        }
        assert left <= world.kept("shop")
        begin_sidecar(world.node, SHOP, "left", int(user.partition(":")[0]))
        world.node.begin(payloads.packages(SHOP, world.node.images.python_image("3.13")))
        shop.repository.commit(plain_app("'after'"))
        deployed = world.deploy(shop.repository, "shop")
        assert not left & world.kept("shop")
        assert world.containers("shop", "proxy") == [names.sidecar(SHOP, deployed.release.slot)]
        assert world.containers("shop", "packages") == []
        assert world.visit("shop.localhost").text == "after"

    def test_gets_a_container_that_fits_whatever_was_begun_ahead(
        self, world: World, shop: Shop
    ) -> None:
        release = shop.first.release
        volume = Volume(world.node, SHOP, release.configuration.uid)
        wanted = replace(release.configuration, limits=Limits(memory_bytes=3 << 29))
        before = world.picture()
        with Beside() as beside:
            pair = PairAhead(world.node, SHOP, "ahead", volume, beside)
            for configuration in (release.configuration, wanted):
                pair.begin_runner(configuration, release.image)
            begun = pair.wait_runner()
        runner = names.runner(SHOP, "ahead")
        assert world.api.inspect_container(runner)["HostConfig"]["Memory"] == 3 << 29
        assert begun == Begun(payloads.runner(wanted, "ahead", release.image), None)
        end_pair(world.node, SHOP, "ahead", volume)
        assert world.picture() == before

    def test_from_another_repository_has_to_be_asked_for(
        self, world: World, shop: Shop, new_repository: Callable[[], Repository]
    ) -> None:
        shop.repository.commit(plain_app("'own'"))
        other = new_repository()
        other.commit(plain_app("'another'"))
        with pytest.raises(UsageError, match="--replace"):
            world.deploy(other, "shop")
        assert world.visit("shop.localhost").text != "another"
        world.deploy(other, "shop", replace=True)
        assert world.visit("shop.localhost").text == "another"
        world.deploy(shop.repository, "shop", replace=True)


class TestRollBack:
    def test_brings_back_code_environment_and_configuration(self, world: World, shop: Shop) -> None:
        top = "from importlib.util import find_spec"
        shop.repository.commit(plain_app("('early', bool(find_spec('idna')))", top))
        early = world.deploy(shop.repository, "shop", memory_bytes=512 << 20)
        shop.repository.commit(plain_app("('late', bool(find_spec('idna')))", top, "idna\n"))
        world.deploy(shop.repository, "shop", memory_bytes=300 << 20, host_name="late.localhost")
        assert world.visit("late.localhost").text == "('late', True)"
        wait_until(lambda: not world.knows("shop.localhost"), "the old host name is gone")
        back = world.run(world.desk.roll_back(AppName("shop"), None))
        assert back.release.id == early.release.id
        assert world.visit("shop.localhost").text == "('early', False)"
        wait_until(lambda: not world.knows("late.localhost"), "the late host name is gone")
        (runner,) = world.containers("shop", "run")
        assert world.api.inspect_container(runner)["HostConfig"]["Memory"] == 512 << 20


class TestRunning:
    def test_is_stopped_and_started(self, world: World, shop: Shop) -> None:
        release = world.visit("shop.localhost").release
        world.run(world.desk.stop(AppName("shop")))
        assert world.state("shop") is AppState.STOPPED
        assert world.containers("shop", "run") == world.containers("shop", "proxy") == []
        wait_until(lambda: not world.knows("shop.localhost"), "the route is gone")
        world.run(world.desk.start(AppName("shop")))
        assert world.visit("shop.localhost").release == release

    def test_is_restarted(self, world: World, shop: Shop) -> None:
        (runner,) = world.containers("shop", "run")
        before = world.api.inspect_container(runner)["Id"]
        world.run(world.desk.restart(AppName("shop")))
        assert world.visit("shop.localhost").status == 200
        assert world.containers("shop", "run") == [runner]
        assert world.api.inspect_container(runner)["Id"] != before

    def test_is_left_alone_by_a_start(self, world: World, shop: Shop) -> None:
        before = world.api.inspect_container(world.containers("shop", "run")[0])["Id"]
        world.run(world.desk.start(AppName("shop")))
        assert world.api.inspect_container(world.containers("shop", "run")[0])["Id"] == before
