"""The volume of an app that an operation reads without asking whether the app ever served."""

from __future__ import annotations

from holdfast.domain.errors import NodeSealed
from holdfast.domain.names import AppName
from holdfast.node.inventory import parts_of
from holdfast.node.node import Node
from holdfast.node.volume import Volume


def unsealed_volume(node: Node, name: AppName, why: str) -> Volume:
    """why: what its key is needed for, a sentence. Raises AppNotFound, NodeSealed."""
    parts = parts_of(node, name)
    if not parts.unsealed:
        raise NodeSealed(
            f"The volume of {name} is sealed.", why, "Unseal the node: holdfast node unseal"
        )
    return Volume(node, name, parts.uid)
