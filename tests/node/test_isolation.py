"""Isolation on a real engine, told by an app that looks around from inside its own process."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.names import AppName
from holdfast.node.payloads import APP_UIDS
from holdfast.node.subnets import edge_address, gateway_address

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

#: /run?CODE runs CODE, as a visitor who found a hole in the app would.
LOOK = """
def look(path):
    code = urllib.parse.unquote(path.partition("?")[2])
    seen = {}
    exec(code, seen)
    return json.dumps(seen["found"])

import socket, threading
everywhere = socket.socket()
everywhere.bind(("0.0.0.0", 9999))
everywhere.listen()
"""

DIAL = """
import socket
found = {}
for host, port in %r:
    try:
        socket.create_connection((host, port), 2).close()
        found[f"{host}:{port}"] = "reached"
    except OSError as error:
        found[f"{host}:{port}"] = type(error).__name__
"""

#: The same for a shell.
PYTHON_DIAL = (
    "python3 -c \"import socket; socket.create_connection(('%s', %d), 2)\" 2>/dev/null"
    " && echo reached || echo refused"
)

WRITE = """
import os
found = []
for path in %r:
    try:
        open(os.path.join(path, "written"), "w").close()
        found.append(path)
    except OSError:
        pass
"""


@dataclass
class Prober:
    world: World
    name: AppName
    release: str

    def run(self, code: str) -> Any:
        """What `code`, run inside of the app's process, put into `found`."""
        quoted = "".join(f"%{byte:02x}" for byte in code.encode())
        answer = self.world.visit(f"{self.name}.localhost", f"/run?{quoted}")
        assert answer.status == 200, answer.text
        return json.loads(answer.text)

    def dial(self, *places: tuple[str, int]) -> dict[str, str]:
        found = self.run(DIAL % (list(places),))
        assert isinstance(found, dict)
        return found

    @property
    def address(self) -> str:
        """Of its sidecar, on its own network."""
        facts = self.world.api.inspect_container(names.sidecar(self.name, self.release))
        address = facts["NetworkSettings"]["Networks"][names.network(self.name)]["IPAddress"]
        assert isinstance(address, str)
        return address

    @property
    def subnet(self) -> str:
        found = self.world.engine.networks()
        return next(pools[0] for name, _, pools in found if name == names.network(self.name))


@pytest.fixture(scope="module")
def probers(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Prober, Prober]]:
    repository = Repository(tmp_path_factory.mktemp("prober") / "repository")
    repository.commit(plain_app("look(self.path)", top=LOOK))
    made = []
    for name in ("prober", "neighbour"):
        deployed = world.deploy(repository, name)
        made.append(Prober(world, deployed.name, deployed.release.id))
    yield made[0], made[1]
    for prober in made:
        world.remove(prober.name)


@pytest.fixture
def prober(probers: tuple[Prober, Prober]) -> Prober:
    return probers[0]


@pytest.fixture
def neighbour(probers: tuple[Prober, Prober]) -> Prober:
    return probers[1]


class TestPowers:
    def test_are_none(self, prober: Prober) -> None:
        status = dict(
            line.split(":\t", 1)
            for line in prober.run("found = open('/proc/self/status').read()").splitlines()
            if ":\t" in line
        )
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(status[kind], 16) == 0, kind
        assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")

    def test_are_those_of_a_user_of_its_own(self, prober: Prober, neighbour: Prober) -> None:
        ask = "import os; found = [os.getresuid(), os.getresgid(), os.getgroups()]"
        (real, effective, saved), groups, more = prober.run(ask)
        assert real == effective == saved
        assert real in APP_UIDS
        assert (groups, set(more)) == ([real] * 3, set(more) & {real})
        assert neighbour.run(ask)[0][0] != real

    def test_cannot_be_gained(self, prober: Prober) -> None:
        suids = prober.run(
            "import subprocess; found = subprocess.run(['find', '/', '-xdev', '-perm', '/6000',"
            " '-type', 'f'], capture_output=True, text=True).stdout"
        )
        assert suids == ""
        mount = "import subprocess; found = subprocess.run(['mount', '-t', 'tmpfs', 'x', '/tmp'],"
        assert prober.run(f"{mount} capture_output=True).returncode") != 0
        unshare = "import subprocess; found = subprocess.run(['unshare', '-Ur', 'true'],"
        assert prober.run(f"{unshare} capture_output=True).returncode") != 0

    def test_end_at_the_limits(self, world: World, prober: Prober) -> None:
        host = world.api.inspect_container(names.runner(prober.name, prober.release))["HostConfig"]
        assert host["Memory"] == host["MemorySwap"] == 1 << 30
        assert host["PidsLimit"] == 256
        assert prober.run("import resource; found = resource.getrlimit(resource.RLIMIT_CORE)") == [
            1,
            1,
        ]

    def test_see_no_process_but_its_own(self, prober: Prober) -> None:
        def commands() -> set[str]:
            # one that looks after the app's health may end meanwhile
            found = prober.run(
                "import contextlib, glob\n"
                "found = []\n"
                "for path in glob.glob('/proc/[0-9]*/comm'):\n"
                "    with contextlib.suppress(OSError): found.append(open(path).read())\n"
            )
            return {command.strip() for command in found}

        # or is just being begun by the engine, under the name of its own program
        wait_until(lambda: commands() <= {"tini", "python3", "python", "sh"})


