"""The recovery kit: made, proven, and used to let another workstation in."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace

from holdfast.domain.errors import HoldfastError, NotLetIn, ProofUnknown, UsageError
from holdfast.domain.names import AppName
from holdfast.domain.recovery_kit import KitOpened, KitState, KitStatus
from holdfast.domain.secret import Secret
from holdfast.node.age_file import WrongIdentity, decrypt, new_identity, recipient_of
from holdfast.node.keys import NodeKeys
from holdfast.node.shared_keys import (
    NODE,
    VOLUME_KEY,
    Admin,
    Roster,
    Shelf,
    not_ours,
    open_file,
    proof_in,
    read_node,
)


def kit_status(keys: NodeKeys) -> KitStatus:
    try:
        shelf = keys.shared.look()
    except (NotLetIn, ProofUnknown):
        return KitStatus(KitState.FOREIGN)
    if shelf is None:
        return KitStatus(KitState.MISSING)
    state = KitState.CONFIRMED if shelf.roster.confirmed else KitState.UNCONFIRMED
    return KitStatus(state, shelf.roster.kit, tuple(sorted(shelf.roster.admins.values())))


def create_kit(keys: NodeKeys, by: str, apps: Sequence[AppName], another: bool) -> Secret:
    """A new kit's identity, which is kept nowhere. by: whose this workstation is. another: also
    where one was confirmed, which then opens nothing that is written from now on."""
    shelf = keys.shared.look()
    if shelf is not None and shelf.roster.confirmed and not another:
        raise UsageError(
            "The node has a recovery kit, and it was confirmed.",
            "What a kit is made of is shown once.",
            "Make another with --replace. The old one goes on opening every volume that exists.",
        )
    kit = new_identity()
    recipient = recipient_of(kit)
    if shelf is None:
        admin = keys.shared.enlist()
        roster = Roster(recipient, False, {admin.recipient: by}, _kit_proof(kit, admin.proof))
        shelf = Shelf({}, admin, roster, keys.kept_items())
    else:
        check_all_open(shelf)
        shelf = replace(shelf, roster=with_kit(shelf.roster, kit, shelf.admin.proof))
    # from here on whatever is written is written to the new kit; then what was there before
    keys.shared.put_node(shelf)
    rewrite(keys, shelf.admin.identity)
    keys.catch_up(lambda: apps)
    return kit


def check_kit(keys: NodeKeys, identity: Secret, apps: Sequence[AppName]) -> KitOpened:
    """Open everything with the kit, and remember that it is in good hands. What it could not
    open, because a workstation was stopped half way, is written to it anew."""
    shelf = keys.shared.look()
    if shelf is None:
        raise _no_kit()
    if shelf.roster.kit != recipient_of(identity):
        raise _another_kit()
    keys.catch_up(lambda: apps)
    contents = keys.shared.files.read()
    shut = [name for name in contents if not _opens(name, contents[name], identity)]
    if shut:
        rewrite(keys, shelf.admin.identity)
        contents = keys.shared.files.read()
    _check_complete(contents, identity, apps)
    if not shelf.roster.confirmed:
        _confirm(keys, shelf.roster.kit)
    return KitOpened(shelf.roster.kit, tuple(sorted(apps)))


def open_kit(keys: NodeKeys, identity: Secret, by: str, apps: Sequence[AppName]) -> KitOpened:
    """Let this workstation in: from now on it opens with an identity of its own whatever the node
    keeps. Repeating it is no error, and brings to an end what was interrupted."""
    contents = keys.shared.files.read()
    proof = proof_in(_open_node(contents, identity))
    opened = open_file(NODE, contents[NODE], identity, [proof])
    roster = read_node(contents, Admin(identity, proof), opened).roster
    if roster.kit != recipient_of(identity):
        # an admin's own identity opens the file too, and proves nothing of the kit
        raise _another_kit()
    if not hmac.compare_digest(roster.kit_proof, _kit_proof(identity, proof)):
        # encrypted to the kit's public half by somebody who knows no more of it
        raise not_ours(NODE)
    admin = keys.shared.enlist(proof)
    admins = {**roster.admins, admin.recipient: by}
    # whoever can open it has it
    let_in = replace(roster, confirmed=True, admins=admins)
    keys.shared.put_node(replace(read_node(contents, admin, opened), roster=let_in))
    rewrite(keys, identity)
    keys.catch_up(lambda: apps)
    _check_complete(keys.shared.files.read(), identity, apps)
    return KitOpened(roster.kit, tuple(sorted(apps)))


def check_identity(keys: NodeKeys, identity: Secret) -> None:
    """Raises UsageError for one that is not this node's kit."""
    contents = keys.shared.files.read()
    opened = _open_node(contents, identity)
    shelf = read_node(contents, Admin(identity, proof_in(opened)), opened)
    if shelf.roster.kit != recipient_of(identity):
        raise _another_kit()


def _kit_proof(kit: Secret, proof: Secret) -> str:
    return hmac.new(kit.reveal(), proof.reveal(), "sha256").hexdigest()


def _open_node(contents: Mapping[str, bytes], identity: Secret) -> dict[str, Secret]:
    if NODE not in contents:
        raise _no_kit()
    try:
        return decrypt(NODE, contents[NODE], identity)
    except WrongIdentity:
        raise _another_kit() from None


def rewrite(keys: NodeKeys, identity: Secret) -> None:
    """Write every app's file again, to all who may open it now. identity: one that opens them."""
    shelf = keys.shared.look()
    assert shelf is not None
    for name in sorted(shelf.contents):
        files = shelf.open(name, identity) if name != NODE else None
        if files is not None:
            keys.shared.put(shelf, name, files)


def check_all_open(shelf: Shelf) -> None:
    """A file that is not opened here could not be written to a new kit, when the old one counts
    no more. Raises WrongIdentity."""
    for name in shelf.contents:
        if name != NODE:
            shelf.open(name)


def with_kit(roster: Roster, kit: Secret, proof: Secret) -> Roster:
    """With a new kit, which nobody has proven to have."""
    kit_proof = _kit_proof(kit, proof)
    return replace(roster, kit=recipient_of(kit), confirmed=False, kit_proof=kit_proof)


def _confirm(keys: NodeKeys, kit: str) -> None:
    shelf = keys.shared.look()
    assert shelf is not None
    if shelf.roster.kit != kit:
        # another one was made meanwhile, which nobody has proven
        raise _another_kit()
    confirmed = replace(shelf.roster, confirmed=True)
    keys.shared.put_node(replace(shelf, roster=confirmed))


def _opens(name: str, content: bytes, identity: Secret) -> bool:
    try:
        decrypt(name, content, identity)
    except WrongIdentity:
        return False
    return True


def _check_complete(
    contents: Mapping[str, bytes], identity: Secret, apps: Sequence[AppName]
) -> None:
    missing = [
        app
        for app in apps
        if app not in contents or VOLUME_KEY not in decrypt(app, contents[app], identity)
    ]
    if missing:
        raise HoldfastError(
            f"The recovery kit does not open {', '.join(missing)}.",
            "The volume's key is on the workstation alone from which the app was deployed.",
            "Unseal the node from there, then check the kit again.",
        )


def _no_kit() -> HoldfastError:
    return HoldfastError(
        "The node has no recovery kit.",
        "There is nothing on it that a kit could open.",
        "Make one from a workstation that holds the node's keys: holdfast kit create",
    )


def _another_kit() -> UsageError:
    return UsageError(
        "This recovery kit is not this node's.",
        "Its identity is whole, and opens nothing here: it is another node's, or was replaced.",
        "Look for the page that names this node. Nothing was changed.",
    )
