"""Import secrets: a whole document in the place of the one that is there, or joined to it."""

from __future__ import annotations

from holdfast.domain.names import AppName
from holdfast.domain.operation import Operation
from holdfast.domain.requests import SecretsApplied
from holdfast.domain.secrets_change import merge
from holdfast.domain.secrets_document import parse
from holdfast.node.node import Node
from holdfast.operations.change_secrets import change_secrets


def import_secrets(
    node: Node, name: AppName, document: str | bytes, add: bool, later: bool = False
) -> Operation[SecretsApplied]:
    """add: keep what is there and overwrite what the document names; otherwise replace all.
    Raises UsageError, without any value, for a document that is not TOML."""
    parsed = parse(document)
    return change_secrets(
        node,
        name,
        "Import the secrets",
        lambda before: merge(before, parsed) if add else parsed,
        later,
    )
