"""Who may visit an app, as it is kept among its keys: the mode, its visitors' CA, what that issued.

All of it is one item, so that other admins and the recovery kit have it too. The edge gets the
public parts, and a certificate of its own by which it asks the app's route as a visitor.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from cryptography import x509

from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret
from holdfast.domain.stored import Damaged, from_json, to_json
from holdfast.domain.visitor_access import (
    AccessMode,
    IssuedVisitor,
    Visitor,
    VisitorAccess,
)
from holdfast.node.certificates import (
    Authority,
    from_secret,
    issue_client,
    issue_visitor,
    new_access_authority,
    pem_bundle,
    pkcs12_bundle,
    revocation_list,
    to_secret,
)
from holdfast.node.keys import NodeKeys
from holdfast.node.proxy_configuration import CLOSED, Doorkeeper

_PROBE = "probe.edge.holdfast.internal"
#: A passphrase that is typed once: no signs that look alike; five bits each.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 5, 5


class DamagedAccess(HoldfastError):
    """What is kept does not read."""


@dataclass(frozen=True, slots=True)
class KeptAccess:
    """facts: what everybody may read. authority: with its key; None while the app has none."""

    facts: VisitorAccess
    authority: Authority | None = None

    @property
    def doorkeeper_mark(self) -> str | None:
        """What the edge says to whom it refuses; None where it refuses nobody. It tells whether
        the edge knows of the last change."""
        if self.facts.mode is AccessMode.PUBLIC:
            return None
        revoked = sorted(v.serial for v in self.facts.visitors if v.revoked)
        return sha256(" ".join((self.facts.authority, *revoked)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Item:
    facts: VisitorAccess
    authority: str | None = None


def read_access(keys: NodeKeys, app: AppName) -> KeptAccess:
    """Raises DamagedAccess if what is kept cannot be read."""
    return _opened(app, keys.accesses([app]).get(app))


def read_accesses(keys: NodeKeys, apps: Iterable[AppName]) -> dict[AppName, KeptAccess]:
    """The same in one look, without what is damaged."""
    apps = tuple(apps)
    items = keys.accesses(apps)
    found = {}
    for app in apps:
        with suppress(DamagedAccess):
            found[app] = _opened(app, items.get(app))
    return found


def keep_access(keys: NodeKeys, kept: KeptAccess) -> None:
    authority = to_secret(kept.authority).reveal().decode() if kept.authority else None
    keys.keep_access(kept.facts.app, Secret(to_json(_Item(kept.facts, authority)).encode()))


def with_mode(kept: KeptAccess, mode: AccessMode, now: datetime) -> KeptAccess:
    """The CA is made when it is first needed."""
    ready = with_authority(kept, now) if mode is AccessMode.CERTIFICATE else kept
    return replace(ready, facts=replace(ready.facts, mode=mode))


def with_authority(kept: KeptAccess, now: datetime) -> KeptAccess:
    return kept if kept.authority is not None else with_new_authority(kept, now)


def with_new_authority(kept: KeptAccess, now: datetime) -> KeptAccess:
    """Nothing that the CA of before has issued opens the app from then on. What is still listed of
    its own predecessor is forgotten."""
    authority = new_access_authority(kept.facts.app, now)
    of_before = tuple(v for v in kept.facts.visitors if v.authority == kept.facts.authority)
    facts = replace(kept.facts, authority=_mark(authority), visitors=of_before)
    return KeptAccess(facts, authority)


def issued(
    kept: KeptAccess, name: str, days: int, now: datetime
) -> tuple[KeptAccess, IssuedVisitor]:
    """name: see `parse_visitor`. Raises UsageError for one that a valid certificate has."""
    taken = [v for v in kept.facts.visitors if v.name == name and v.revoked is None]
    if any(v.authority == kept.facts.authority and v.not_after > now for v in taken):
        raise UsageError(
            f"{name} has a certificate already.",
            "Two of one name could not be told apart when one is lost.",
            f"Revoke it first, or add the device to the name: {name[:40]} on phone",
        )
    ready = with_authority(kept, now)
    assert ready.authority is not None
    leaf = issue_visitor(ready.authority, name, now, days)
    made = x509.load_pem_x509_certificate(leaf.certificate)
    visitor = Visitor(
        name, f"{made.serial_number:x}", made.not_valid_after_utc, ready.facts.authority
    )
    passphrase = _new_passphrase()
    facts = replace(ready.facts, visitors=(*ready.facts.visitors, visitor))
    bundle = pkcs12_bundle(leaf, f"{name} ({kept.facts.app})", passphrase)
    return replace(ready, facts=facts), IssuedVisitor(visitor, bundle, passphrase)


def doorkeepers(
    keys: NodeKeys, apps: Iterable[AppName], now: datetime
) -> dict[AppName, Doorkeeper]:
    """For the edge: those of the apps that let in nobody without a certificate. One whose item
    cannot be read lets in nobody at all."""
    found = {}
    for app, item in keys.accesses(apps).items():
        keeper = CLOSED
        with suppress(HoldfastError):
            kept = _opened(app, item)
            if kept.doorkeeper_mark is None:
                continue
            keeper = _doorkeeper(kept, now)
        found[app] = keeper
    return found


def _doorkeeper(kept: KeptAccess, now: datetime) -> Doorkeeper:
    authority = kept.authority
    if authority is None:
        return CLOSED
    revoked = {int(v.serial, 16): v.revoked for v in kept.facts.visitors if v.revoked}
    return Doorkeeper(
        mark=kept.doorkeeper_mark or "",
        issuer=sha256(_common_name(authority).encode()).hexdigest().upper(),
        authority=authority.certificate,
        revocations=revocation_list(authority, revoked, now),
        probe=pem_bundle(issue_client(authority, _PROBE, now)),
    )


def _opened(app: AppName, item: Secret | None) -> KeptAccess:
    """item: None where nothing is kept; then it is as it began."""
    if item is None:
        return KeptAccess(VisitorAccess(app))
    kept: KeptAccess | None = None
    with suppress(Damaged, HoldfastError, ValueError):
        read = from_json(_Item, item.reveal())
        for visitor in read.facts.visitors:
            int(visitor.serial, 16)
        authority = from_secret(Secret(read.authority.encode())) if read.authority else None
        kept = KeptAccess(read.facts, authority)
    # behind the block: the parsers' errors quote what they could not read
    if kept is None or kept.facts.app != app:
        raise DamagedAccess(
            f"Who may visit {app} cannot be read.",
            "What is kept about it among the app's keys is damaged; the edge lets in nobody.",
            f"Choose it anew: holdfast access set {app} certificate",
        )
    return kept


def _mark(authority: Authority) -> str:
    certificate = x509.load_pem_x509_certificate(authority.certificate)
    return f"{certificate.serial_number:x}"


def _common_name(authority: Authority) -> str:
    certificate = x509.load_pem_x509_certificate(authority.certificate)
    [name] = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(name.value)


def _new_passphrase() -> Secret:
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return Secret("-".join(groups).encode())


def access_marks(keys: NodeKeys, apps: Iterable[AppName]) -> dict[str, str]:
    """The marks of the visitors' CAs that there are, by app."""
    kept = read_accesses(keys, apps)
    return {str(app): each.facts.authority for app, each in kept.items() if each.authority}


def renew_authority(keys: NodeKeys, app: AppName, mark: str, now: datetime) -> None:
    """Replace the visitors' CA whose key somebody has who was revoked; not a second time. One
    that is damaged opens nothing."""
    with suppress(DamagedAccess):
        kept = read_access(keys, app)
        if kept.facts.authority == mark:
            keep_access(keys, with_new_authority(kept, now))
