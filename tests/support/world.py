"""A real node for tests: an engine, a keychain, and what can be seen of both from outside."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import docker
import platformdirs
from uv import find_uv_bin
from waiting import wait_until

from holdfast.adapters.bitbucket_api import BitbucketApi
from holdfast.adapters.browser_trust import BrowserTrust
from holdfast.adapters.docker_engine import DockerEngine
from holdfast.adapters.existing_engine import ExistingEngine
from holdfast.adapters.gitea_api import GiteaApi
from holdfast.adapters.github_api import GitHubApi
from holdfast.adapters.gitlab_api import GitLabApi
from holdfast.adapters.keychain import KeyringKeychain
from holdfast.adapters.local_repository import LocalRepositories
from holdfast.adapters.node_identity import node_id
from holdfast.adapters.root_file_system import DebianRootFileSystems
from holdfast.adapters.ssh_agent import OpenSshAgent
from holdfast.adapters.system_clock import SystemClock
from holdfast.adapters.workstation import proxies, trusted_certificates
from holdfast.domain import names
from holdfast.domain.app import AppState
from holdfast.domain.container import Bind, ContainerSpec
from holdfast.domain.forge_account import ForgeKind
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Update, drive
from holdfast.domain.requests import Deployed, DeployRequest
from holdfast.node.edge import edge_place, update_edge
from holdfast.node.images import NodeImages
from holdfast.node.jobs import ensure_jobs_network
from holdfast.node.key_files import KeyFiles
from holdfast.node.keys import NodeKeys
from holdfast.node.node import Node
from holdfast.node.probe import prove_engine
from holdfast.operations.node_desk import NodeDesk
from holdfast.ports import Conflict
from holdfast.shipped import RESOURCES

Result = TypeVar("Result")

#: An app of Python's own library: it deploys in seconds. {body} is an expression.
PLAIN_APP = """
import http.server, json, os, pathlib, urllib.parse
{top}
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            status, body = 200, str({body})
        except Exception as error:
            status, body = 499, f"{{type(error).__name__}}: {{error}}"
        body = body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
"""


def plain_app(body: str, top: str = "", requirements: str = "") -> dict[str, str]:
    """The files of an app that answers with the value of the expression `body`."""
    return {
        "app.py": PLAIN_APP.format(body=body, top=top),
        "Procfile": "web: python app.py\n",
        "requirements.txt": requirements,
    }


_WHO = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")


@dataclass(frozen=True)
class Repository:
    """A git repository in a folder of this machine."""

    folder: Path

    def commit(self, files: Mapping[str, str], message: str = "Change it") -> str:
        """The new commit's id."""
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            self._git("init", "-q", "-b", "main")
        for path, text in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(text)
        self._git("add", "-A")
        self._git(*_WHO, "commit", "-q", "--allow-empty", "-m", message)
        return self.head()

    def rename_branch(self, name: str) -> None:
        self._git("branch", "-m", name)

    def set_back(self, commit: str) -> None:
        """The branch to an earlier commit, or to one that it was at once."""
        self._git("reset", "-q", "--hard", commit)

    def cut_off(self, folder: Path, depth: int) -> Repository:
        """A copy with so many commits of the history."""
        self._git("clone", "-q", "--depth", str(depth), f"file://{self.folder}", str(folder))
        return Repository(folder)

    def give_commits_alone(self) -> None:
        """As forges do for who asks for it; git's own servers send everything."""
        self._git("config", "uploadpack.allowFilter", "true")

    def come_from(self, address: str) -> None:
        """As a clone of it."""
        self._git("remote", "add", "origin", address)

    def tag(self, name: str, *options: str) -> None:
        self._git(*_WHO, "tag", *options, name)

    def head(self, name: str = "HEAD") -> str:
        return self._git("rev-parse", name)

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def __str__(self) -> str:
        return str(self.folder)


@dataclass(frozen=True)
class Answer:
    status: int
    release: str | None
    text: str


