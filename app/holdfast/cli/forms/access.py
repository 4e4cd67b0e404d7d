"""Who may visit an app, as JSON."""

from __future__ import annotations

from datetime import UTC, datetime

from holdfast.cli.forms.form import Form, moment
from holdfast.domain.names import AppName
from holdfast.domain.visitor_access import IssuedVisitor, VisitorAccess


def access_form(access: VisitorAccess) -> Form:
    now = datetime.now(UTC)
    return {
        "app": access.app,
        "mode": access.mode.value,
        "visitors": [
            {
                "name": visitor.name,
                "serial": visitor.serial,
                "not_after": moment(visitor.not_after),
                "revoked": moment(visitor.revoked),
                "state": access.state(visitor, now).value,
            }
            for visitor in access.visitors
        ],
    }


def issued_form(app: AppName, made: IssuedVisitor, saved: str) -> Form:
    """The passphrase is told here alone: nobody could open the file otherwise."""
    return {
        "app": app,
        "name": made.visitor.name,
        "serial": made.visitor.serial,
        "not_after": moment(made.visitor.not_after),
        "saved": saved,
        "passphrase": made.passphrase.reveal().decode(),
    }
