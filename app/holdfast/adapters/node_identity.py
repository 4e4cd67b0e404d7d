"""A node's own identity, kept as a label of a volume on its engine."""

from __future__ import annotations

from uuid import uuid4

from holdfast.domain.names import LABEL_NODE, LABEL_ROLE, NODE_VOLUME
from holdfast.ports import Engine


def node_id(engine: Engine) -> str:
    """The identity that keychain items are filed under; made when it is first asked for."""
    for _ in range(2):
        for name, labels in engine.volumes({LABEL_NODE: ""}):
            if name == NODE_VOLUME:
                return labels[LABEL_NODE]
        # of two at once the engine keeps the first, hence the second look
        engine.create_volume(NODE_VOLUME, {LABEL_ROLE: "node", LABEL_NODE: uuid4().hex[:16]})
    return next(labels[LABEL_NODE] for _, labels in engine.volumes({LABEL_NODE: ""}))
