"""The recovery kit as JSON, and who can open the node's keys."""

from __future__ import annotations

from collections.abc import Iterable

from holdfast.cli.forms.form import Form
from holdfast.domain.recovery_kit import Kit, KitAdmin, KitOpened, Revoked
from holdfast.presenters.revocation import still_to_do


def kit_form(kit: Kit, saved: str | None) -> Form:
    """The identity is told where it was not saved: nobody could have it otherwise."""
    return {
        "recipient": kit.recipient,
        "identity": None if saved else kit.identity.reveal().decode(),
        "saved": saved,
    }


def kit_opened_form(opened: KitOpened) -> Form:
    return {"recipient": opened.recipient, "apps": list(opened.apps)}


def admins_form(admins: Iterable[KitAdmin]) -> Form:
    return {
        "admins": [
            {
                "name": admin.name,
                "recipient": admin.recipient,
                "here": admin.here,
                "leaving": admin.leaving,
            }
            for admin in admins
        ]
    }


def revoked_form(revoked: Revoked, saved: str | None) -> Form:
    """kit: null where the one that there is was confirmed already."""
    return {
        "admin": revoked.admin,
        "apps": list(revoked.apps),
        "kit": kit_form(revoked.kit, saved) if revoked.kit else None,
        "ca_certificate": revoked.ca_certificate,
        "visitors": {app: list(names) for app, names in revoked.visitors.items()},
        "still_to_do": list(still_to_do(revoked)),
    }
