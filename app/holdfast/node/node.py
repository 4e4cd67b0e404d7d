"""A node as operations work on it: its engine, its keys and what travels to its builders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from holdfast.domain.container import PushedFile
from holdfast.domain.forge_account import ForgeKind
from holdfast.domain.operation import Closable
from holdfast.node.connections import Connections
from holdfast.node.forge_access import ForgeAccess
from holdfast.node.host import HostFacts, read_host
from holdfast.node.images import NodeImages
from holdfast.node.keys import NodeKeys
from holdfast.node.parts import begin, end, held
from holdfast.node.payloads import Part
from holdfast.node.shared_fetches import SharedFetches
from holdfast.ports import Browsers, Clock, Engine, Forge, GitHub, LocalRepositories, SshAgent


@dataclass(frozen=True)
class Node:
    """name: as the admin calls it. ca_file: where this machine keeps the visitors' CA.

    certificates: PEM of the CAs that this machine trusts, a company's own among them; builders
    get them, since without them nothing resolves behind a proxy that inspects TLS.
    proxies: HTTPS_PROXY and its like, as they are set on this machine. by: who works here.
    github, forges: give GitHub's API, and those of the others; nothing speaks to one before an
    admin signs in. shared: what is fetched once for several apps.
    """

    name: str
    engine: Engine
    keys: NodeKeys
    images: NodeImages
    clock: Clock
    ca_file: Path
    by: str
    local_repositories: LocalRepositories
    ssh_agent: SshAgent
    browsers: Browsers
    github: Callable[[], GitHub]
    forges: Mapping[ForgeKind, Callable[[], Forge]]
    certificates: bytes = b""
    proxies: Mapping[str, str] = field(default_factory=dict)
    shared: SharedFetches = field(default_factory=SharedFetches, compare=False)
    _host: list[HostFacts] = field(default_factory=list, init=False, repr=False, compare=False)
    _reading: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    @property
    def host(self) -> HostFacts:
        """Read once, by whichever thread comes first: it takes a container."""
        with self._reading:
            if not self._host:
                self._host.append(read_host(self.engine, self.images.node_image))
            return self._host[0]

    @property
    def connections(self) -> Connections:
        """How its repositories are reached."""
        return Connections(self.keys)

    @property
    def forge_access(self) -> ForgeAccess:
        """What this workstation may do at the forges."""
        return ForgeAccess(self.keys, self.github, self.forges)

    def begin(self, part: Part) -> None:
        """Make a container with its RAM volumes, replacing what a killed desktop left, and
        start it."""
        begin(self.engine, part)

    def held(self, part: Part) -> AbstractContextManager[Closable]:
        """Begin it, for the time of the block; both end with this process, however that ends, and
        the container when it is closed."""
        return held(self.engine, part)

    def end(self, part: Part) -> None:
        """Remove a container together with its RAM volumes."""
        end(self.engine, part)

    @property
    def builder_environment(self) -> dict[str, str]:
        """What a container needs that fetches over the network; nothing of it is secret."""
        trusted = "/mnt/job/ca.pem"
        names = ("SSL_CERT_FILE", "GIT_SSL_CAINFO", "REQUESTS_CA_BUNDLE", "PIP_CERT")
        bundle = dict.fromkeys(names, trusted) if self.certificates else {}
        return {**self.proxies, **bundle, "HOME": "/tmp"}

    @property
    def trusted_certificates(self) -> list[PushedFile]:
        """The file that `builder_environment` speaks of, relative to /mnt/job."""
        return [PushedFile("ca.pem", self.certificates)] if self.certificates else []
