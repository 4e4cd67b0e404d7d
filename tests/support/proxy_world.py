"""An edge and sidecars in containers as apps have them, and visitors that speak to them."""

from __future__ import annotations

import csv
import json
import secrets
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from raw_visitor import Answer, ask, connect
from uv import find_uv_bin
from waiting import wait_until

from holdfast.adapters.docker_engine import DockerEngine
from holdfast.adapters.root_file_system import DebianRootFileSystems
from holdfast.domain.container import ContainerSpec, PushedFile, RamVolume, VolumeMount
from holdfast.domain.names import AppName, HostName
from holdfast.domain.operation import CancelToken, Operation, drive
from holdfast.domain.secret import Secret
from holdfast.node.certificates import (
    Authority,
    issue_client,
    issue_server,
    new_edge_authority,
    new_sidecars_authority,
    new_visitors_authority,
    pem_bundle,
)
from holdfast.node.firewall import LOAD_COMMAND, firewall_rules
from holdfast.node.images import NodeImages
from holdfast.node.proxy_commands import (
    EDGE_COMMAND,
    RELOAD_COMMAND,
    SIDECAR_COMMAND,
    certificates_command,
    probe_command,
)
from holdfast.node.proxy_configuration import (
    EDGE_NAME,
    GO,
    Doorkeeper,
    Route,
    edge_files,
    sidecar_files,
)
from holdfast.node.subnets import edge_address, free_sidecar_address, free_subnet, gateway_address
from holdfast.ports import Engine
from holdfast.shipped import RESOURCES

UID = 231_000
APP_PORT = 8501

#: Tells what reached it, with the headers that ?set=NAME:VALUE asks for; after a websocket's
#: handshake it sends every byte back.
APP_PROGRAM = """
import base64, hashlib, http.server, json, sys, urllib.parse
class App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.headers.get("Upgrade") == "websocket":
            key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", accept)
            self.end_headers()
            self.close_connection = True
            while data := self.connection.recv(4096):
                self.connection.sendall(data)
            return
        body = json.dumps({"path": self.path, "headers": self.headers.items()}).encode()
        self.send_response(200)
        asked = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        for header in asked.get("set", ()):
            self.send_header(*header.split(":", 1))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), App).serve_forever()
"""

#: HAProxy's own, as CSV.
_ASK_FIGURES = (
    "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/keys/control');"
    " s.sendall(b'show stat\\n'); print(s.makefile().read())"
)


@dataclass
class Authorities:
    visitors: Authority
    sidecars: Authority
    edge: Authority

    @classmethod
    def new(cls) -> Authorities:
        now = datetime.now(UTC)
        return cls(
            new_visitors_authority(["localhost"], [], now),
            new_sidecars_authority(now),
            new_edge_authority(now),
        )

    def visitors_certificate(self, host: str) -> Secret:
        return pem_bundle(issue_server(self.visitors, [host], datetime.now(UTC)))

    def sidecar_certificate(self, name: str) -> Secret:
        return pem_bundle(issue_server(self.sidecars, [name], datetime.now(UTC)))

    def client_certificate(self, name: str = EDGE_NAME) -> Secret:
        return pem_bundle(issue_client(self.edge, name, datetime.now(UTC)))


@dataclass
class Sidecar:
    """A running sidecar. route: the one that leads to it."""

    name: str
    address: str
    server_name: str
    route: Route