class TestFiles:
    def test_can_be_written_where_they_are_encrypted_or_in_ram_alone(self, prober: Prober) -> None:
        tried = [
            "/",
            "/etc",
            "/usr/lib/holdfast",
            "/mnt",
            "/mnt/app",
            "/mnt/app/environment",
            "/mnt/app/environment/bin",
            "/var/tmp",
            "/run",
            "/mnt/app/checkout",
            "/data",
            "/tmp",
            "/home/app",
        ]
        assert prober.run(WRITE % (tried,)) == ["/mnt/app/checkout", "/data", "/tmp", "/home/app"]

    def test_of_other_releases_and_of_the_node_are_not_there(self, prober: Prober) -> None:
        listed = prober.run("import os; found = sorted(os.listdir('/mnt/app'))")
        assert listed == ["checkout", "data", "environment", "logs"]
        found = prober.run(
            "import subprocess; found = subprocess.run(['find', '/', '(', '-name', 'app.json',"
            " '-o', '-name', 'release.json', '-o', '-name', 'repository.git', '-o', '-name',"
            " 'gocryptfs.conf', '-o', '-name', '*.sock', ')', '-not', '-path', '/proc/*'],"
            " capture_output=True, text=True).stdout"
        )
        assert found == ""

    def test_of_the_neighbour_are_not_there(self, prober: Prober, neighbour: Prober) -> None:
        neighbour.run("open('/data/neighbours-note', 'w').close(); found = 0")
        names_there = prober.run(
            "import subprocess; found = subprocess.run(['find', '/', '-name', 'neighbours-note',"
            " '-not', '-path', '/proc/*'], capture_output=True, text=True).stdout"
        )
        assert names_there == ""

    def test_lie_on_the_mounts_that_were_given(self, prober: Prober) -> None:
        lines = prober.run("found = open('/proc/self/mountinfo').read()").splitlines()
        mounts = {fields[4]: fields for fields in (line.split() for line in lines)}
        assert "ro" in mounts["/"][5].split(",")
        kind = {point: fields[fields.index("-") + 1] for point, fields in mounts.items()}
        assert kind["/tmp"] == kind["/home/app"] == "tmpfs"
        assert kind["/mnt/app/data"] == kind["/mnt/app/checkout"] == "fuse.gocryptfs"
        for point in ("/tmp", "/home/app", "/mnt/app/data", "/mnt/app/checkout"):
            assert {"nosuid", "nodev"} <= set(mounts[point][5].split(",")), point


def own_address() -> str:
    """Of the interface by which this machine reaches others; nothing is sent. Its name may stand
    for none, or for the loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect(("192.0.2.1", 9))
        return str(asked.getsockname()[0])


class TestNetwork:
    def test_does_not_lead_to_the_neighbour(self, prober: Prober, neighbour: Prober) -> None:
        found = prober.dial(
            (neighbour.address, 8443), (neighbour.address, 8501), (neighbour.address, 9999)
        )
        assert "reached" not in found.values()

    def test_does_not_lead_to_the_host(self, world: World, prober: Prober) -> None:
        gateway = gateway_address(prober.subnet)
        with socket.create_server(("0.0.0.0", 0)) as listener:
            port = listener.getsockname()[1]
            # it is reached where there is no firewall: the refusals below mean something
            network = names.network(prober.name)
            for address in (gateway, own_address()):
                assert world.helper(PYTHON_DIAL % (address, port), network=network) == "reached"
            found = prober.dial((gateway, port), ("172.17.0.1", port), (own_address(), port))
        assert "reached" not in found.values()

    def test_does_not_lead_to_cloud_metadata(self, prober: Prober) -> None:
        found = prober.dial(("169.254.169.254", 80), ("169.254.170.2", 80))
        assert set(found.values()) <= {"PermissionError", "ConnectionRefusedError", "OSError"}

    def test_does_not_lead_to_the_edge(self, prober: Prober) -> None:
        edge = edge_address(prober.subnet)
        assert "reached" not in prober.dial((edge, 8443), (edge, 8080)).values()

    def test_does_not_lead_to_an_engine(self, prober: Prober) -> None:
        dial = (
            "import socket\nfound = []\nfor path in ['/run/docker.sock', '/var/run/docker.sock',"
            " '/run/holdfast-0/docker.sock', '/run/containerd/containerd.sock']:\n"
            "    try:\n        socket.socket(socket.AF_UNIX).connect(path); found.append(path)\n"
            "    except OSError:\n        pass\n"
        )
        assert prober.run(dial) == []

    def test_shows_an_open_port_of_the_app_to_nobody(self, world: World, prober: Prober) -> None:
        # inside of its own namespace it is reached
        assert prober.dial(("127.0.0.1", 9999)) == {"127.0.0.1:9999": "reached"}
        for port in (9999, 8501):
            with (
                pytest.raises(OSError),
                closing(socket.create_connection((prober.address, port), 2)),
            ):
                pass
        edge = [
            world.shell(names.EDGE, PYTHON_DIAL % (prober.address, port)) for port in (9999, 8443)
        ]
        assert edge == ["refused", "reached"]
        other = world.helper(
            PYTHON_DIAL % (prober.address, 8443), network=names.network(prober.name)
        )
        assert other == "refused"

    def test_is_closed_to_the_host_even_where_the_sidecar_listens(self, prober: Prober) -> None:
        with pytest.raises(OSError):
            socket.create_connection((prober.address, 8443), 2).close()


def test_an_apps_crash_is_its_own(prober: Prober, neighbour: Prober) -> None:
    before = neighbour.run("import os; found = os.getpid()")
    prober.run("import os, signal; os.kill(1, signal.SIGKILL); found = 0")
    assert neighbour.run("import os; found = os.getpid()") == before
    pid = prober.run("import os; found = os.getpid()")
    prober.run("import os, threading; threading.Timer(0.2, os._exit, [3]).start(); found = 0")

    def is_back() -> bool:
        try:
            return bool(prober.run("import os; found = os.getpid()") != pid)
        except (AssertionError, OSError, ValueError):
            return False

    wait_until(is_back, "the launcher starts it again")
    assert neighbour.run("import os; found = os.getpid()") == before
