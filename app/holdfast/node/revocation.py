"""Ends an admin's admission to the node's key files, and keeps what is still to be done about it.

What a revoked admin has seen, they know: the volumes' keys, the authorities', the recovery kit and
the proof of origin. All of it is made anew. The order: first the files, so that nothing that is
made afterwards reaches them; then the authorities; then a volume for each app, under a new key.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime

from holdfast.domain import names
from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName
from holdfast.domain.recovery_kit import KitAdmin
from holdfast.domain.secret import Secret
from holdfast.node.age_file import new_identity
from holdfast.node.keys import NodeKeys
from holdfast.node.recovery_kit import check_all_open, with_kit
from holdfast.node.shared_keys import (
    CHANGED_KEY,
    CIPHER,
    NEXT_KEY,
    NODE,
    VOLUME_KEY,
    Renewal,
    Shelf,
)
from holdfast.node.visitor_access import access_marks, renew_authority

_KEY_BYTES = 32


def list_admins(keys: NodeKeys) -> tuple[KitAdmin, ...]:
    """By name. Empty where the node has no recovery kit. Raises NotLetIn."""
    shelf = keys.shared.look()
    if shelf is None:
        return ()
    here = shelf.admin.recipient
    found = [KitAdmin(name, key, key == here) for key, name in shelf.roster.admins.items()]
    if shelf.renewal is not None:
        found.append(KitAdmin(shelf.renewal.revoked, shelf.renewal.recipient, leaving=True))
    return tuple(sorted(found, key=lambda admin: (admin.name, admin.recipient)))


def end_admission(keys: NodeKeys, admin: KitAdmin, apps: Sequence[AppName]) -> Secret | None:
    """From here on nothing that is written reaches the admin. apps: those that have a volume.
    Returns a new kit's identity; None when repeated, where the new kit was confirmed meanwhile.

    Killed on the way, all files open for the others; it is brought to its end by repeating it."""
    shelf = _shelf(keys)
    check_all_open(shelf)
    kit = None
    if shelf.renewal is None:
        kit = new_identity()
        shelf = _drop(keys, shelf, admin, kit, apps)
    elif not shelf.roster.confirmed:
        # nobody has seen the one that was made
        kit = new_identity()
        keys.shared.put_node(replace(shelf, roster=with_kit(shelf.roster, kit, shelf.admin.proof)))
    keys.shared.keep_admin(shelf.admin)
    _give_new_keys(keys)
    shelf = _shelf(keys)
    if shelf.proof_before is not None:
        keys.shared.put_node(replace(shelf, proof_before=None))
    return kit


def apps_to_renew(keys: NodeKeys) -> list[AppName]:
    """Those whose volume the revoked admin's key still opens."""
    shelf = _shelf(keys)
    volumes = shelf.renewal.volumes if shelf.renewal else {}
    files = {app: shelf.open(app) or {} for app in map(AppName, sorted(volumes))}
    return [app for app, kept in files.items() if NEXT_KEY in kept]


def renew_accesses(
    keys: NodeKeys,
    apps: Sequence[AppName],
    now: datetime,
    alone: Callable[[AppName], AbstractContextManager[object]] = nullcontext,
) -> None:
    """New visitors' CAs: the revoked admin could issue certificates of the old ones. The edge has
    to be told. alone: holds an app while its own is written."""
    shelf = _shelf(keys)
    marks = shelf.renewal.accesses if shelf.renewal else {}
    for app in apps:
        if app in marks:
            with alone(app):
                renew_authority(keys, app, marks[app], now)


def next_key(keys: NodeKeys, app: AppName) -> Secret:
    """The key of the volume that will take the place of the app's. All admins have it already."""
    return (_shelf(keys).open(app) or {})[NEXT_KEY]


def take_next(keys: NodeKeys, app: AppName, cipher: str) -> None:
    """From here on the app's volume is `cipher`, under the key that was its next one. The keychain
    learns of it later: it does not count, and may wait for a person."""
    shelf = _shelf(keys)
    files = shelf.open(app) or {}
    kept = {path: file for path, file in files.items() if path not in (NEXT_KEY, CHANGED_KEY)}
    volume = Secret(cipher.encode())
    keys.shared.put(shelf, app, {**kept, VOLUME_KEY: files[NEXT_KEY], CIPHER: volume})


def finish(keys: NodeKeys) -> None:
    """Nothing is left to be done about the revocation."""
    keys.shared.put_node(replace(_shelf(keys), renewal=None))


def _drop(
    keys: NodeKeys, shelf: Shelf, admin: KitAdmin, kit: Secret, apps: Sequence[AppName]
) -> Shelf:
    proof = Secret(secrets.token_hex(_KEY_BYTES).encode())
    # should it be killed after the file is written, this workstation knows both
    keys.shared.keep_admin(replace(shelf.admin, next=proof))
    admins = {key: name for key, name in shelf.roster.admins.items() if key != admin.recipient}
    roster = with_kit(replace(shelf.roster, admins=admins), kit, proof)
    volumes = {str(app): keys.cipher_volume(app) for app in apps}
    marks = access_marks(keys, apps)
    dropped = replace(
        shelf,
        admin=replace(shelf.admin, proof=proof),
        roster=roster,
        renewal=Renewal(admin.name, admin.recipient, volumes, accesses=marks),
        proof_before=shelf.admin.proof,
    )
    keys.shared.put_node(dropped)
    return dropped


def _give_new_keys(keys: NodeKeys) -> None:
    """Write every app's file to those who remain, each with a key for its next volume."""
    shelf = _shelf(keys)
    volumes = shelf.renewal.volumes if shelf.renewal else {}
    for name in sorted(shelf.contents):
        files = shelf.open(name) if name != NODE else None
        if files is None:
            continue
        now = files[CIPHER].reveal().decode() if CIPHER in files else None
        app = AppName(name)
        if volumes.get(name) == (now or names.cipher_volume(app)) and NEXT_KEY not in files:
            files[NEXT_KEY] = Secret(secrets.token_hex(_KEY_BYTES).encode())
        keys.shared.put(shelf, name, files)


def _shelf(keys: NodeKeys) -> Shelf:
    shelf = keys.shared.look()
    if shelf is None:
        raise UsageError(
            "The node has no recovery kit.",
            "Its keys are in this workstation's keychain alone: there is nobody to revoke.",
            "Make a kit first: holdfast kit create",
        )
    return shelf
