"""The files and commands of the two proxies: the edge before all apps, a sidecar before each."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from types import MappingProxyType

from holdfast.domain.container import PushedFile
from holdfast.domain.host_names import FurtherName
from holdfast.domain.names import AppName, HostName
from holdfast.domain.page_sources import PageRules, content_security_policy
from holdfast.domain.secret import Secret
from holdfast.domain.stored import to_json
from holdfast.node.resources import render

#: The common name in the edge's client certificate, which sidecars ask for.
EDGE_NAME = "edge.holdfast.internal"

#: The ports that both proxies listen on inside their containers; the sidecar has the first alone.
TLS_PORT = 8443
PLAIN_PORT = 8080

#: The file that is pushed last at a container's start.
GO = PushedFile("go", b"")

#: Both proxies take what lies here, and only after HAProxy has found it valid.
_NEXT = "next"

#: HAProxy tries again after a second each.
_PATIENT_TRIES = 300

_PLAIN_WORD = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Route:
    """The way from an app's host names to a release. server_name: the name in the sidecar's
    certificate. rules: what the app's pages may do. further: names beside the main one. counted:
    whether the edge counts its visitors."""

    host_name: HostName
    app: AppName
    release: str
    sidecar_address: str
    server_name: str
    rules: PageRules = field(default_factory=PageRules)
    further: tuple[FurtherName, ...] = ()
    counted: bool = False

    def __post_init__(self) -> None:
        IPv4Address(self.sidecar_address)
        for word in (*self.hosts, self.app, self.release, self.server_name):
            _check_word(word)

    @property
    def hosts(self) -> tuple[HostName, ...]:
        """All names, the main one first."""
        return (self.host_name, *(each.host for each in self.further))


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Lets in at a host who shows a certificate of its CA. mark: told to whom is refused. issuer:
    SHA-256 of the CA's common name, upper hex: a session that began at another host is none of
    ours, whatever it was verified by there. authority, revocations: PEM; without them nobody comes
    in. probe: the certificate, with its key, by which the edge itself asks the route."""

    mark: str
    issuer: str = "-"
    authority: bytes = b""
    revocations: bytes = b""
    probe: Secret | None = None


#: Lets in nobody.
CLOSED = Doorkeeper("closed")


@dataclass(frozen=True, slots=True)
class _Page:
    """What a visitor reads instead of the app. refresh: seconds until the browser tries again."""

    title: str
    text: str
    refresh: int | None = None


_STARTING = _Page(
    "The app is not ready yet",
    "It is starting, or it has been paused. This page looks again by itself.",
    refresh=3,
)
_PAGES = {
    "404": _Page("There is nothing here", "Check the address, or ask who gave it to you."),
    "421": _Page("This is another address", "Open the address that you want in a new window."),
    "502": _Page(
        "The app did not answer",
        "It stopped while it was being asked. This page tries again by itself.",
        refresh=5,
    ),
    "503": _STARTING,
    "504": _Page("The app takes too long", "It works on something else. Try again in a while."),
}
_IMPORT = (
    "Ask who runs it for a certificate: a file that ends in .p12, with its passphrase. Import it"
    " into your browser, close all of its windows, and open this address again."
)
#: What a visitor reads who is not let in, by OpenSSL's number of what is wrong.
_REFUSALS = {
    "none": _Page("This app opens with a certificate", _IMPORT),
    "10": _Page(
        "Your certificate has expired",
        "Ask who runs the app for another one. Import it into your browser, close all of its"
        " windows, and open this address again.",
    ),
    "23": _Page(
        "Your certificate was revoked",
        "It does not open this app any more. Ask who runs the app whether you shall have another.",
    ),
    "other": _Page("Your certificate is not for this app", _IMPORT),
}
_SIDECAR_PAGES = ("502", "503", "504")


def apps_by_host(
    routes: Sequence[Route], resting: Mapping[HostName, AppName]
) -> dict[HostName, AppName]:
    """Every name that the edge answers at."""
    return {host: route.app for route in routes for host in route.hosts} | dict(resting)


