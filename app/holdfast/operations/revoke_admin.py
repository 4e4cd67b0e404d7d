"""Revoke an admin: nothing that the node keeps from now on opens with what they have."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.domain.errors import NodeSealed
from holdfast.domain.names import KEYS_LOCK, AppName
from holdfast.domain.operation import CancelToken, Fact, Line, Operation, Step, Steps
from holdfast.domain.recovery_kit import KIT_LANE, Kit, KitAdmin, Revoked, choose_admin
from holdfast.node.authority_change import change_authorities
from holdfast.node.inventory import all_parts
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.revocation import (
    apps_to_renew,
    end_admission,
    finish,
    list_admins,
    renew_accesses,
)
from holdfast.node.visitor_access import read_accesses
from holdfast.node.volume import Volume
from holdfast.operations.recovery_kit import kit_of
from holdfast.operations.reencrypt_volume import drop_former, reencrypt


def read_admins(node: Node) -> Operation[tuple[KitAdmin, ...]]:
    title = "Look at who can open the node's files"

    def body(cancel: CancelToken) -> Steps[tuple[KitAdmin, ...]]:
        yield Step(title)
        return list_admins(node.keys)

    return Operation(title, target="admins", body=body)


def revoke_admin(node: Node, wanted: str) -> Operation[Revoked]:
    """wanted: a name of the list, or the beginning of a recipient. Visitors are served all the
    while. Publishes the new Kit as soon as it counts. Interrupted, it is finished by repeating it,
    from here or from a workstation that was let in with that kit."""

    def body(cancel: CancelToken) -> Steps[Revoked]:
        yield from node.images.ensure_node_image(cancel)
        yield Step("Look at who can open the node's files")
        with holding(node, KEYS_LOCK, "revoke"):
            node.keys.catch_up(lambda: _apps(node))
            admin = choose_admin(list_admins(node.keys), wanted)
            _check_unsealed(node)
            yield Step(f"Write the node's keys to all but {admin.name}")
            identity = end_admission(node.keys, admin, _apps(node))
            kit = kit_of(node, identity) if identity is not None else None
            if kit is not None:
                # should this workstation be lost on the way, nothing else opens what there is
                yield Fact(kit)
            yield Step("Change the authorities")
            # the edge is told of them with the others
            renew_accesses(
                node.keys,
                _apps(node),
                node.clock.now(),
                lambda app: holding(node, app, "renew its visitors' CA"),
            )
            yield from change_authorities(node)
            yield from _change_volumes(node, cancel)
            finish(node.keys)
        return _revoked(node, admin, kit)

    return Operation(f"Revoke {wanted}", target=KIT_LANE, body=body)


def _change_volumes(node: Node, cancel: CancelToken) -> Steps[None]:
    there = _apps(node)
    waiting = [app for app in apps_to_renew(node.keys) if app in there]
    for number, app in enumerate(waiting, 1):
        with holding(node, app, "re-encrypt"):
            yield from reencrypt(node, app, cancel)
        yield Line(f"{app}: its volume has a new key ({number} of {len(waiting)})")
    for app in there:
        drop_former(node, app)


def _check_unsealed(node: Node) -> None:
    sealed = [
        parts.name
        for parts in all_parts(node)
        if not (parts.unsealed and Volume(node, parts.name, parts.uid).is_mounted())
    ]
    if sealed:
        raise NodeSealed(
            f"{', '.join(sealed)}: sealed.",
            "What an admin could open is copied under a new key, and has to be open for that.",
            "Unseal the node, then try again: holdfast node unseal",
        )


def _apps(node: Node) -> list[AppName]:
    return [parts.name for parts in all_parts(node)]


def _revoked(node: Node, admin: KitAdmin, kit: Kit | None) -> Revoked:
    apps = tuple(_apps(node))
    return Revoked(admin.name, kit, apps, str(node.ca_file), _ended(node, apps))


def _ended(node: Node, apps: Sequence[AppName]) -> dict[AppName, tuple[str, ...]]:
    now = node.clock.now()
    found = {
        app: tuple(each.name for each in kept.facts.ended() if each.not_after > now)
        for app, kept in read_accesses(node.keys, apps).items()
    }
    return {app: visitors for app, visitors in found.items() if visitors}
