"""The one place that knows everybody: it makes the real world."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import cast

import platformdirs
from uv import find_uv_bin

from holdfast.adapters import session_keychain
from holdfast.adapters.browser_trust import BrowserTrust
from holdfast.adapters.docker_engine import DockerEngine
from holdfast.adapters.embedded_engine import EmbeddedEngine
from holdfast.adapters.existing_engine import ExistingEngine
from holdfast.adapters.home import Home, NodeSettings
from holdfast.adapters.keychain import KeyringKeychain
from holdfast.adapters.local_repository import LocalRepositories
from holdfast.adapters.node_identity import node_id
from holdfast.adapters.preconditions import examine_machine
from holdfast.adapters.ram_folder import ram_folder
from holdfast.adapters.root_file_system import DebianRootFileSystems
from holdfast.adapters.ssh_agent import OpenSshAgent
from holdfast.adapters.system_clock import SystemClock
from holdfast.adapters.workstation import (
    proxies,
    trusted_bundle,
    trusted_certificates,
    usual_engine,
)
from holdfast.demo import Demo, make_demo_repository
from holdfast.domain.errors import EngineUnsupported, NodeUnreachable, UsageError
from holdfast.domain.forge_account import ForgeKind
from holdfast.domain.names import AppName
from holdfast.domain.node import NodeStatus, Precondition, Removal
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.node.images import NodeImages
from holdfast.node.key_files import KeyFiles
from holdfast.node.keys import NodeKeys
from holdfast.node.node import Node
from holdfast.operations.examine_node import examine_node
from holdfast.operations.lazy_desk import LazyDesk
from holdfast.operations.node_desk import NodeDesk
from holdfast.operations.node_life import node_status, remove_node, start_node, stop_node
from holdfast.operations.seal import seal_node
from holdfast.operations.unseal import unseal_node
from holdfast.ports import EngineHost, Forge, GitHub
from holdfast.shipped import RESOURCES

#: The only node so far; others join it when they are reached over SSH.
THIS_MACHINE = "this-machine"


class Machine:
    """This machine: its node, and the verbs of both front ends on it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self.home = Home(environment)

    @property
    def node_desk(self) -> NodeDesk:
        return NodeDesk(lambda: self.node, self.host)

    def desk(self, node: str | None) -> LazyDesk:
        self.check_node(node)
        return LazyDesk(lambda: self.node_desk)

    @staticmethod
    def check_node(name: str | None) -> None:
        if name not in (None, THIS_MACHINE):
            raise UsageError(
                f"There is no node named {name}.",
                f"Known is {THIS_MACHINE}, the one on this machine.",
                "Leave --node out.",
            )

    def node_control(self, node: str | None, use_engine: bool) -> MachineControl:
        self.check_node(node)
        before = self.home.node()
        if use_engine:
            self.home.remember(NodeSettings(engine=str(usual_engine(self._environment))))
        return MachineControl(self, before)

    def ram_folder(self) -> Path:
        return ram_folder()

    def doctor(self) -> Operation[tuple[Precondition, ...]]:
        def body(cancel: CancelToken) -> Steps[tuple[Precondition, ...]]:
            yield Step("Examine this machine")
            found = examine_machine(self._environment, self.home.folder)
            if self.host.state() == "running":
                yield Step("Try what apps need of the engine")
            return found + examine_node(self.host, lambda: self.node)

        return Operation("Examine this machine", target="doctor", body=body)

    def demo(
        self,
        use_engine: bool,
        show: Callable[[LazyDesk, Path], int],
        take: Callable[[LazyDesk, Path, Path], int],
    ) -> int:
        """show: a window on a desk, with the demo's repository. take: pictures of it, into a
        folder."""
        keychain = session_keychain.ensure(self._environment)
        self._environment |= keychain.environment()
        control = self.node_control(None, use_engine)
        desk, repository = self.desk(None), self.home.demo_repository
        return Demo(
            start=control.start(unseal=True),
            desk=desk,
            repository=repository,
            pictures=self.home.folder / "screenshots",
            show=lambda: show(desk, repository),
            take=lambda folder: take(desk, repository, folder),
        ).run()

    @cached_property
    def host(self) -> EngineHost:
        engine = self.home.node().engine
        if engine is not None:
            return ExistingEngine.at(Path(engine))
        return EmbeddedEngine(self.home.given, RESOURCES, environment=self._environment)

    @cached_property
    def node(self) -> Node:
        engine = DockerEngine(f"unix://{self.host.location.socket}")
        demo = self.home.demo_repository
        cache = Path(platformdirs.user_cache_dir("holdfast"))
        images = NodeImages(engine, DebianRootFileSystems(cache), RESOURCES, Path(find_uv_bin()))
        return Node(
            name=THIS_MACHINE,
            engine=engine,
            keys=NodeKeys(
                self._keychain,
                lambda: node_id(engine),
                KeyFiles(engine, lambda: images.node_image),
            ),
            images=images,
            clock=SystemClock(),
            ca_file=self.home.ca_file,
            by=f"{getpass.getuser()} on {socket.gethostname()}",
            local_repositories=LocalRepositories({str(demo): lambda: make_demo_repository(demo)}),
            ssh_agent=OpenSshAgent(self._environment),
            browsers=BrowserTrust(Path.home()),
            github=lambda: self._github,
            forges={
                ForgeKind.GITLAB: lambda: self._gitlab,
                ForgeKind.GITEA: lambda: self._gitea(ForgeKind.GITEA),
                ForgeKind.FORGEJO: lambda: self._gitea(ForgeKind.FORGEJO),
                ForgeKind.BITBUCKET: self._bitbucket,
            },
            certificates=trusted_certificates(self._environment),
            proxies=proxies(self._environment),
        )

    @cached_property
    def _github(self) -> GitHub:
        # its library takes longer to load than the rest of the program
        adapter = import_module("holdfast.adapters.github_api")
        return cast(GitHub, adapter.GitHubApi(trusted_bundle(self._environment)))

    @cached_property
    def _gitlab(self) -> Forge:
        adapter = import_module("holdfast.adapters.gitlab_api")
        return cast(Forge, adapter.GitLabApi(trusted_bundle(self._environment)))

    def _bitbucket(self) -> Forge:
        adapter = import_module("holdfast.adapters.bitbucket_api")
        return cast(Forge, adapter.BitbucketApi(trusted_bundle(self._environment)))

    def _gitea(self, forge: ForgeKind) -> Forge:
        adapter = import_module("holdfast.adapters.gitea_api")
        return cast(Forge, adapter.GiteaApi(forge, trusted_bundle(self._environment)))

    def end_demo_keychain(self) -> None:
        session_keychain.stop_unused(self._environment)

    @property
    def _keychain(self) -> KeyringKeychain:
        # the session's own; the demo's where there is none
        environment = dict(self._environment)
        if not session_keychain.session_has_one(environment):
            demo = session_keychain.running(environment)
            environment |= demo.environment() if demo else {}
        return KeyringKeychain(environment=environment)


