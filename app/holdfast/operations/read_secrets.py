"""Read secrets: an app's document, the one before it, and what the app's code asks for."""

from __future__ import annotations

from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.requests import AppSecrets
from holdfast.node.inventory import parts_of
from holdfast.node.node import Node


def read_secrets(node: Node, name: AppName) -> Operation[AppSecrets]:
    def body(cancel: CancelToken) -> Steps[AppSecrets]:
        yield Step("Read the secrets from the keychain")
        parts_of(node, name)
        return AppSecrets(
            app=name,
            document=node.keys.secrets(name),
            before=node.keys.secrets_before(name),
            keychain=node.keys.label,
        )

    return Operation(f"Read the secrets of {name}", target=f"secrets/{name}", body=body)
