"""What a container that fetches or builds can reach, told by foreign set-up code inside of it."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace

import pytest
from lan import ADDRESS, PORT, Lan, serving_git
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.container import ContainerSpec
from holdfast.domain.errors import DeployFailed
from holdfast.domain.names import AppName
from holdfast.node import payloads
from holdfast.node.jobs import ensure_jobs_network, working
from holdfast.node.networks import close_firewall
from holdfast.node.payloads import Part
from holdfast.operations.inspect_repository import inspect_repository

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

JOB = AppName("jobber")
METADATA = "169.254.169.254"
NEIGHBOUR = "tests-neighbour"
LISTEN = ("/usr/bin/python3", "-m", "http.server", "9000")

DIAL = """
import json, socket
found = {}
for host, port in %r:
    try:
        socket.create_connection((host, port), 3).close()
        found[host] = "reached"
    except OSError as error:
        found[host] = type(error).__name__
"""

#: A package whose set-up code looks around; what it finds is what it installs.
SETUP = """
from setuptools import setup
%s
open("looked_around.py", "w").write(f"FOUND = {json.dumps(found)!r}")
setup(name="looked-around", version="1", py_modules=["looked_around"])
"""


@dataclass(frozen=True)
class Street:
    """Who is near: each answers whoever reaches it."""

    lan: Lan
    host: str
    neighbour: str

    @property
    def forbidden(self) -> list[tuple[str, int]]:
        return [(place, 9000) for place in (self.host, METADATA, self.neighbour)]


@pytest.fixture(scope="module")
def street(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """A service of the host's, which answers at a cloud's metadata address too, a container on the
    jobs' own network, and a git server on the LAN."""
    ensure_jobs_network(world.node)
    with ExitStack() as stack:
        lan = stack.enter_context(serving_git(tmp_path_factory.mktemp("lan")))
        stack.enter_context(socket.create_server(("0.0.0.0", 9000)))
        _address("add")
        stack.callback(_address, "delete")
        stack.callback(world.engine.remove, NEIGHBOUR)
        address = _listening(world, NEIGHBOUR)
        host = next(address for address in world.node.host.addresses if ":" not in address)
        street = Street(lan, host, address)
        # without a firewall all of them are reached: the refusals below mean something
        script = f"python3 - <<'END'\n{DIAL % street.forbidden}\nprint(json.dumps(found))\nEND"
        found = json.loads(world.helper(script, network=names.JOBS))
        assert set(found.values()) == {"reached"}, found
        yield street


def _address(verb: str) -> None:
    command = ["ip", "address", verb, f"{METADATA}/32", "dev", "lo"]
    subprocess.run(command, check=True, timeout=10)


def _listening(world: World, name: str) -> str:
    """A container's address."""
    spec = ContainerSpec(
        name=name,
        image=world.node.images.node_image,
        command=("/usr/bin/tini", "--", *LISTEN),
        labels={},
        user="0:0",
        memory_bytes=64 << 20,
        network=names.JOBS,
    )
    world.engine.remove(name)
    world.engine.create(spec)
    world.engine.start(name)
    facts = world.api.inspect_container(name)
    return str(facts["NetworkSettings"]["Networks"][names.JOBS]["IPAddress"])


def _dial(world: World, container: str, *places: tuple[str, int]) -> dict[str, str]:
    code = f"{DIAL % (list(places),)}\nprint(json.dumps(found))"
    done = world.engine.run(container, ("/usr/bin/python3", "-c", code))
    found = json.loads(done.output)
    assert isinstance(found, dict)
    return found


def _fetcher(world: World) -> Part:
    return payloads.fetcher(JOB, payloads.APP_UIDS[-1], world.node.images.node_image, {}, None)


def _packages(world: World) -> Part:
    return payloads.packages(JOB, world.node.images.python_image("3.13"))


class TestJob:
    @pytest.mark.parametrize("part", [_fetcher, _packages])
    def test_reaches_the_lan_but_nobody_near(
        self, world: World, street: Street, part: Callable[[World], Part]
    ) -> None:
        with working(world.node, JOB, part(world)) as container:
            found = _dial(world, container, *street.forbidden, (ADDRESS, PORT))
        assert found.pop(ADDRESS) == "reached"
        assert "reached" not in found.values()
        # refused aloud: it does not wait for a time-out
        assert "TimeoutError" not in found.values()

    def test_lets_nobody_in(self, world: World, street: Street) -> None:
        with working(world.node, JOB, _fetcher(world)) as container:
            listening = " ".join(LISTEN)
            world.shell(container, f"cd /tmp; {listening} >/dev/null 2>&1 & sleep 0.1")
            facts = world.api.inspect_container(container)
            address = facts["NetworkSettings"]["Networks"][names.JOBS]["IPAddress"]
            assert _dial(world, container, ("127.0.0.1", 9000)) == {"127.0.0.1": "reached"}
            with (
                pytest.raises(OSError),
                closing(socket.create_connection((address, 9000), 2)),
            ):
                pass
            assert _dial(world, NEIGHBOUR, (address, 9000)) == {address: "TimeoutError"}

    def test_reaches_a_proxy_on_the_host(self, world: World, street: Street) -> None:
        with socket.create_server(("0.0.0.0", 0)) as proxy:
            port = proxy.getsockname()[1]
            node = replace(world.node, proxies={"HTTPS_PROXY": f"http://{street.host}:{port}"})
            with working(node, JOB, _fetcher(world)) as container:
                assert _dial(world, container, (street.host, port)) == {street.host: "reached"}
                assert "reached" not in _dial(world, container, *street.forbidden).values()

    def test_is_told_when_its_firewall_cannot_be_closed(self, world: World, street: Street) -> None:
        with working(world.node, JOB, _fetcher(world)) as container:
            with pytest.raises(DeployFailed, match=container):
                close_firewall(world.node, JOB, container, "table inet nonsense {{")
            assert "reached" not in _dial(world, container, *street.forbidden).values()
        assert world.containers(JOB, "firewall") == []


def test_hostile_setup_code_meets_nobody(
    world: World, street: Street, new_repository: Callable[[], Repository]
) -> None:
    repository = new_repository()
    files = plain_app("looked_around.FOUND", top="import looked_around", requirements="./looker\n")
    repository.commit({**files, "looker/setup.py": SETUP % (DIAL % street.forbidden)})
    world.deploy(repository, JOB)
    try:
        found = json.loads(world.visit(f"{JOB}.localhost").text)
    finally:
        world.remove(JOB)
    assert set(found) == {place for place, _ in street.forbidden}
    assert "reached" not in found.values()


def test_a_repository_on_the_lan_is_fetched(world: World, street: Street) -> None:
    Repository(street.lan.folder / "plain").commit(plain_app("'from the lan'"))
    node = replace(world.node, certificates=world.node.certificates + street.lan.certificate)
    facts = world.run(inspect_repository(node, street.lan.url("plain"), None))
    assert facts.default_branch == "main"
