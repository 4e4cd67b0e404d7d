"""Who may visit the apps of the desk in memory: real certificates, of CAs that it makes itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from memory_certificates import authority_row

from holdfast.domain.certificate import CertificateRole, WatchedCertificate
from holdfast.domain.names import AppName
from holdfast.domain.visitor_access import (
    AccessMode,
    IssuedVisitor,
    VisitorAccess,
    parse_visitor,
)
from holdfast.node.visitor_access import KeptAccess, issued, with_mode


class MemoryAccess:
    def __init__(self) -> None:
        self._kept: dict[AppName, KeptAccess] = {}

    def of(self, app: AppName) -> VisitorAccess:
        return self._read(app).facts

    def choose(self, app: AppName, mode: AccessMode) -> VisitorAccess:
        self._kept[app] = with_mode(self._read(app), mode, datetime.now(UTC))
        return self.of(app)

    def issue(self, app: AppName, name: str, days: int) -> IssuedVisitor:
        given = parse_visitor(name, days)
        self._kept[app], made = issued(self._read(app), given, days, datetime.now(UTC))
        return made

    def revoke(self, app: AppName, wanted: str) -> VisitorAccess:
        kept = self._read(app)
        facts = kept.facts.with_revoked(kept.facts.find(wanted), datetime.now(UTC))
        self._kept[app] = replace(kept, facts=facts)
        return facts

    def authorities(self) -> list[WatchedCertificate]:
        return [
            replace(authority_row(CertificateRole.ACCESS_CA, made.certificate, made.root), app=app)
            for app, kept in sorted(self._kept.items())
            if (made := kept.authority) is not None
        ]

    def forget(self, app: AppName) -> None:
        self._kept.pop(app, None)

    def _read(self, app: AppName) -> KeptAccess:
        return self._kept.get(app, KeptAccess(VisitorAccess(app)))
