"""The certificates that are on a node: as they lie there, and as they are served."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509

from holdfast.domain import names
from holdfast.domain.acme import AcmeOutcome
from holdfast.domain.certificate import CertificateRole
from holdfast.domain.container import ContainerFacts
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.node.acme_outcome import read_outcome
from holdfast.node.certificate_facts import read_certificate
from holdfast.node.node import Node
from holdfast.node.proxy_commands import KEPT_COMMAND, look_command
from holdfast.node.proxy_configuration import EDGE_NAME
from holdfast.node.serving import server_name
from holdfast.node.stapling import Answered

Chain = tuple[x509.Certificate, ...]
_READERS = 8
_NEVER_ROUTED = "No route leads to it."


@dataclass(frozen=True, slots=True)
class ByAcme:
    """root: what its visitors trust, PEM. outcome: of the last look whether it has to be renewed,
    None before the first. runs: whether its client does, which renews it."""

    root: bytes
    outcome: AcmeOutcome | None
    runs: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A certificate on the node. kept: as it should be served; served: as it is. error: why no
    handshake came to its end, "" if one did, None where none was made. container: a sidecar's.
    refused: whether it stands in for one of an ACME server, of which the edge can make nothing.
    ocsp: what its CA has answered about it."""

    role: CertificateRole
    host: str
    kept: Chain
    served: Chain = ()
    error: str | None = None
    app: AppName | None = None
    container: str = ""
    own: bool = False
    acme: ByAcme | None = None
    refused: bool = False
    ocsp: Answered = field(default_factory=Answered)

    @property
    def key(self) -> str:
        return f"{self.role}/{self.host}"

    @property
    def chain(self) -> Chain:
        return self.served or self.kept

    @property
    def is_ours(self) -> bool:
        """Whether a desktop renews it."""
        return not self.own and self.acme is None

    def is_due(self, now: datetime) -> bool:
        """An imported one never is, nor one that the node renews by itself."""
        return self.is_ours and now >= read_certificate(self.kept[0]).renewal


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found. failures: (when, why) of the last renewal, by certificate. clients: the
    apps whose ACME client runs."""

    seen: tuple[Seen, ...]
    failures: Mapping[str, tuple[datetime, str]] = field(default_factory=dict)
    clients: frozenset[AppName] = frozenset()


def find_certificates(node: Node) -> Found:
    """What is on the node. Needs no keychain. Empty where no edge runs."""
    containers = [c for c in node.engine.containers({names.LABEL_ROLE: ""}) if _runs(c)]
    if not any(container.name == names.EDGE for container in containers):
        return Found(())
    sidecars = {
        server_name(c.labels[names.LABEL_APP], c.labels[names.LABEL_RELEASE]): c
        for c in containers
        if c.labels.get(names.LABEL_ROLE) == "proxy"
    }
    addresses = {name: next(iter(c.networks.values()), "") for name, c in sidecars.items()}
    with ThreadPoolExecutor(_READERS, thread_name_prefix="certificates") as pool:
        kept = pool.map(lambda container: _kept(node, container), sidecars.values())
        told = _ask_edge(node, {name: at for name, at in addresses.items() if at})
        if told is None:
            return Found(())
        lying = dict(zip(sidecars, kept, strict=True))
    # an edge that was begun before an upgrade does not tell whose they are
    routes = told.get("apps") or {
        c.labels[names.LABEL_HOST]: c.labels[names.LABEL_APP]
        for c in containers
        if names.LABEL_HOST in c.labels
    }
    hosts = {host: AppName(app) for host, app in routes.items()}
    clients = frozenset(
        AppName(c.labels[names.LABEL_APP])
        for c in containers
        if c.labels.get(names.LABEL_ROLE) == "acme"
    )
    failures = {
        key: (datetime.fromisoformat(each["at"]), each["error"])
        for key, each in told["failures"].items()
    }
    seen = (*_visitors(told, hosts, clients), _edge(told), *_sidecars(told, sidecars, lying))
    return Found(tuple(each for each in seen if each.chain), failures, clients)


def _visitors(
    told: Mapping[str, Any], hosts: Mapping[str, AppName], clients: Collection[str]
) -> Iterator[Seen]:
    for host, kept in told["kept"].items():
        served = told["served"][host]
        chain = _load("".join(served["chain"]))
        shown = told["acme"].get(host)
        yield Seen(
            CertificateRole.VISITORS,
            host,
            _load(kept),
            chain,
            served["error"],
            AppName(shown["app"]) if shown else hosts.get(host),
            own=host in told["own"],
            acme=_by_acme(shown, clients),
            refused=host in told["refused"],
            # an edge that was begun before an upgrade asks no CA
            ocsp=_answered(told.get("ocsp", {}).get(host)),
        )


def _by_acme(shown: Mapping[str, Any] | None, clients: Collection[str]) -> ByAcme | None:
    if shown is None:
        return None
    outcome = read_outcome(shown["status"])
    return ByAcme(shown["root"].encode(), outcome, shown["app"] in clients)


def _answered(told: Mapping[str, Any] | None) -> Answered:
    if told is None:
        return Answered()
    shown, answer = (b64decode(told[each] or "") for each in ("shown", "answer"))
    failed = told["failed"]
    if failed is None:
        return Answered(shown, answer)
    return Answered(shown, answer, datetime.fromisoformat(failed["since"]), failed["why"])


def _edge(told: Mapping[str, Any]) -> Seen:
    """It is shown to every sidecar; one that refuses it is enough to tell."""
    refused = [each["error"] for each in told["sidecars"].values() if each["error"]]
    error = refused[0] if refused else "" if told["sidecars"] else None
    return Seen(CertificateRole.EDGE, EDGE_NAME, _load(told["client"]), error=error)


def _sidecars(
    told: Mapping[str, Any], sidecars: Mapping[str, ContainerFacts], lying: Mapping[str, Chain]
) -> Iterator[Seen]:
    for name, container in sidecars.items():
        served = told["sidecars"].get(name, {"chain": [], "error": _NEVER_ROUTED})
        yield Seen(
            CertificateRole.SIDECAR,
            name,
            lying[name],
            _load("".join(served["chain"])),
            served["error"],
            AppName(container.labels[names.LABEL_APP]),
            container.name,
        )


def _ask_edge(node: Node, sidecars: Mapping[str, str]) -> Mapping[str, Any] | None:
    """None while the edge has no routes yet, or has just gone."""
    try:
        done = node.engine.run(names.EDGE, look_command(sidecars))
    except HoldfastError:
        return None
    if done.exit_code:
        return None
    told: Mapping[str, Any] = json.loads(done.output)
    return told


def _kept(node: Node, sidecar: ContainerFacts) -> Chain:
    try:
        done = node.engine.run(sidecar.name, KEPT_COMMAND)
    except HoldfastError:
        # it ended just now
        return ()
    return _load(done.output.decode(errors="replace"))


def _load(pem: str) -> Chain:
    try:
        return tuple(x509.load_pem_x509_certificates(pem.encode())) if pem.strip() else ()
    except ValueError:
        # an ACME client's, of which OpenSSL can make more
        return ()


def _runs(container: ContainerFacts) -> bool:
    return container.state == "running"
