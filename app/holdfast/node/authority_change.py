"""New authorities in the place of the old, while edge and sidecars go on serving.

Three steps, each told to all of them before the next begins: both sides trust the new ones too;
both show certificates of the new ones; both trust the new ones alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError
from holdfast.domain.operation import Line, Steps
from holdfast.domain.secret import Secret
from holdfast.node.authorities import EDGE, SIDECARS, VISITORS
from holdfast.node.certificates import new_edge_authority, new_sidecars_authority, to_secret
from holdfast.node.edge import update_edge
from holdfast.node.inventory import AppParts, all_parts
from holdfast.node.keys import FORMER, NEXT, NodeKeys
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.serving import reload_sidecar

_TOLD = (
    "They trust the new authorities too.",
    "Their certificates are of the new authorities.",
    "They trust the new authorities alone.",
)


def change_authorities(node: Node) -> Steps[None]:
    """Begins where it was interrupted. Raises AppBusy for an app that is being worked on."""
    done = _done(node.keys)
    if done:
        # the last step may not have reached everybody
        _tell_all(node)
    for step, told in list(enumerate(_TOLD))[done:]:
        _write(node, step)
        _tell_all(node)
        yield Line(told)


def _done(keys: NodeKeys) -> int:
    shelf = keys.shared.look()
    return shelf.renewal.authorities if shelf and shelf.renewal else len(_TOLD)


def _write(node: Node, step: int) -> None:
    shelf = node.keys.shared.look()
    if shelf is None or shelf.renewal is None:
        return
    known = _with_step(shelf.node, step, node.clock.now())
    renewal = replace(shelf.renewal, authorities=step + 1)
    node.keys.shared.put_node(replace(shelf, node=known, renewal=renewal))
    node.keys.keep_authorities(known)


def _with_step(known: Mapping[str, Secret], step: int, now: datetime) -> dict[str, Secret]:
    changed = dict(known)
    makers = {SIDECARS: new_sidecars_authority, EDGE: new_edge_authority}
    for item, make in makers.items():
        if step == 0:
            changed[item + NEXT] = to_secret(make(now))
        elif step == 1:
            changed[item + FORMER] = changed[item]
            changed[item] = changed.pop(item + NEXT)
        else:
            changed.pop(item + FORMER, None)
    if step == 1:
        # the next change of the edge makes another, for the same domains
        changed.pop(VISITORS, None)
    return changed


def _tell_all(node: Node) -> None:
    for parts in all_parts(node):
        with holding(node, parts.name, "renew certificates"):
            _tell(node, next(now for now in all_parts(node) if now.name == parts.name))
    update_edge(node, {})


def _tell(node: Node, parts: AppParts) -> None:
    current = node.engine.image_id(node.images.node_image)
    for sidecar in parts.by_role("proxy"):
        if sidecar.state != "running":
            continue
        if sidecar.image != current:
            raise HoldfastError(
                f"{parts.name} was started by another release of Holdfast.",
                "Its sidecar cannot take new certificates while it serves.",
                f"Restart it, then try again: holdfast app restart {parts.name}",
            )
        release = sidecar.labels[names.LABEL_RELEASE]
        reload_sidecar(node, parts.name, release, parts.uid, parts.port)
