"""Trust the CA: this user's browsers take the node's visitors' certificates from now on."""

from __future__ import annotations

from holdfast.domain.certificate import Trusted
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.node.node import Node
from holdfast.operations.read_certificates import export_authority


def trust_authority(node: Node) -> Operation[Trusted]:
    def body(cancel: CancelToken) -> Steps[Trusted]:
        authority = yield from export_authority(node).body(cancel)
        yield Step("Let this user's browsers trust it")
        return node.browsers.trust(authority.subject, authority.pem.encode())

    return Operation("Trust the CA", target="certificates", body=body)
