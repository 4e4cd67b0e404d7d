"""What an app's last proof came to, as it is kept on its volume."""

from __future__ import annotations

from holdfast.domain.errors import NodeSealed
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.proof import Proof
from holdfast.node.inventory import parts_of
from holdfast.node.node import Node
from holdfast.node.volume import Volume


def read_proof(node: Node, name: AppName) -> Operation[Proof | None]:
    """None for an app of which none was made yet."""

    def body(cancel: CancelToken) -> Steps[Proof | None]:
        yield Step("Read the last proof")
        parts = parts_of(node, name)
        if not parts.unsealed:
            raise NodeSealed(
                f"The volume of {name} is sealed.",
                "What its last proof came to lies encrypted in it.",
                "Unseal the node: holdfast node unseal",
            )
        return Volume(node, name, parts.uid).last_proof()

    return Operation(f"Read the last proof of {name}", target=f"proof/{name}", body=body)
