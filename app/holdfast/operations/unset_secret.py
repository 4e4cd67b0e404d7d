"""Unset a secret: one value, or one section, leaves an app's document."""

from __future__ import annotations

from holdfast.domain.names import AppName
from holdfast.domain.operation import Operation
from holdfast.domain.requests import SecretsApplied
from holdfast.domain.secrets_change import without
from holdfast.domain.secrets_values import SecretPath
from holdfast.node.node import Node
from holdfast.operations.change_secrets import change_secrets


def unset_secret(
    node: Node, name: AppName, path: SecretPath, later: bool = False
) -> Operation[SecretsApplied]:
    return change_secrets(node, name, "Unset a secret", lambda before: without(before, path), later)