@dataclass
class World:
    """One node and all that a test asks of it. api: the engine as docker-py speaks to it."""

    node: Node
    desk: NodeDesk
    engine: DockerEngine
    keychain: KeyringKeychain
    api: Any
    service: str = ""
    updates: list[Update] = field(default_factory=list)

    # operations

    def run(self, operation: Operation[Result]) -> Result:
        """To its end on this thread; its error is raised. `updates` holds what it told."""
        self.updates = []
        outcome = drive(operation, CancelToken(), self.updates.append)
        if outcome.error is not None:
            raise outcome.error
        assert not outcome.cancelled
        return outcome.result  # type: ignore[return-value]

    def deploy(self, repository: Repository | str, name: str, **wanted: Any) -> Deployed:
        return self.run(self.desk.deploy(DeployRequest(str(repository), name, **wanted)))

    def remove(self, name: str) -> None:
        self.run(self.desk.remove(AppName(name)))

    def state(self, name: str) -> AppState | None:
        apps = self.run(self.desk.list()).apps
        return next((app.state for app in apps if app.name == name), None)

    # what a visitor sees

    def visit(
        self,
        host: str,
        path: str = "/",
        body: bytes | None = None,
        trusting: str | None = None,
        seconds: float = 10,
    ) -> Answer:
        """Over TLS, verified with the node's CA alone, or with another one too (PEM). Raises
        OSError."""
        place = edge_place(self.node)
        assert place is not None
        trust = ssl.create_default_context(cafile=str(self.node.ca_file), cadata=trusting)
        with (
            socket.create_connection(place, seconds) as plain,
            trust.wrap_socket(plain, server_hostname=host) as secured,
        ):
            client = http.client.HTTPConnection(host)
            client.sock = secured
            client.request("POST" if body else "GET", path, body, {"Connection": "close"})
            try:
                answer = client.getresponse()
                text = answer.read().decode(errors="replace")
            except http.client.HTTPException as error:
                # an app that ends in the middle of its answer
                raise ConnectionError("The answer was cut off.") from error
            return Answer(answer.status, answer.headers.get("X-Holdfast-Release"), text)

    def knows(self, host: str) -> bool:
        """Whether the edge shows a certificate for this host."""
        try:
            self.visit(host)
        except (ssl.SSLError, ConnectionError):
            return False
        return True

    # what is there

    def picture(self) -> frozenset[str]:
        """Everything on the engine, below its shared folder and in the keychain, by name."""
        found = {f"container {c.name}" for c in self.engine.containers()}
        found |= {f"volume {name}" for name, _ in self.engine.volumes()}
        found |= {f"network {name}" for name, _, _ in self.engine.networks()}
        found |= {f"image {tag}" for _, tags in self.engine.images() for tag in tags}
        found |= {f"host {path}" for path in self.shared("find . -xdev -mindepth 1").split("\n")}
        found |= {f"key {name}" for name in self.keychain.names(self.service)}
        return frozenset(found)

    def shared(self, script: str) -> str:
        """The output of a shell in /run/holdfast of the engine's host."""
        return self.helper(
            f"cd /mnt/shared && {{ {script}; }}",
            binds=(Bind("/run/holdfast", "/mnt/shared", "rshared"),),
            capabilities=("SYS_ADMIN", "DAC_OVERRIDE"),
            security=("apparmor=unconfined",),
        )

    def helper(
        self, script: str, ready: Callable[[str], None] = lambda name: None, **powers: Any
    ) -> str:
        """The output of a shell in a container that is nobody's, which is removed. ready: called
        with its name before the shell begins."""
        spec = ContainerSpec(
            name="tests-helper",
            image=self.node.images.node_image,
            command=("/usr/bin/tini", "--", "/bin/sleep", "infinity"),
            labels={},
            user="0:0",
            memory_bytes=128 << 20,
            **powers,
        )
        self.engine.remove(spec.name)
        self.engine.create(spec)
        try:
            self.engine.start(spec.name)
            ready(spec.name)
            return self.shell(spec.name, script)
        finally:
            self.engine.remove(spec.name)

    def shell(self, container: str, script: str, user: str = "") -> str:
        done = self.engine.run(container, ("/bin/sh", "-c", script), user)
        return done.output.decode(errors="replace").strip()

    def containers(self, app: str, role: str) -> list[str]:
        wanted = {names.LABEL_APP: app, names.LABEL_ROLE: role}
        return [container.name for container in self.engine.containers(wanted)]

    def cipher_volumes(self, app: str) -> list[str]:
        wanted = {names.LABEL_APP: app, names.LABEL_ROLE: "cipher"}
        return sorted(name for name, _ in self.engine.volumes(wanted))

    def kept(self, app: str) -> frozenset[str]:
        """What the app's volume keeps and shows: its releases, refs, environments and views."""
        listing = (
            "cd /keys && ls -d plain/releases/* plain/environments/* views/* plain/incoming/*"
            " plain/repository.git/refs/holdfast/* 2>/dev/null; true"
        )
        return frozenset(self.shell(names.mounter(AppName(app)), listing).split("\n"))

    def seal(self) -> None:
        """As after a reboot: no container runs, and every RAM volume is empty."""
        for name in self._running():
            # what a killed desktop held ends by itself
            with suppress(Conflict):
                self.engine.kill(name)
        # an engine (26.1) lists what it has killed as running for a moment more
        wait_until(lambda: not self._running(), "all have ended")

    def _running(self) -> list[str]:
        every = self.engine.containers({names.LABEL_ROLE: ""})
        return [container.name for container in every if container.state == "running"]

    def forget_kit(self) -> None:
        """As before one was made."""
        self.engine.remove(names.KEYS)
        for volume in (names.KEYS, names.KEYS_INBOX):
            self.engine.remove_volume(volume)
        self.keychain.delete(self.service, "admin")

    # the whole of it

    def make_images(self, *pythons: str) -> None:
        images = self.node.images
        self.run(Operation("Make", "images", lambda cancel: images.ensure_images(pythons, cancel)))

    def begin(self) -> None:
        """Nothing of ours but the edge, so that a test sees only what it makes."""
        self.wipe()
        self.run(Operation("Try", "try", lambda cancel: prove_engine(self.node)))
        ensure_jobs_network(self.node)
        update_edge(self.node, {})
        self.service = f"holdfast:{node_id(self.engine)}"

    def wipe(self) -> None:
        """Everything with a label of ours goes, except for images."""
        order = {"run": 0, "proxy": 1, "volume": 2}
        mine = [c for c in self.engine.containers() if _is_ours(c.labels)]
        for container in sorted(mine, key=lambda c: order.get(_role(c.labels), 3)):
            if _role(container.labels) == "volume" and container.state == "running":
                self.engine.stop(container.name, grace=5)
            self.engine.remove(container.name)
        for name, labels, _ in self.engine.networks():
            if _is_ours(labels):
                self.engine.remove_network(name)
        for name, labels in self.engine.volumes():
            if _is_ours(labels):
                self.engine.remove_volume(name)
        self.shared("umount -l */*/* 2>/dev/null; find . -xdev -mindepth 1 -depth -delete")


