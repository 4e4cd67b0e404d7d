"""The certificates that a node depends on: what each says, and whether it is as it should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from holdfast.domain.acme import AcmeAccount, SuggestedRenewal
from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret
from holdfast.domain.stapling import Stapling

#: What browsers and Let's Encrypt have come to expect of a visitor's certificate.
LEAF_DAYS = 90

#: Days left, of a certificate that lasts `LEAF_DAYS` or longer; a shorter one is warned of in
#: proportion.
WARNINGS = (30, 14, 7, 1)


class CertificateRole(StrEnum):
    VISITORS = "visitors"
    EDGE = "edge-client"
    SIDECAR = "sidecar"
    VISITORS_ROOT = "visitors-root"
    VISITORS_CA = "visitors-ca"
    SIDECARS_CA = "sidecars-ca"
    EDGE_CA = "edge-ca"
    ACCESS_CA = "access-ca"
    """Of one app: it issues the certificates that its visitors show."""

    @property
    def is_authority(self) -> bool:
        return self in (
            CertificateRole.VISITORS_ROOT,
            CertificateRole.VISITORS_CA,
            CertificateRole.SIDECARS_CA,
            CertificateRole.EDGE_CA,
            CertificateRole.ACCESS_CA,
        )


class CertificateSource(StrEnum):
    """own: imported, and renewed by whoever imported it. acme: of an ACME server, and renewed by
    the node itself."""

    INTERNAL = "internal"
    OWN = "own"
    ACME = "acme"


class CertificateState(StrEnum):
    """soon: it is near its end. trouble: it has ended, does not verify, or is not served."""

    WELL = "well"
    SOON = "soon"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Extension:
    name: str
    critical: bool
    value: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an X.509 certificate says of itself. Names are RFC 4514; fingerprints are hex pairs."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    serial: str
    key: str
    signature: str
    sha256: str
    sha1: str
    extensions: tuple[Extension, ...]
    pem: str

    @property
    def life(self) -> timedelta:
        return self.not_after - self.not_before

    @property
    def renewal(self) -> datetime:
        """When two thirds of its life are over."""
        return self.not_before + self.life * 2 / 3

    def days_left(self, now: datetime) -> int:
        """Whole days; negative once it has ended."""
        return (self.not_after - now).days

    def warning(self, now: datetime) -> int | None:
        """The smallest of `WARNINGS` that it has come under, 0 once it has ended."""
        if now >= self.not_after:
            return 0
        scale = min(1.0, self.life / timedelta(days=LEAF_DAYS))
        left = self.not_after - now
        under = [days for days in WARNINGS if left < timedelta(days=days) * scale]
        return min(under, default=None)


@dataclass(frozen=True, slots=True)
class WatchedCertificate:
    """One certificate of a node, and what was found about it.

    host: whom it is for; empty for an authority. chain: from it to its root, itself included.
    verified: the chain leads to what its verifiers trust; else reason says why not, in words.
    reason: also of what is verified and not as it should be: another one, or too long a chain.
    served_matches: a live handshake found this certificate; None where none can be made.
    last_renewal: when it was made. next_renewal: None where Holdfast does not renew it. suggested:
    where the ACME server chose that time.
    last_error: why the last renewal failed; "" if it did not. stapling: of those that visitors
    get.
    """

    role: CertificateRole
    host: str
    certificate: Certificate
    chain: tuple[Certificate, ...]
    verified: bool
    reason: str
    served_matches: bool | None
    source: CertificateSource
    last_renewal: datetime | None = None
    next_renewal: datetime | None = None
    last_error: str = ""
    app: AppName | None = None
    suggested: SuggestedRenewal | None = None
    stapling: Stapling | None = None

    @property
    def key(self) -> str:
        """Unique within a node."""
        return f"{self.role}/{self.host or self.app or ''}"

    def state(self, now: datetime) -> CertificateState:
        refused = self.stapling is not None and self.stapling.is_trouble
        broken = not self.verified or self.served_matches is False or self.last_error
        if broken or refused or now >= self.certificate.not_after:
            return CertificateState.TROUBLE
        if self.certificate.warning(now) is not None:
            return CertificateState.SOON
        return CertificateState.WELL


@dataclass(frozen=True, slots=True)
class Certificates:
    """All of a node, as of one look. accounts: those by which ACME servers give some of them."""

    looked: datetime
    rows: tuple[WatchedCertificate, ...]
    accounts: tuple[AcmeAccount, ...] = ()

    @property
    def lasts_until(self) -> datetime | None:
        """How long the node can go without a desktop: the first end of what one renews."""
        ends = [
            row.certificate.not_after
            for row in self.rows
            if row.next_renewal is not None and row.source is not CertificateSource.ACME
        ]
        return min(ends, default=None)

    def row(self, key: str | None) -> WatchedCertificate | None:
        return next((row for row in self.rows if row.key == key), None)

    def account(self, key: str | None) -> AcmeAccount | None:
        return next((each for each in self.accounts if each.key == key), None)

    @property
    def troubled_accounts(self) -> tuple[AcmeAccount, ...]:
        return tuple(each for each in self.accounts if each.is_trouble)

    def in_state(self, state: CertificateState) -> tuple[WatchedCertificate, ...]:
        return tuple(row for row in self.rows if row.state(self.looked) is state)


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """A certificate of one's own as it was given. certificate: PEM with its chain, or PKCS#12.
    key: PEM; None where it is in the same file."""

    certificate: bytes = field(repr=False)
    key: Secret | None = None
    passphrase: Secret | None = None


@dataclass(frozen=True, slots=True)
class Trusted:
    """Which browsers trust a CA now, and what is left to be done by hand, a sentence each."""

    stores: tuple[str, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a renewal did. renewed: the keys of those that are new."""

    renewed: tuple[str, ...]
