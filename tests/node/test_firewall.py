"""The firewall's rules, loaded into a real network namespace with a whole world beyond it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest

from holdfast.node.firewall import firewall_rules

pytestmark = pytest.mark.node

GATEWAY, EDGE, OWN, NEIGHBOUR = "10.213.0.1", "10.213.0.2", "10.213.0.3", "10.213.0.19"
HOST, OTHER_BRIDGE = "192.168.77.1", "172.17.0.9"
LAN, INTERNET, METADATA = "192.168.77.5", "203.0.113.80", "169.254.169.254"
WIRE_SERVER = "168.63.129.16"
OWN_6, BEYOND_6 = "fd00:77::3", "fd00:77::5"

ALL_BEYOND = (
    GATEWAY,
    EDGE,
    NEIGHBOUR,
    HOST,
    OTHER_BRIDGE,
    LAN,
    INTERNET,
    METADATA,
    WIRE_SERVER,
    BEYOND_6,
)

#: PORTS ADDRESSES, both with commas: answers TCP and UDP with one word. UDP needs a socket per
#: address, otherwise it answers from another one than was asked.
SERVER = """
import itertools, selectors, socket, sys
waiting = selectors.DefaultSelector()
ports, addresses = (words.split(",") for words in sys.argv[1:])
kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM)
for address, port, kind in itertools.product(addresses, ports, kinds):
    one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    if address == "::":
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    one.bind((address, int(port)))
    if kind == socket.SOCK_STREAM:
        one.listen()
    waiting.register(one, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in waiting.select():
        if key.fileobj.type == socket.SOCK_STREAM:
            client, _ = key.fileobj.accept()
            client.send(b"here")
            client.close()
        else:
            _, sender = key.fileobj.recvfrom(10)
            key.fileobj.sendto(b"here", sender)
"""

#: ADDRESS PORT PROTOCOL SOURCE: prints `open`, `silent`, or the error's name.
CLIENT = """
import errno, socket, sys
address, port, protocol, source = sys.argv[1:]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
with socket.socket(family, kind) as one:
    one.settimeout(0.4)
    try:
        if source:
            one.bind((source, 0))
        one.connect((address, int(port)))
        one.send(b"?")
        print("open" if one.recv(10) == b"here" else "closed")
    except TimeoutError:
        print("silent")
    except OSError as error:
        print(errno.errorcode[error.errno])
"""

NUMBERS = count()


def command(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, timeout=10)


def _python_in(place: str) -> list[str]:
    return ["ip", "netns", "exec", place, sys.executable, "-I", "-c"]


@dataclass
class Wire:
    """Two namespaces with a cable between them: the app's, and all that lies beyond."""

    app: str = field(default_factory=lambda: f"hf-app-{os.getpid()}-{next(NUMBERS)}")
    servers: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def beyond(self) -> str:
        return f"{self.app}-b"

    def open(self) -> None:
        for name in (self.app, self.beyond):
            command("ip", "netns", "add", name)
            command("ip", "-n", name, "link", "set", "lo", "up")
        cable = ["eth0", "netns", self.beyond, "type", "veth", "peer", "name", "eth0"]
        command("ip", "link", "add", *cable, "netns", self.app)
        self._address(self.app, OWN)
        self._address(self.app, OWN_6)
        for address in ALL_BEYOND:
            self._address(self.beyond, address)
        for name in (self.app, self.beyond):
            command("ip", "-n", name, "link", "set", "eth0", "up")
        command("ip", "-n", self.app, "route", "add", "default", "dev", "eth0")
        command("ip", "-n", self.beyond, "route", "add", "10.213.0.0/28", "dev", "eth0")
        self._serve(self.app, "8443,8501", "::")
        self._serve(self.beyond, "53,80", ",".join(ALL_BEYOND))

    def close(self) -> None:
        for server in self.servers:
            server.kill()
            server.communicate()
        for name in (self.app, self.beyond):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)

    def load(self, rules: str) -> None:
        subprocess.run(
            ["ip", "netns", "exec", self.app, "nft", "-f", "-"],
            input=rules,
            text=True,
            check=True,
            timeout=10,
        )

    def leave(self, address: str, port: int = 80, protocol: str = "tcp") -> str:
        """What the app meets when it speaks to an address."""
        return self._speak(self.app, address, port, protocol, "")

    def enter(self, source: str, port: int = 8443, address: str = OWN) -> str:
        """What somebody beyond meets when they speak to the app's namespace."""
        return self._speak(self.beyond, address, port, "tcp", source)

    def _speak(self, place: str, address: str, port: int, protocol: str, source: str) -> str:
        done = subprocess.run(
            [*_python_in(place), CLIENT, address, str(port), protocol, source],
            check=True,
            capture_output=True,
            text=True,
            timeout=10,
        )
        return done.stdout.strip()

    def _address(self, place: str, address: str) -> None:
        # nodad: otherwise IPv6 addresses cannot be used for a second
        more = ["64", "nodad"] if ":" in address else ["32"]
        where = f"{address}/{more[0]}"
        command("ip", "-n", place, "address", "add", where, "dev", "eth0", *more[1:])

    def _serve(self, place: str, ports: str, addresses: str) -> None:
        server = subprocess.Popen(
            [*_python_in(place), SERVER, ports, addresses],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.servers.append(server)
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"


#: What a program sees of a packet that was rejected.
REJECTED = {"EHOSTUNREACH", "EACCES", "EPERM", "ECONNREFUSED", "ENETUNREACH"}


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """Everything can reach everything, until rules are loaded."""
    wire = Wire()
    try:
        wire.open()
        for protocol, port in (("tcp", 80), ("udp", 53)):
            met = {address: wire.leave(address, port, protocol) for address in ALL_BEYOND}
            assert met == dict.fromkeys(ALL_BEYOND, "open")
        assert {source: wire.enter(source, 8501) for source in (EDGE, NEIGHBOUR)} == {
            EDGE: "open",
            NEIGHBOUR: "open",
        }
        assert wire.enter(BEYOND_6, address=OWN_6) == "open"
        yield wire
    finally:
        wire.close()


@pytest.fixture(scope="module")
def usual(wire: Wire) -> Wire:
    wire.load(firewall_rules(EDGE, OWN, host_addresses=[HOST, "172.17.0.0/16"]))
    return wire


def test_the_edge_comes_in_to_the_sidecar(usual: Wire) -> None:
    assert usual.enter(EDGE) == "open"


@pytest.mark.parametrize(
    ("source", "port", "address"),
    [
        (EDGE, 8501, OWN),
        (NEIGHBOUR, 8443, OWN),
        (NEIGHBOUR, 8501, OWN),
        (GATEWAY, 8443, OWN),
        (GATEWAY, 8501, OWN),
        (INTERNET, 8443, OWN),
        (BEYOND_6, 8443, OWN_6),
    ],
)
def test_nothing_else_comes_in(usual: Wire, source: str, port: int, address: str) -> None:
    assert usual.enter(source, port, address) == "silent"


@pytest.mark.parametrize("address", [LAN, INTERNET])
def test_the_app_reaches_the_lan_and_the_internet(usual: Wire, address: str) -> None:
    assert usual.leave(address) == "open"
    assert usual.leave(address, 53, "udp") == "open"


@pytest.mark.parametrize(
    "address",
    [GATEWAY, EDGE, NEIGHBOUR, HOST, OTHER_BRIDGE, METADATA, WIRE_SERVER, BEYOND_6],
)
def test_the_app_is_refused_at_once(usual: Wire, address: str) -> None:
    assert usual.leave(address) in REJECTED
    assert usual.leave(address, 53, "udp") in REJECTED


def test_the_app_speaks_to_itself(usual: Wire) -> None:
    for own in ("127.0.0.1", "127.0.0.11", "::1"):
        assert usual.leave(own, 8501) == "open"


@pytest.mark.parametrize(
    ("lan", "internet"), [(True, False), (False, True), (False, False), (True, True)]
)
def test_lan_and_internet_are_chosen_apart(wire: Wire, lan: bool, internet: bool) -> None:
    wire.load(firewall_rules(EDGE, OWN, allow_lan=lan, allow_internet=internet))
    assert (wire.leave(LAN) == "open") is lan
    assert (wire.leave(INTERNET) == "open") is internet
    assert wire.leave(METADATA) in REJECTED
    assert wire.enter(EDGE) == "open"


def test_name_servers_are_reached_for_names_alone(wire: Wire) -> None:
    addresses = [HOST, METADATA]
    wire.load(
        firewall_rules(
            EDGE,
            OWN,
            host_addresses=[HOST],
            allow_lan=False,
            allow_internet=False,
            resolvers=addresses,
        )
    )
    for address in addresses:
        assert wire.leave(address, 53, "udp") == "open"
        assert wire.leave(address, 53) == "open"
        assert wire.leave(address, 80) in REJECTED
    assert wire.leave(LAN, 53) in REJECTED
