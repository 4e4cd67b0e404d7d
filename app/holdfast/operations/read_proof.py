"""What an app's last proof came to, as it is kept on its volume."""

from __future__ import annotations

from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.proof import Proof
from holdfast.node.node import Node
from holdfast.operations.unsealed_volume import unsealed_volume


def read_proof(node: Node, name: AppName) -> Operation[Proof | None]:
    """None for an app of which none was made yet."""

    def body(cancel: CancelToken) -> Steps[Proof | None]:
        yield Step("Read the last proof")
        why = "What its last proof came to lies encrypted in it."
        return unsealed_volume(node, name, why).last_proof()

    return Operation(f"Read the last proof of {name}", target=f"proof/{name}", body=body)