@dataclass
class ProxyWorld:
    """One app's network with an edge. Everything in it has a name of this world's own."""

    engine: Engine
    image: str
    authorities: Authorities = field(default_factory=Authorities.new)
    mark: str = field(default_factory=lambda: f"holdfast-proxy-test-{secrets.token_hex(3)}")
    subnet: str = ""
    _containers: list[str] = field(default_factory=list)
    _volumes: list[str] = field(default_factory=list)
    _addresses: list[str] = field(default_factory=list)

    def open(self) -> None:
        used = [subnet for _, _, subnets in self.engine.networks() for subnet in subnets]
        # not the range of real apps: another program may take a place of it at this moment
        block = secrets.randbelow(200)
        self.subnet = free_subnet(used, f"10.214.{block}.0/24")
        self.engine.create_network(self.mark, self.subnet, self._labels)
        self.start("edge", EDGE_COMMAND, edge_address(self.subnet))

    def close(self) -> None:
        for container in reversed(self._containers):
            self.engine.remove(container)
        for volume in self._volumes:
            self.engine.remove_volume(volume)
        if self.subnet:
            self.engine.remove_network(self.mark)

    @property
    def _labels(self) -> dict[str, str]:
        return {"holdfast.test": self.mark}

    @property
    def edge(self) -> str:
        return f"{self.mark}-edge"

    @property
    def edge_address(self) -> str:
        return edge_address(self.subnet)

    @property
    def gateway(self) -> str:
        return gateway_address(self.subnet)

    def place(self) -> str:
        """An address for another sidecar."""
        self._addresses.append(free_sidecar_address(self.subnet, self._addresses))
        return self._addresses[-1]

    def start(self, role: str, command: tuple[str, ...], address: str) -> str:
        """Start a proxy as its container is meant to run, and push nothing yet."""
        name = f"{self.mark}-{role}"
        keys = RamVolume(f"{name}-keys", self._labels, 4 << 20, UID)
        self.engine.create_ram_volume(keys)
        self._volumes.append(keys.name)
        spec = ContainerSpec(
            name=name,
            image=self.image,
            command=command,
            labels=self._labels,
            user=f"{UID}:{UID}",
            memory_bytes=128 << 20,
            volumes=(VolumeMount(keys.name, "/keys"),),
            network=self.mark,
            address=address,
        )
        self._containers.append(name)
        self.engine.create(spec)
        self.engine.start(name)
        return name

    def end(self, container: str, address: str) -> None:
        """Make room for another one."""
        self.engine.remove(container)
        self._containers.remove(container)
        self._addresses.remove(address)

    def start_sidecar(
        self,
        app: str,
        release: str = "r1",
        *,
        spoil: Callable[[PushedFile], PushedFile | None] = lambda file: file,
        certificate: Callable[[str], Secret] | None = None,
    ) -> Sidecar:
        """spoil: what is pushed instead of a file, None for nothing. certificate: with its chain
        and key, for the name that the edge asks for."""
        address = self.place()
        name = self.start(f"{app}-{release}", SIDECAR_COMMAND, address)
        server_name = f"{app}.{release}.sidecar.holdfast.internal"
        files = sidecar_files(
            (certificate or self.authorities.sidecar_certificate)(server_name),
            self.authorities.edge.certificate,
            APP_PORT,
            release,
        )
        pushed = [file for file in map(spoil, files) if file is not None]
        self.engine.push(name, "/keys", [*pushed, GO], UID)
        host = HostName(f"{app}.localhost")
        return Sidecar(
            name, address, server_name, Route(host, AppName(app), release, address, server_name)
        )

    def impostor(self, host: str, sidecar: Sidecar, server_name: str) -> Route:
        """A route to a sidecar whose certificate has another name than is asked for."""
        app = AppName(host.partition(".")[0])
        return Route(HostName(host), app, "r1", sidecar.address, server_name)

    def start_app(self, sidecar: Sidecar) -> str:
        name = f"{sidecar.name}-run"
        spec = ContainerSpec(
            name=name,
            image=self.image,
            command=("/usr/bin/tini", "--", "python3", "-I", "-c", APP_PROGRAM, str(APP_PORT)),
            labels=self._labels,
            user=f"{UID}:{UID}",
            memory_bytes=128 << 20,
            network=f"container:{sidecar.name}",
        )
        self._containers.append(name)
        self.engine.create(spec)
        self.engine.start(name)
        return name

    def load_firewall(self, sidecar: Sidecar) -> None:
        spec = ContainerSpec(
            name=f"{sidecar.name}-firewall",
            image=self.image,
            command=LOAD_COMMAND,
            labels=self._labels,
            user="0:0",
            memory_bytes=32 << 20,
            capabilities=("NET_ADMIN",),
            network=f"container:{sidecar.name}",
        )
        self._containers.append(spec.name)
        rules = firewall_rules(self.edge_address, sidecar.address, our_range=self.subnet)
        done = self.engine.complete(spec, rules.encode())
        assert done.exit_code == 0, done.error

    def push_edge(
        self,
        *routes: Route,
        certificates: Mapping[str, Secret] | None = None,
        doorkeepers: Mapping[HostName, Doorkeeper] = MappingProxyType({}),
        to: str = "",
        spoil: Callable[[PushedFile], PushedFile | None] = lambda file: file,
    ) -> None:
        """to: another edge than the one of `open`. spoil: as of a sidecar."""
        own = {
            route.host_name: self.authorities.visitors_certificate(route.host_name)
            for route in routes
        }
        files = edge_files(
            routes,
            own | {HostName(host): secret for host, secret in (certificates or {}).items()},
            self.authorities.visitors.root,
            self.authorities.sidecars.certificate,
            self.authorities.client_certificate(),
            443,
            doorkeepers=doorkeepers,
        )
        pushed = [file for file in map(spoil, files) if file is not None]
        self.engine.push(to or self.edge, "/keys", [*pushed, GO], UID)

    def requests(self, sidecar: Sidecar) -> int:
        """How many have come to it."""
        told = self.shell(sidecar.name, f'python3 -Ic "{_ASK_FIGURES}"')
        rows = csv.DictReader(told.removeprefix("# ").splitlines())
        [number] = [row["req_tot"] for row in rows if row["svname"] == "FRONTEND"]
        return int(number)

    def reload(self) -> tuple[int, str]:
        done = self.engine.run(self.edge, RELOAD_COMMAND)
        return done.exit_code, done.error.decode()

    def certificates(self, *hosts: str) -> dict[str, int]:
        done = self.engine.run(self.edge, certificates_command([HostName(h) for h in hosts]))
        found: dict[str, int] = json.loads(done.output)
        return found

    def probe(self, host: str, path: str = "/", websocket: bool = False) -> dict[str, Any]:
        done = self.engine.run(self.edge, probe_command(HostName(host), path, websocket))
        assert done.exit_code == 0, done.error
        answer: dict[str, Any] = json.loads(done.output)
        return answer

    def wait_for_release(self, host: str, release: str | None, status: int = 200) -> None:
        def answers() -> bool:
            answer = self.probe(host)
            return (answer["status"], answer["release"]) == (status, release)

        wait_until(answers, f"{host} answers {status} from {release}")

    def shell(self, container: str, script: str) -> str:
        done = self.engine.run(container, ["/bin/sh", "-c", script])
        return done.output.decode().strip()

    def workers(self) -> int:
        """How many HAProxy processes the edge has beside its master."""
        return len(self._haproxies(self.edge)) - 1

    def memory(self, container: str) -> dict[str, int]:
        """Rss and Pss of its HAProxy processes together, in kB."""
        totals = {"Rss": 0, "Pss": 0}
        for pid in self._haproxies(container):
            rollup = self.shell(container, f"cat /proc/{pid}/smaps_rollup")
            for line in rollup.splitlines():
                name, _, rest = line.partition(":")
                if name in totals:
                    totals[name] += int(rest.split()[0])
        return totals

    def _haproxies(self, container: str) -> list[str]:
        script = "for p in /proc/[0-9]*; do read -r c <$p/comm && echo $c ${p#/proc/}; done"
        lines = self.shell(container, f"{script} 2>/dev/null").splitlines()
        return [line.split()[1] for line in lines if line.startswith("haproxy ")]

    def is_running(self, container: str) -> bool:
        facts = self.engine.containers(self._labels)
        return any(one.name == container and one.state == "running" for one in facts)

    def visit(
        self,
        host: str,
        path: str = "/",
        *,
        headers: Mapping[str, str] | None = None,
        host_header: str | None = None,
    ) -> Answer:
        trust = ssl.create_default_context(cadata=self.authorities.visitors.root.decode())
        with connect(self.edge_address, trust, host) as connection:
            return ask(connection, host_header or host, path, headers or {})


@contextmanager
def running_proxies(engine_socket: Path) -> Iterator[ProxyWorld]:
    """An edge on the tests' engine, its image made if need be."""
    engine = DockerEngine(f"unix://{engine_socket}")
    images = NodeImages(engine, DebianRootFileSystems(None), RESOURCES, Path(find_uv_bin()))
    ensured = Operation("Images", "node", images.ensure_node_image)
    assert drive(ensured, CancelToken(), lambda update: None).error is None
    world = ProxyWorld(engine, images.node_image)
    try:
        world.open()
        yield world
    finally:
        world.close()


def serve_sales(world: ProxyWorld) -> Sidecar:
    """One app behind a sidecar, sales.localhost, release r1."""
    sidecar = world.start_sidecar("sales")
    world.start_app(sidecar)
    world.push_edge(sidecar.route)
    world.wait_for_release("sales.localhost", "r1")
    return sidecar
