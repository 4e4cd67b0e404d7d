"""Undo: the version of an app's secrets before the last change; a second time, that change."""

from __future__ import annotations

from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName
from holdfast.domain.operation import Operation
from holdfast.domain.requests import SecretsApplied
from holdfast.domain.secret import Secret
from holdfast.node.node import Node
from holdfast.operations.change_secrets import change_secrets


def undo_secrets(node: Node, name: AppName, later: bool = False) -> Operation[SecretsApplied]:
    def change(_: Secret) -> Secret:
        before = node.keys.secrets_before(name)
        if before is None:
            raise UsageError(
                f"There is no earlier version of {name}'s secrets.",
                "They were stored once, or never.",
                "Change them instead: holdfast secrets edit",
            )
        return before

    return change_secrets(node, name, "Undo the secrets", change, later)
