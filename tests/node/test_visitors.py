"""Visitors of an app, counted by a real edge: by their addresses, of which it keeps none, and only
where figures are kept."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network

import pytest
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.container import ContainerSpec
from holdfast.domain.names import AppName, HostName
from holdfast.domain.operation import Operation
from holdfast.domain.telemetry import Telemetry
from holdfast.node.edge import edge_place, update_edge
from holdfast.node.edge_turn import edge_turn
from holdfast.node.proxy_commands import COUNTERS_COMMAND, probe_command
from holdfast.operations.keep_figures import KeepFigures

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP, OTHER = AppName("seen"), AppName("unseen")
HOST, OTHER_HOST = f"{APP}.localhost", f"{OTHER}.localhost"
#: /hold answers when somebody has asked for /let-go.
WAYS = "import threading; go = threading.Event(); "
WAYS += "WAYS = {'/hold': lambda _: go.wait(60), '/let-go': lambda _: go.set()}"

#: Arguments: the edge's address, a host and a path. Whether its certificate is good is looked at
#: elsewhere.
VISIT = """
import http.client, socket, ssl, sys
address, host, path = sys.argv[1:]
trust = ssl._create_unverified_context()
with trust.wrap_socket(socket.create_connection((address, 8443), 60), server_hostname=host) as made:
    client = http.client.HTTPConnection(host)
    client.sock = made
    client.request("GET", path, headers={"Connection": "close"})
    print(client.getresponse().status)
