"""Set a secret: one value of an app's document, the rest of it as it was."""

from __future__ import annotations

from holdfast.domain.names import AppName
from holdfast.domain.operation import Operation
from holdfast.domain.requests import SecretsApplied
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_change import with_value
from holdfast.domain.secrets_values import SecretPath
from holdfast.node.node import Node
from holdfast.operations.change_secrets import change_secrets


def set_secret(
    node: Node, name: AppName, path: SecretPath, value: Secret, toml: bool, later: bool = False
) -> Operation[SecretsApplied]:
    """toml: the value is spelled in TOML; otherwise it is a text."""
    return change_secrets(
        node,
        name,
        "Set a secret",
        lambda before: with_value(before, path, value, toml),
        later,
    )
