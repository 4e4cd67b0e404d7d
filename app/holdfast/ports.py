"""All that Holdfast asks of the world, on one page."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from holdfast.domain.certificate import Trusted
from holdfast.domain.container import (
    Completed,
    ContainerFacts,
    ContainerSpec,
    EngineFacts,
    EngineLocation,
    EngineState,
    PushedFile,
    RamVolume,
    Usage,
)
from holdfast.domain.errors import HoldfastError
from holdfast.domain.forge_account import Account, DeviceCode, Search
from holdfast.domain.operation import CancelToken, Closable
from holdfast.domain.secret import Secret
from holdfast.domain.ssh_agent import AgentKey, SshPlace


class EngineError(HoldfastError):
    """The engine refused a request. status: its HTTP status; message: its words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__("The node's engine refused a request.", f"{message} ({status})")
        self.status = status
        self.message = message


def command_refused(container: str, done: Completed) -> EngineError:
    """For a command of ours that failed in a container of ours, which is no user's doing."""
    return EngineError(500, f"{container}: {done.complaint or 'a command failed'}")


class NotFound(EngineError):
    """There is no such object (404)."""


class ImageMissing(NotFound):
    """A container was to be made of an image that the engine does not have."""

    def __init__(self, message: str) -> None:
        super().__init__(404, message)
        self.what = "The node lacks an image."
        self.why = (
            f"{message}. Holdfast was upgraded since the node was started, or it was removed."
        )
        self.next = "Make it with: holdfast node start. An app's own comes back with a redeploy."


class Conflict(EngineError):
    """The object exists already, or is in a state that forbids the request (409)."""


class Joined(Protocol):
    """A program whose standard input and output we hold. Safe to use from two threads, one that
    reads and one that writes. What is written after its end is lost."""

    def read(self) -> bytes:
        """What it printed, as soon as that is anything; empty when it has ended."""

    def write(self, content: bytes) -> None: ...
    def finish(self) -> None:
        """Its standard input ends."""


class Engine(Protocol):
    """A Docker engine. Every call may raise EngineError, or NodeUnreachable when it is gone.

    Safe to use from several threads.
    """

    def facts(self) -> EngineFacts: ...

    # containers
    def containers(self, labels: Mapping[str, str] | None = None) -> list[ContainerFacts]:
        """All that carry these labels (an empty value matches any), running or not."""

    def create(self, spec: ContainerSpec) -> str:
        """Create a container and return its id; Conflict if the name is taken."""

    def start(self, container: str) -> None: ...
    def stop(self, container: str, grace: int = 1) -> None: ...
    def kill(self, container: str) -> None: ...
    def remove(self, container: str) -> None:
        """Remove it with its anonymous volumes, killed first; no error if it is gone."""

    def push(self, container: str, folder: str, files: Sequence[PushedFile], uid: int) -> None:
        """Write files into a running container's RAM volume, in this order."""

    def run(self, container: str, command: Sequence[str], user: str = "") -> Completed:
        """Run a command in a running container. Nothing secret may stand in `command`."""

    def stream(
        self, container: str, command: Sequence[str], cancel: CancelToken, user: str = ""
    ) -> Generator[str, None, None]:
        """Run a command and yield the lines of its standard output and error as they come;
        raise CommandFailed if it ends with another status than 0. Its standard input closes
        when the reader goes away, by which it can know that nobody listens any more."""

    def joined(
        self, container: str, command: Sequence[str], user: str = ""
    ) -> AbstractContextManager[Joined]:
        """Run a command in a running container and speak with it for the time of the block."""

    def held(self, spec: ContainerSpec) -> AbstractContextManager[Closable]:
        """Run a container whose standard input we hold: it sees its end when we are gone,
        however that happens, or when it is closed, from any thread and twice. Conflict if the name
        is taken; removed at the end."""

    def complete(self, spec: ContainerSpec, given: bytes) -> Completed:
        """Run a container to the end of its program, which reads `given`, and remove it. Conflict
        if the name is taken. It ends with us, however that happens."""

    def usage(self, container: str) -> Usage: ...

    # volumes and networks
    def volumes(
        self, labels: Mapping[str, str] | None = None
    ) -> list[tuple[str, Mapping[str, str]]]:
        """(name, labels) of each."""

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None: ...
    def create_ram_volume(self, volume: RamVolume) -> None: ...
    def remove_volume(self, name: str) -> None: ...
    def networks(self) -> list[tuple[str, Mapping[str, str], tuple[str, ...]]]:
        """(name, labels, subnets) of each."""

    def create_network(self, name: str, subnet: str, labels: Mapping[str, str]) -> None: ...
    def connect(self, network: str, container: str, address: str) -> None: ...
    def remove_network(self, name: str) -> None:
        """Remove it, everything that is still attached disconnected first."""

    # images
    def images(self, labels: Mapping[str, str] | None = None) -> list[tuple[str, tuple[str, ...]]]:
        """(id, tags) of each."""

    def image_id(self, tag: str) -> str | None: ...
    def import_image(self, archive: Iterator[bytes], tag: str, cancel: CancelToken) -> None:
        """Make an image of one layer out of a root file system (a tar stream)."""

    def build_image(
        self, context: bytes, tag: str, labels: Mapping[str, str], cancel: CancelToken
    ) -> Iterator[str]:
        """Build a context (a tar archive with a Dockerfile), no registry asked; its output."""

    def commit(self, container: str, tag: str, labels: Mapping[str, str]) -> str: ...
    def remove_image(self, image: str) -> None: ...

    def events(
        self, actions: Sequence[str], cancel: CancelToken
    ) -> AbstractContextManager[Iterator[Mapping[str, str]]]:
        """The live stream of these events, from the moment of the call: the labels of what each
        is about, with the engine's own attributes of it.
        actions: as the engine names them, without what some have after a colon."""

    def raw_events(self, cancel: CancelToken) -> AbstractContextManager[Iterator[bytes]]:
        """The stream of all events, each whole, as JSON."""

    def told(self) -> Iterator[tuple[str, bytes]]:
        """All that the engine tells of what it has to whoever may ask: (what of, JSON), of every
        container, volume, network and image."""


