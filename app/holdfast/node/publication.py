"""Where the node's edge shall listen, kept among the items that all of its admins have."""

from __future__ import annotations

from contextlib import suppress

from holdfast.domain.errors import HoldfastError
from holdfast.domain.publication import Publication
from holdfast.domain.secret import Secret
from holdfast.domain.stored import Damaged, from_json, to_json
from holdfast.node.keys import EDGE, NodeKeys

_ITEM = f"{EDGE}publication"


def wanted_publication(keys: NodeKeys) -> Publication:
    """The loopback, where nothing else was chosen. Raises KeychainError."""
    kept = keys.shared_items().get(_ITEM) or keys.stored(_ITEM)
    if kept is not None:
        # what cannot be read is not published
        with suppress(Damaged):
            return from_json(Publication, kept.reveal())
    return Publication()


def proposed_publication(keys: NodeKeys) -> Publication:
    """The same for a proposal, which needs no keychain."""
    with suppress(HoldfastError):
        return wanted_publication(keys)
    return Publication()


def keep_publication(keys: NodeKeys, publication: Publication) -> None:
    keys.publish({_ITEM: Secret(to_json(publication).encode())})
