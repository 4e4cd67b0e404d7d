"""Edit secrets: the document that an editor was given becomes the one that it gave back."""

from __future__ import annotations

from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import Operation
from holdfast.domain.requests import SecretsApplied
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_document import parse
from holdfast.node.node import Node
from holdfast.operations.change_secrets import change_secrets


class SecretsChangedMeanwhile(HoldfastError):
    """Somebody else stored secrets of the app while they were edited here."""


def edit_secrets(
    node: Node, name: AppName, before: Secret, after: Secret, later: bool = False
) -> Operation[SecretsApplied]:
    """Raises SecretsChangedMeanwhile, and stores nothing, unless `before` is still there."""
    parsed = parse(after.reveal())

    def change(there: Secret) -> Secret:
        if there != before:
            raise SecretsChangedMeanwhile(
                f"The secrets of {name} were changed meanwhile.",
                "Somebody stored others while these were edited; nothing of theirs was lost.",
                "Read them anew and make your changes there.",
            )
        return parsed

    return change_secrets(node, name, "Save the secrets", change, later)
