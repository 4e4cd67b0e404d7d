"""The releases of an app, the newest first."""

from __future__ import annotations

from holdfast.domain.app import Release
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.node.inventory import parts_of
from holdfast.node.node import Node
from holdfast.node.volume import Volume


def read_releases(node: Node, name: AppName) -> Operation[tuple[Release, ...]]:
    def body(cancel: CancelToken) -> Steps[tuple[Release, ...]]:
        yield Step("Read the releases")
        parts = parts_of(node, name)
        return Volume(node, name, parts.uid).contents().releases

    return Operation(f"Read the releases of {name}", target=f"releases/{name}", body=body)