def connect(engine_socket: Path, keychain: KeyringKeychain, ca_file: Path) -> World:
    """A node on the engine behind this socket. Nothing is done to it yet."""
    engine = DockerEngine(f"unix://{engine_socket}")
    cache = Path(platformdirs.user_cache_dir("holdfast"))
    images = NodeImages(engine, DebianRootFileSystems(cache), RESOURCES, Path(find_uv_bin()))
    node = Node(
        name="this-machine",
        engine=engine,
        keys=NodeKeys(
            keychain, lambda: node_id(engine), KeyFiles(engine, lambda: images.node_image)
        ),
        images=images,
        clock=SystemClock(),
        ca_file=ca_file,
        by="tests",
        local_repositories=LocalRepositories(),
        ssh_agent=OpenSshAgent(os.environ),
        browsers=BrowserTrust(ca_file.parent),
        github=GitHubApi,
        forges={
            ForgeKind.GITLAB: GitLabApi,
            ForgeKind.GITEA: lambda: GiteaApi(ForgeKind.GITEA),
            ForgeKind.FORGEJO: lambda: GiteaApi(ForgeKind.FORGEJO),
            ForgeKind.BITBUCKET: BitbucketApi,
        },
        certificates=trusted_certificates(os.environ),
        proxies=proxies(os.environ),
    )
    desk = NodeDesk(lambda: node, ExistingEngine.at(engine_socket))
    api = docker.APIClient(f"unix://{engine_socket}", "1.41")
    return World(node, desk, engine, keychain, api)


def _is_ours(labels: Mapping[str, str]) -> bool:
    return any(label.startswith("holdfast.") and label != "holdfast.test" for label in labels)


def _role(labels: Mapping[str, str]) -> str:
    return labels.get(names.LABEL_ROLE, "")
