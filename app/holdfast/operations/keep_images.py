"""A keeper's duty: after an upgrade of Holdfast, make the image that its operations need."""

from __future__ import annotations

from holdfast.domain.operation import CancelToken, Steps
from holdfast.node.inventory import all_parts
from holdfast.node.node import Node


class KeepImages:
    def __init__(self, node: Node) -> None:
        self._node = node

    def steps(self, cancel: CancelToken) -> Steps[None]:
        """What runs keeps the image that it was begun with. An engine without apps is left alone:
        its node is started first."""
        if all_parts(self._node):
            yield from self._node.images.ensure_node_image(cancel)
