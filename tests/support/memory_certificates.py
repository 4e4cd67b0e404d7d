"""The certificates of the desk in memory: real ones, of authorities that it makes itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_network

from cryptography import x509

from holdfast.domain.acme import (
    AccountState,
    AcmeAccount,
    AcmeOutcome,
    AcmeServer,
    SuggestedRenewal,
)
from holdfast.domain.app import AppState
from holdfast.domain.certificate import (
    Certificate,
    CertificateFiles,
    CertificateRole,
    Certificates,
    CertificateSource,
    Renewed,
    Trusted,
    WatchedCertificate,
)
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.names import AppName
from holdfast.domain.node import AppSummary
from holdfast.domain.stapling import Stapling, StaplingState
from holdfast.node.certificate_facts import read_certificate
from holdfast.node.certificates import (
    Authority,
    issue_client,
    issue_server,
    new_edge_authority,
    new_sidecars_authority,
    new_visitors_authority,
)
from holdfast.node.own_certificate import OwnCertificate, read_own
from holdfast.node.proxy_configuration import EDGE_NAME
from holdfast.node.stapling import Answered, read_stapling

_AGE = timedelta(days=29)
_OLD = timedelta(days=81)
_STUCK = "GNOME Keyring is locked. It was asked to unlock and did not."


def load(pem: bytes) -> Certificate:
    return read_certificate(x509.load_pem_x509_certificate(pem))


@cache
def authorities() -> dict[CertificateRole, Authority]:
    made = datetime.now(UTC) - timedelta(days=200)
    networks = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
    return {
        CertificateRole.VISITORS_CA: new_visitors_authority(["localhost"], networks, made),
        CertificateRole.SIDECARS_CA: new_sidecars_authority(made),
        CertificateRole.EDGE_CA: new_edge_authority(made),
    }


@cache
def _acme_authority() -> Authority:
    return new_visitors_authority(["localhost"], [], datetime.now(UTC) - timedelta(days=9))


class MemoryCertificates:
    def __init__(self, faults: Collection[str]) -> None:
        self._faults = faults
        self._rows: dict[str, WatchedCertificate] = {}
        self.acme: dict[AppName, AcmeServer] = {}

    def read(self, apps: Sequence[AppSummary]) -> Certificates:
        now = datetime.now(UTC)
        self._keep(apps, now)
        sealed = {app.name for app in apps if app.state is AppState.SEALED}
        accounts = (
            self._account(app, server, now, app in sealed)
            for app, server in sorted(self.acme.items())
        )
        return Certificates(now, (*self._rows.values(), *_authority_rows()), tuple(accounts))

    def _account(
        self, app: AppName, server: AcmeServer, now: datetime, sealed: bool
    ) -> AcmeAccount:
        """Lost with the fault `lost-account`."""
        if sealed:
            return AcmeAccount(app, AccountState.SEALED)
        lost = "lost-account" in self._faults
        said = AcmeOutcome(now - timedelta(hours=3), "accountDoesNotExist", "no such account")
        return AcmeAccount(
            app,
            AccountState.LOST if lost else AccountState.VALID,
            directory=server.directory,
            email=server.email,
            url=f"{server.directory.removesuffix('/directory')}/acct/1234567",
            key_words="RSA 2048 bits",
            contact=now - timedelta(hours=3),
            failure=said if lost else None,
        )

    def renew(self, apps: Sequence[AppSummary], due: bool) -> Renewed:
        if "stuck-renewal" in self._faults:
            raise HoldfastError(
                "2 certificates could not be renewed.",
                _STUCK,
                "What is served now lasts on. Remove the cause, then: holdfast certificate renew",
            )
        now = datetime.now(UTC)
        self._keep(apps, now)
        ours = {
            key: row
            for key, row in self._rows.items()
            if row.source is CertificateSource.INTERNAL and row.next_renewal is not None
        }
        wanted = [key for key, row in ours.items() if not due or _is_due(row, now)]
        for key in wanted:
            self._rows[key] = _leaf(self._rows[key].role, self._rows[key].host, now)
        return Renewed(tuple(wanted))

    def read_own(self, app: AppSummary, files: CertificateFiles) -> OwnCertificate:
        if app.name in self.acme:
            raise UsageError(f"The certificate of {app.name} comes from an ACME server.")
        host, now = str(app.host_name), datetime.now(UTC)
        return read_own(files, [host], _last_of(files.certificate), now)

    def import_own(self, app: AppSummary, own: OwnCertificate) -> Certificate:
        host = str(app.host_name)
        certificate = read_certificate(own.certificate)
        self._rows[f"{CertificateRole.VISITORS}/{host}"] = WatchedCertificate(
            role=CertificateRole.VISITORS,
            host=host,
            certificate=certificate,
            chain=(certificate, load(own.root)),
            verified=True,
            reason="",
            served_matches=True,
            source=CertificateSource.OWN,
            app=app.name,
            stapling=read_stapling(own.certificate, Answered(), datetime.now(UTC)),
        )
        return certificate

    def use_acme(self, app: AppSummary, server: AcmeServer) -> Certificate:
        """Every server gives one, but those that a fault names do not answer."""
        row = self._rows.get(f"{CertificateRole.VISITORS}/{app.host_name}")
        if row is not None and row.source is CertificateSource.OWN:
            raise UsageError(f"{app.name} has a certificate that was imported.")
        if app.name in self.acme:
            raise UsageError(f"The certificate of {app.name} comes from an ACME server already.")
        if "silent-acme" in self._faults:
            raise HoldfastError(
                f"There is no new certificate for {app.host_name}.",
                "The ACME server does not answer.",
                "What is served now lasts on. Remove the cause, then try again.",
            )
        self.acme[app.name] = server
        return self.renew_acme(app)

    def renew_acme(self, app: AppSummary) -> Certificate:
        if app.name not in self.acme:
            raise UsageError(f"The certificate of {app.name} does not come from an ACME server.")
        now, host = datetime.now(UTC), str(app.host_name)
        issuer = _acme_authority()
        certificate = load(issue_server(issuer, [host], now).certificate)
        suggested = None
        if "suggesting-acme" in self._faults:
            suggested = SuggestedRenewal(now + timedelta(days=50), "https://acme.example.org/why")
        self._rows[f"{CertificateRole.VISITORS}/{host}"] = WatchedCertificate(
            role=CertificateRole.VISITORS,
            host=host,
            certificate=certificate,
            chain=(certificate, load(issuer.certificate), load(issuer.root)),
            verified=True,
            reason="",
            served_matches=True,
            source=CertificateSource.ACME,
            last_renewal=now,
            next_renewal=suggested.at if suggested else certificate.renewal,
            app=app.name,
            suggested=suggested,
            stapling=Stapling(),
        )
        return certificate

    def drop_own(self, app: AppSummary) -> None:
        self.acme.pop(app.name, None)
        self._rows.pop(f"{CertificateRole.VISITORS}/{app.host_name}", None)

    @staticmethod
    def trust() -> Trusted:
        firefox = "Firefox: Settings, View Certificates, Authorities: import the exported CA."
        return Trusted(("Chromium, Chrome",), (firefox,))

    def export(self) -> Certificate:
        return load(authorities()[CertificateRole.VISITORS_CA].root)

    def _keep(self, apps: Sequence[AppSummary], now: datetime) -> None:
        """One row for each app that runs; what was renewed stays."""
        served = [app for app in apps if app.started is not None and app.host_name is not None]
        wanted = [(CertificateRole.VISITORS, str(app.host_name)) for app in served]
        wanted += [(CertificateRole.EDGE, EDGE_NAME)] if served else []
        sidecars = {f"{app.release}.{app.name}.holdfast.internal": app.name for app in served}
        wanted += [(CertificateRole.SIDECAR, host) for host in sidecars]
        made = {
            f"{role}/{host}": self._as_faults_say(at, role, host, now)
            for at, (role, host) in enumerate(wanted)
        }
        of = {f"{CertificateRole.VISITORS}/{app.host_name}": app.name for app in served}
        of |= {f"{CertificateRole.SIDECAR}/{host}": app for host, app in sidecars.items()}
        self._rows = {
            key: replace(self._rows.get(key) or make(), app=of.get(key))
            for key, make in made.items()
        }

    def _as_faults_say(
        self, at: int, role: CertificateRole, host: str, now: datetime
    ) -> Callable[[], WatchedCertificate]:
        def make() -> WatchedCertificate:
            old = "old-certificates" in self._faults and at == 0
            row = _leaf(role, host, now - (_OLD if old else _AGE))
            if "stuck-renewal" in self._faults:
                return replace(row, last_error=_STUCK)
            if "revoked-certificate" in self._faults and at == 0:
                return _revoked(row, now)
            if "old-certificates" in self._faults and at == 1 and "only-old" not in self._faults:
                return replace(
                    row,
                    served_matches=False,
                    reason="It is not served: ConnectionRefusedError: [Errno 111] Connection"
                    " refused",
                )
            return row

        return make


def _revoked(row: WatchedCertificate, now: datetime) -> WatchedCertificate:
    """As an imported one."""
    said = Stapling(
        StaplingState.REVOKED,
        "http://ocsp.example.org/",
        since=now - timedelta(hours=3),
        reason="key compromise",
    )
    return replace(row, source=CertificateSource.OWN, next_renewal=None, stapling=said)


def _last_of(file: bytes) -> bytes:
    """Whatever stands last in the file is trusted."""
    begin = file.rfind(b"-----BEGIN CERTIFICATE-----")
    return file[begin:] if begin >= 0 else b""


def _is_due(row: WatchedCertificate, now: datetime) -> bool:
    return row.next_renewal is not None and row.next_renewal <= now


_ISSUERS = {
    CertificateRole.VISITORS: CertificateRole.VISITORS_CA,
    CertificateRole.SIDECAR: CertificateRole.SIDECARS_CA,
    CertificateRole.EDGE: CertificateRole.EDGE_CA,
}


def _leaf(role: CertificateRole, host: str, made: datetime) -> WatchedCertificate:
    issuer = authorities()[_ISSUERS[role]]
    client = role is CertificateRole.EDGE
    leaf = issue_client(issuer, host, made) if client else issue_server(issuer, [host], made)
    certificate = load(leaf.certificate)
    above = dict.fromkeys((issuer.certificate, issuer.root))
    return WatchedCertificate(
        role=role,
        host=host,
        certificate=certificate,
        chain=(certificate, *map(load, above)),
        verified=True,
        reason="",
        served_matches=True,
        source=CertificateSource.INTERNAL,
        last_renewal=made,
        next_renewal=certificate.renewal,
        stapling=Stapling() if role is CertificateRole.VISITORS else None,
    )


def _authority_rows() -> list[WatchedCertificate]:
    rows = []
    for role, authority in authorities().items():
        if role is CertificateRole.VISITORS_CA:
            rows.append(
                authority_row(CertificateRole.VISITORS_ROOT, authority.root, authority.root)
            )
        rows.append(authority_row(role, authority.certificate, authority.root))
    return rows


def authority_row(role: CertificateRole, pem: bytes, root: bytes) -> WatchedCertificate:
    certificate = load(pem)
    return WatchedCertificate(
        role=role,
        host="",
        certificate=certificate,
        chain=tuple(load(each) for each in dict.fromkeys((pem, root))),
        verified=True,
        reason="",
        served_matches=None,
        source=CertificateSource.INTERNAL,
        last_renewal=certificate.not_before,
    )
