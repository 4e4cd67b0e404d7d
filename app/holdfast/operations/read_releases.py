"""The releases of an app, the newest first."""

from __future__ import annotations

from holdfast.domain.app import Release
from holdfast.domain.changes import Change
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.node.inventory import parts_of
from holdfast.node.node import Node
from holdfast.node.sources import changed_files
from holdfast.node.volume import Volume


def read_releases(node: Node, name: AppName) -> Operation[tuple[Release, ...]]:
    def body(cancel: CancelToken) -> Steps[tuple[Release, ...]]:
        yield Step("Read the releases")
        parts = parts_of(node, name)
        return Volume(node, name, parts.uid).contents().releases

    return Operation(f"Read the releases of {name}", target=f"releases/{name}", body=body)


def compare_releases(
    node: Node, name: AppName, before: str, after: str
) -> Operation[tuple[Change, ...]]:
    """The files that differ between two releases' commits."""

    def body(cancel: CancelToken) -> Steps[tuple[Change, ...]]:
        yield Step("Compare the releases")
        parts = parts_of(node, name)
        contents = Volume(node, name, parts.uid).contents()
        for wanted in (before, after):
            if contents.release(wanted) is None:
                raise HoldfastError(
                    f"There is no release {wanted} of {name}.",
                    f"Kept are: {', '.join(release.id for release in contents.releases)}.",
                    "Choose two of them.",
                )
        return changed_files(node, name, parts.uid, before, after)

    return Operation(f"Compare releases of {name}", target=f"releases/{name}", body=body)
