"""Revoking an admin: what it will do, and what it leaves to the owner."""

from __future__ import annotations

from holdfast.domain.recovery_kit import KitAdmin, Revoked
from holdfast.presenters.confirmation import Confirmation
from holdfast.presenters.notices import Notice

HERE, LEAVING = "this workstation", "revocation not finished"
STILL_TO_DO = "Only you can do the rest"
REVOKE = "Revoke…"
ADMINS = "Who can open the node's keys"
NEW_KIT = Notice(
    "The new recovery kit is made",
    "Keep its page now: should this workstation be lost before all volumes are copied, nothing "
    "else opens them.",
    "Show the kit",
)
KEPT = "The page of the new kit is here until you confirm it."


def confirmation(admin: KitAdmin) -> Confirmation:
    return Confirmation(
        "Revoke",
        admin.name,
        "What will happen",
        "The node has to be unsealed. What they have seen, they know.",
    )


def what_will_happen(admin: KitAdmin) -> tuple[tuple[str, str], ...]:
    """(what, detail) of each thing."""
    return (
        (
            f"The node's key files leave {admin.name} out",
            "A new recovery kit is made in the same moment. Other admins are let in again with it.",
        ),
        (
            "Edge, apps and visitors get new authorities",
            "Visitors have to trust a new CA afterwards, and those who come with a client "
            "certificate need another one.",
        ),
        (
            "Every volume is copied under a new key",
            "Apps serve meanwhile; each is started anew once, and open pages connect again. The "
            "disk needs room for a second copy of the largest.",
        ),
        (
            "The old volumes are deleted",
            "An interrupted revocation is finished by repeating it.",
        ),
    )


def admin_note(admin: KitAdmin) -> str:
    if admin.here:
        return HERE
    return LEAVING if admin.leaving else ""


def revoked_sentence(revoked: Revoked) -> str:
    return (
        f"{revoked.admin} was revoked: the key files, the authorities and every volume have new"
        " keys, and the old volumes are gone."
    )


def still_to_do(revoked: Revoked) -> tuple[str, ...]:
    """What no program can do, the most urgent first."""
    who = revoked.admin
    return (
        f"Take the engine away from {who}: their account on its machine and their SSH keys."
        " Whoever may use the engine is root there, and reads what is unsealed.",
        f"Change the secrets' values where they come from: {who} has seen them. Passwords, tokens"
        " and client certificates go on working until their issuer ends them. So do the deploy"
        " keys and tokens of private repositories, and certificates of your own.",
        "Keep the new recovery kit and destroy the old one: it opens nothing that is on the node"
        " now, and everything in a copy of before.",
        "Let the other admins in again with the new kit: holdfast kit open",
        f"Have visitors trust the new CA, and the old one no more: {revoked.ca_certificate}",
        *(
            f"Issue the certificates of {app}'s visitors anew: what they have opens it no more"
            f" ({', '.join(visitors)})"
            for app, visitors in revoked.visitors.items()
        ),
    )


def tasks_as_parts(revoked: Revoked) -> tuple[tuple[str, str], ...]:
    """(headline, detail) of each thing that is still to do."""
    parts = (task.partition(": ") for task in still_to_do(revoked))
    return tuple((head, detail[:1].upper() + detail[1:]) for head, _, detail in parts)
