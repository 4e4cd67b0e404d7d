"""What hides an app's secrets in all that is shown of it."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.domain.masking import Mask, texts
from holdfast.domain.names import AppName
from holdfast.domain.secrets_document import tree_of
from holdfast.node.keys import NodeKeys


def app_mask(keys: NodeKeys, app: AppName) -> Mask:
    """Of the app's secrets, and of the version before them. Raises KeychainError: what cannot be
    hidden is not shown."""
    return Mask(_values(keys, app))


def _values(keys: NodeKeys, app: AppName) -> Iterator[str]:
    for document in (keys.secrets(app), keys.secrets_before(app)):
        if document is not None:
            yield from texts(tree_of(document))