def edge_files(
    routes: Sequence[Route],
    visitor_certificates: Mapping[HostName, Secret],
    visitors_ca: bytes,
    sidecars_ca: bytes,
    edge_client: Secret,
    public_port: int,
    own: Collection[HostName] = (),
    resting: Mapping[HostName, AppName] = MappingProxyType({}),
    doorkeepers: Mapping[HostName, Doorkeeper] = MappingProxyType({}),
    uids: Mapping[AppName, int] = MappingProxyType({}),
) -> list[PushedFile]:
    """All files of the edge, relative to its RAM volume at /keys: for a start and a reload alike.

    visitor_certificates: per host name, certificate, chain and key in PEM; those without a
    route are left out. visitors_ca: what the probe trusts, PEM. public_port: where visitors
    reach TLS. own: the hosts whose certificate was imported. resting: hosts, and their apps,
    at which visitors read a page instead. doorkeepers: of the hosts at which not everybody is let
    in. uids: of the apps' users, whose ACME clients show what they got; nothing is taken of an
    app that has none here. Raises ValueError for two routes of one host, and KeyError for a
    missing certificate.
    """
    ordered = sorted(routes, key=lambda route: route.host_name)
    hosts = [host for route in ordered for host in route.hosts]
    hosts += map(_check_host, sorted(resting))
    if len(set(hosts)) < len(hosts):
        raise ValueError("two routes have the same host name")
    port = "" if public_port == 443 else f":{public_port:d}"
    # of the names of an app, the one that was asked for
    policies = {
        route.host_name: content_security_policy(route.rules, f"%[var(txn.host)]{port}")
        for route in ordered
    }
    configuration = render(
        "edge.cfg.j2",
        routes=ordered,
        hosts=hosts,
        resting=sorted(resting),
        serving=_further(ordered, redirects=False),
        redirects=_further(ordered, redirects=True),
        policies=policies,
        port_suffix=port,
        tls_port=TLS_PORT,
        plain_port=PLAIN_PORT,
        pages=_PAGES,
        doorkeepers={host: doorkeepers[host] for host in hosts if host in doorkeepers},
        refusals=[number for number in _REFUSALS if number.isdigit()],
    )
    # each certificate for its own host alone, whatever other names stand in it
    apps = apps_by_host(ordered, resting)
    files = {host: f"{'own' if host in own else 'certs'}/{host}.pem" for host in hosts}
    listed = "".join(
        f"{files[host]} {_asks_for(host, doorkeepers.get(host, CLOSED))}{host}\n" for host in hosts
    )
    clients = "".join(
        f"{host} {apps[host]} {uids[apps[host]]:d}\n" for host in hosts if apps[host] in uids
    )
    return [
        *_texts({"haproxy.cfg": configuration, "certs.list": listed}),
        # what take_acme.sh puts there lies in the edge's own RAM, and never comes here
        *_texts({"apps.list": clients, "acme.map": "", "acme.refused": ""}),
        *_pages(list(_PAGES)),
        *_texts(
            {
                f"pages/access-{number}.html": render("page.html.j2", page=page)
                for number, page in _REFUSALS.items()
            }
        ),
        *(
            PushedFile(f"{_NEXT}/{files[host]}", visitor_certificates[host].reveal())
            for host in hosts
        ),
        *(
            file
            for host in hosts
            if host in doorkeepers
            for file in _doorkeeper_files(host, doorkeepers[host])
        ),
        PushedFile(f"{_NEXT}/visitors-ca.pem", visitors_ca),
        PushedFile(f"{_NEXT}/sidecars-ca.pem", sidecars_ca),
        PushedFile(f"{_NEXT}/edge-client.pem", edge_client.reveal()),
    ]


def _further(routes: Sequence[Route], redirects: bool) -> dict[HostName, HostName]:
    """The main name of each further one that redirects, or does not."""
    return {
        each.host: route.host_name
        for route in routes
        for each in route.further
        if each.redirects is redirects
    }


def _asks_for(host: HostName, keeper: Doorkeeper) -> str:
    """Whoever has none, or a wrong one, is told so by a page."""
    if not keeper.authority:
        return ""
    files = f"ca-file access/{host}-ca.pem crl-file access/{host}-crl.pem"
    return f"[{files} verify optional] "


def _doorkeeper_files(host: HostName, keeper: Doorkeeper) -> list[PushedFile]:
    files = {"ca": keeper.authority, "crl": keeper.revocations}
    if keeper.probe is not None:
        files["probe"] = keeper.probe.reveal()
    return [
        PushedFile(f"{_NEXT}/access/{host}-{kind}.pem", content)
        for kind, content in files.items()
        if content
    ]


@dataclass(frozen=True, slots=True)
class EdgeRoutes:
    """What the edge's routes are. serving: the release that each app's route leads to, None for
    one that was closed. rules: what the pages of each app may do. counted: whether the visitors of
    each are."""

    serving: dict[AppName, str | None] = field(default_factory=dict)
    rules: dict[AppName, PageRules] = field(default_factory=dict)
    counted: dict[AppName, bool] = field(default_factory=dict)


def routes_file(routes: EdgeRoutes) -> PushedFile:
    """Pushed with the edge's files: what the next desktop reads when its turn comes."""
    return PushedFile(f"{_NEXT}/routes.json", to_json(routes).replace("\n", "").encode() + b"\n")


def sidecar_files(
    server_certificate: Secret, edge_ca: bytes, app_port: int, release: str, patient: bool = False
) -> list[PushedFile]:
    """All files of a sidecar, relative to its RAM volume at /keys. patient: whoever comes waits
    until the app listens, for some minutes."""
    configuration = render(
        "sidecar.cfg.j2",
        edge_name=EDGE_NAME,
        release=_check_word(release),
        tls_port=TLS_PORT,
        app_port=int(app_port),
        tries=_PATIENT_TRIES if patient else 0,
        pages=_SIDECAR_PAGES,
    )
    return [
        *_texts({"haproxy.cfg": configuration}),
        *_pages(_SIDECAR_PAGES),
        PushedFile(f"{_NEXT}/server.pem", server_certificate.reveal()),
        PushedFile(f"{_NEXT}/edge-ca.pem", edge_ca),
    ]


def _texts(texts: Mapping[str, str]) -> list[PushedFile]:
    return [PushedFile(f"{_NEXT}/{name}", text.encode()) for name, text in texts.items()]


def _pages(names: Sequence[str]) -> list[PushedFile]:
    return _texts(
        {f"pages/{name}.html": render("page.html.j2", page=_PAGES[name]) for name in names}
    )


def _check_host(host: HostName) -> HostName:
    _check_word(host)
    return host


def _check_word(word: str) -> str:
    """HAProxy's syntax has no quoting that is the same everywhere: nothing that needs any."""
    if not _PLAIN_WORD.fullmatch(word):
        raise ValueError(f"{word!r} cannot stand in a proxy's configuration")
    return word