class CommandFailed(HoldfastError):
    """A streamed command ended with another status than 0; tail: its last lines."""

    def __init__(self, exit_code: int, tail: Sequence[str]) -> None:
        super().__init__(
            "A command on the node failed.",
            f"It ended with status {exit_code}. {' | '.join(tail[-3:])}",
        )
        self.exit_code = exit_code
        self.tail = tuple(tail)


class EngineHost(Protocol):
    """The life of an engine on this machine. Raises HoldfastError."""

    @property
    def location(self) -> EngineLocation: ...
    def state(self) -> EngineState: ...
    def start(self) -> EngineLocation:
        """Start it, or find it running; return when it answers."""

    def stop(self) -> None: ...
    def remove(self) -> None:
        """Stop it and delete what it keeps."""


class Keychain(Protocol):
    """The OS keychain. Raises KeychainLocked, KeychainUnreachable; `read` also KeyMissing."""

    @property
    def label(self) -> str:
        """What the user calls it: “GNOME Keyring”."""

    def read(self, service: str, name: str) -> Secret: ...
    def write(self, service: str, name: str, value: Secret) -> None:
        """Write and read back; what was there before stays until the new one is proven."""

    def delete(self, service: str, name: str) -> None:
        """No error if it is missing."""

    def names(self, service: str) -> list[str]:
        """The names of all items of a service."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, with its zone (UTC)."""

    def sleep(self, seconds: float, cancel: CancelToken) -> None:
        """Wait; raises Cancelled as soon as the token is set."""


class RootFileSystems(Protocol):
    def archive(
        self, suite: str, packages: Sequence[str], cancel: CancelToken
    ) -> AbstractContextManager[Iterator[bytes]]:
        """A Debian root file system of these packages, as a tar stream. Raises HoldfastError,
        also while it is read; Cancelled."""


class Browsers(Protocol):
    """The browsers of whoever uses this machine."""

    def trust(self, name: str, authority: bytes) -> Trusted:
        """Let them take what this CA (PEM) signed for a website's. No error where one cannot."""


class LocalRepositories(Protocol):
    """Git repositories in folders of this machine. Raises RepositoryError."""

    def branches(self, path: str) -> str:
        """Branches and tags, as `git ls-remote --symref` prints them."""

    def origin(self, path: str) -> str:
        """The address that the repository was cloned from, empty if it has none."""

    def submodule(self, path: str, name: str, commit: str) -> str | None:
        """The folder of the repository's own clone of a submodule, if the commit is there."""

    def follows(self, path: str, branch: str, ancestor: str) -> bool | None:
        """Whether a commit is the branch's or among its ancestors; None where the history that is
        there does not reach so far back."""

    def uncommitted(self, path: str) -> int:
        """How many files have changes that no commit has; 0 where that cannot be told."""

    def pack(self, path: str, commit: str) -> bytes:
        """One commit with its trees and files as a git pack, without its history."""

    def made(self, files: Mapping[str, str]) -> AbstractContextManager[str]:
        """The path of a repository with one commit of these files, which goes with the block; in
        RAM where this machine has a folder there."""


class Speaking(Protocol):
    """A program of this machine that speaks to a server. Safe to use from two threads, one that
    reads and one that writes."""

    def read(self) -> bytes:
        """What the server said, as soon as that is anything; empty when it has ended, or was silent
        for a minute."""

    def write(self, content: bytes) -> None: ...
    def stop(self) -> None:
        """It ends, and whoever reads from it is told. No error if it has ended."""

    def complaints(self) -> str:
        """What it wrote to standard error, when it has ended."""


class SshAgent(Protocol):
    """The ssh agent of whoever uses this machine. It is not forwarded to anybody."""

    def held(self) -> tuple[AgentKey, ...]:
        """The public halves of the keys in it. Raises AgentSilent."""

    def upload_pack(
        self, place: SshPlace, key: AgentKey, known_hosts: str
    ) -> AbstractContextManager[Speaking]:
        """Git's server at this place, for reading alone, opened by this key of the agent's.
        known_hosts: what the server is held to, as a file of that name has it."""


class Forge(Protocol):
    """A forge's API, at the address `api`. Raises ForgeError. repository: owner/name, and what
    lies between."""

    def account(self, token: Secret, api: str) -> Account: ...
    def search(self, token: Secret, api: str, words: str, organisation: str) -> Search:
        """Those that hold all words, the last pushed to first. organisation: "" for all that the
        token can see."""

    def install_key(self, token: Secret, api: str, repository: str, title: str, key: str) -> None:
        """A public key that may read the repository, and no more."""

    def remove_key(self, token: Secret, api: str, repository: str, key: str) -> bool:
        """Whether it was there."""


class GitHub(Forge, Protocol):
    def begin_device_flow(self, client_id: str, api: str) -> DeviceCode: ...
    def ask_device(self, code: DeviceCode) -> Secret | DeviceCode:
        """The token, or what to ask with the next time where nobody has typed the code yet."""