class MachineControl:
    """The life of this machine's node. before: what was remembered of it until now, which
    counts again should the engine that was chosen be none to use."""

    def __init__(self, machine: Machine, before: NodeSettings) -> None:
        self._machine = machine
        self._before = before

    @property
    def is_here(self) -> bool:
        """So is every node, until they are reached over SSH."""
        return True

    def start(self, unseal: bool) -> Operation[NodeStatus]:
        machine = self._machine

        def body(cancel: CancelToken) -> Steps[NodeStatus]:
            try:
                start = start_node(machine.host, lambda: machine.node, unseal)
                return (yield from start.body(cancel))
            except (EngineUnsupported, NodeUnreachable):
                if machine.home.node() != self._before:
                    machine.home.remember(self._before)
                raise

        return Operation("Start the node", target="node", body=body)

    def stop(self) -> Operation[None]:
        return stop_node(self._machine.host)

    def status(self) -> Operation[NodeStatus]:
        return node_status(self._machine.host, lambda: self._machine.node)

    def unseal(self, app: AppName | None = None) -> Operation[NodeStatus]:
        return self._then_status(unseal_node(self._machine.node, app))

    def seal(self) -> Operation[NodeStatus]:
        return self._then_status(seal_node(self._machine.node))

    def remove(self) -> Operation[Removal | None]:
        def body(cancel: CancelToken) -> Steps[Removal | None]:
            machine = self._machine
            removal = yield from remove_node(machine.host, lambda: machine.node).body(cancel)
            machine.home.forget()
            yield Step("End the demo's keyring, if it keeps nothing any more")
            machine.end_demo_keychain()
            return removal

        return Operation("Remove the node", target="node", body=body)

    def _then_status(self, operation: Operation[None]) -> Operation[NodeStatus]:
        def body(cancel: CancelToken) -> Steps[NodeStatus]:
            yield from operation.body(cancel)
            return (yield from self.status().body(cancel))

        return Operation(operation.title, operation.target, body)