"""
#: Argument: the process id of a worker, then what it is asked.
ASK = "import sys; sys.path.insert(0, '/usr/lib/holdfast'); import edge_counters; "
ASK += "print(edge_counters.ask(f'@!{sys.argv[1]} {sys.argv[2]}'))"


@pytest.fixture(scope="module")
def serving(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    repository = Repository(tmp_path_factory.mktemp("visitors") / "repository")
    repository.commit(plain_app("WAYS.get(self.path, len)('')", top=WAYS))
    for app in (APP, OTHER):
        world.deploy(repository, app)
    yield
    for app in (APP, OTHER):
        world.remove(app)


@pytest.fixture
def kept(world: World, serving: None) -> Iterator[None]:
    """Figures of APP, by an edge that has seen nobody."""
    anew(world)
    world.run(world.desk.keep_figures(APP, True))
    yield
    world.run(world.desk.keep_figures(APP, False))


def anew(world: World) -> None:
    world.engine.remove(names.EDGE)
    update_edge(world.node, {})
    wait_until(lambda: world.knows(HOST), "its route is open")


def edge_subnet(world: World) -> IPv4Network:
    return IPv4Network(next(p[0] for name, _, p in world.engine.networks() if name == names.EDGE))


def visit_from(world: World, place: int, host: str = HOST, path: str = "/") -> str:
    """From a container with an address of its own, and which that is."""
    [edge] = world.engine.containers({names.LABEL_ROLE: "edge"})
    address = str(edge_subnet(world)[place])
    spec = ContainerSpec(
        name=f"holdfast-visitor-{place}",
        image=world.node.images.node_image,
        command=("/usr/bin/python3", "-I", "-c", VISIT, edge.networks[names.EDGE], host, path),
        labels=names.labels(AppName("visitor"), "visitor"),
        user="65534:65534",
        memory_bytes=64 << 20,
        network=names.EDGE,
        address=address,
    )
    done = world.engine.complete(spec, b"")
    assert (done.exit_code, done.output) == (0, b"200\n"), done.error
    return address


def told(world: World) -> dict[str, dict[str, int]]:
    """What the edge tells of each host: nothing in the moment of a reload."""
    answers: list[dict[str, dict[str, int]]] = []

    def answered() -> bool:
        done = world.engine.run(names.EDGE, COUNTERS_COMMAND)
        answers.append(json.loads(done.output or b"{}"))
        return OTHER_HOST in answers[-1]

    wait_until(answered, "the edge tells what it has counted")
    return answers[-1]


def visitors(world: World, host: str = HOST) -> int | None:
    return told(world)[host].get("visitors")


def measured(world: World) -> list[int | None]:
    world.run(Operation("Measure", "keep", KeepFigures(world.node).steps))
    return [each.visitors for each in world.run(world.desk.figures(APP)).measured]


def workers(world: World) -> list[str]:
    """The newest first."""
    told(world)
    kept = json.loads(world.shell(names.EDGE, "cat /keys/counted.json"))
    return [pid for pid in kept if pid != "ended"]


def ask(world: World, words: str, worker: str | None = None) -> str:
    command = ("/usr/bin/python3", "-I", "-c", ASK, worker or workers(world)[0], words)
    return world.engine.run(names.EDGE, command).output.decode()


def salt(world: World) -> str:
    return world.shell(names.EDGE, "cat /keys/salt.map").removeprefix("salt ")


def reload_edge(world: World) -> None:
    """Until another worker answers, and the one before has told it what it knew."""
    before = set(workers(world))
    update_edge(world.node, {})
    wait_until(lambda: not {workers(world)[0]} & before, "another worker")


def test_different_addresses_are_counted_and_kept_with_the_figures(
    world: World, kept: None
) -> None:
    for place in (5, 6, 7, 6):
        visit_from(world, place)
    # the edge's own questions are nobody's visit
    world.engine.run(names.EDGE, probe_command(HostName(HOST)))
    wait_until(lambda: visitors(world) == 3, "each address is counted once")
    assert told(world)[HOST]["requests"] >= 5
    assert measured(world)[-1] == 3
    assert json.loads(world.shell(names.EDGE, "cat /keys/counted.json")).keys() >= {"ended"}
    assert "visitors" not in world.shell(names.EDGE, "cat /keys/counted.json")


def test_they_are_the_same_visitors_after_reloads(world: World, kept: None) -> None:
    for place in (5, 6):
        visit_from(world, place)
    for _ in range(2):
        reload_edge(world)
        wait_until(lambda: visitors(world) == 2, "the next worker knows them")
    visit_from(world, 6)
    visit_from(world, 7)
    wait_until(lambda: visitors(world) == 3, "one of the two is new")
    wait_until(lambda: len(workers(world)) == 1, "the old workers have ended")


def test_an_address_is_known_by_a_keyed_hash_for_five_minutes(world: World, kept: None) -> None:
    address = visit_from(world, 5)
    lines = ask(world, f"show table {HOST}").splitlines()
    assert lines[0].endswith("type: binary, size:5120, used:1")
    [row] = [dict(each.split("=") for each in line.split()[1:]) for line in lines[1:] if line]
    key, before = base64.b64decode(salt(world)), salt(world)
    packed = bytes(int(part) for part in address.split("."))
    assert len(key) == 32
    assert row["key"] == hmac.digest(key, packed, "sha256").hex().upper()[:16]
    assert 0 < int(row["exp"]) <= 5 * 60 * 1000
    anew(world)
    assert salt(world) != before
    visit_from(world, 5)
    again = ask(world, f"show table {HOST}")
    assert "key=" in again
    assert row["key"] not in again, "it is another visitor to every edge"


def test_whoever_has_a_page_open_in_an_old_worker_counts(world: World, kept: None) -> None:
    with ThreadPoolExecutor() as pool:
        held = pool.submit(visit_from, world, 5, HOST, "/hold")
        wait_until(lambda: told(world)[HOST]["open"] == 1, "the request is on its way")
        [old] = workers(world)
        reload_edge(world)
        wait_until(lambda: visitors(world) == 1, "the next worker knows it")
        # as after five minutes
        ask(world, f"clear table {HOST}")
        assert ask(world, f"show table {HOST}").strip().endswith("used:0")
        assert "used:1" in ask(world, f"show table {HOST}", old)
        assert visitors(world) == 1
        visit_from(world, 6, path="/let-go")
        held.result()


def test_of_an_app_without_figures_nobody_is_counted(world: World, kept: None) -> None:
    visit_from(world, 5, OTHER_HOST)
    assert visitors(world, OTHER_HOST) is None
    assert OTHER_HOST not in ask(world, "show table")
    with edge_turn(world.node) as now:
        assert now.routes.counted == {APP: True, OTHER: False}


def is_counted(world: World) -> bool:
    """Nothing of it is in the configuration otherwise."""
    configured = "track-sc0" in world.shell(names.EDGE, "cat /keys/current/haproxy.cfg")
    wait_until(
        lambda: (HOST in ask(world, "show table")) is configured, "the newest worker does as told"
    )
    return configured


def test_telemetry_is_its_switch(world: World, serving: None) -> None:
    assert not is_counted(world)
    world.run(world.desk.set_telemetry(APP, Telemetry.ON))
    assert is_counted(world)
    visit_from(world, 5)
    wait_until(lambda: visitors(world) == 1, "it is counted")
    world.run(world.desk.set_telemetry(APP, Telemetry.OFF, later=True))
    assert not is_counted(world)
    wait_until(lambda: len(workers(world)) == 1, "no worker knows it any more")
    assert visitors(world) is None


def test_figures_alone_are_its_switch_and_another_off_changes_nothing(
    world: World, serving: None
) -> None:
    world.run(world.desk.keep_figures(APP, True))
    assert is_counted(world)
    world.run(world.desk.keep_figures(APP, False))
    assert not is_counted(world)
    before = workers(world)
    world.run(world.desk.keep_figures(APP, False))
    assert workers(world)[0] in before


def test_it_is_counted_on_after_a_stop_and_after_a_seal(world: World, kept: None) -> None:
    world.run(world.desk.stop(APP))
    assert not is_counted(world)
    world.run(world.desk.start(APP))
    assert is_counted(world)
    world.seal()
    world.run(world.desk.unseal())
    assert is_counted(world)
    assert edge_place(world.node) is not None
