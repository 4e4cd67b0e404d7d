"""Gives an app's volume another key: gocryptfs encrypts the master key anew under it, and no file.

The key is kept before the volume is given it, beside the one of now, and takes that one's place
afterwards. Killed in between, whatever opens the volume tries both, and repeating it goes on.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret
from holdfast.node import payloads
from holdfast.node.full_disk import full_disk, tells_full_disk
from holdfast.node.inventory import AppParts
from holdfast.node.keys import NodeKeys
from holdfast.node.node import Node
from holdfast.node.scripts import SCRIPTS
from holdfast.node.volume import Volume, key_files

_KEY_BYTES = 32
_COMMAND = (f"{SCRIPTS}/volume.sh", "change-key")
_UNKNOWN = 64


def key_to_be(keys: NodeKeys, app: AppName) -> Secret:
    """A new key for the app's volume, which is kept by now; that of a change that was cut short,
    if there is one."""
    present, begun = keys.opening_keys(app)
    if begun is not None and begun != present:
        return begun
    made = Secret(secrets.token_hex(_KEY_BYTES).encode())
    keys.keep_changed_key(app, made)
    return made


def give_key(node: Node, parts: AppParts, changed: Secret) -> None:
    """Let `changed` open the volume, and its key of before no more. Repeating it is no error."""
    present, _ = node.keys.opening_keys(parts.name)
    with _at_volume(node, parts) as container:
        node.engine.push(container, "/keys", key_files(present, changed), parts.uid)
        done = node.engine.run(container, _COMMAND)
    if done.exit_code == _UNKNOWN:
        raise HoldfastError(
            f"The key of {parts.name} cannot be changed while its volume is open.",
            "It was opened by an earlier release of Holdfast, which knows no such change.",
            "Seal the node and unseal it, then try again.",
        )
    words = done.error.decode(errors="replace").strip()
    if tells_full_disk(words):
        raise full_disk(node.engine)
    if done.exit_code:
        raise HoldfastError(
            f"The key of {parts.name} could not be changed.",
            words[-400:] or "gocryptfs gave no reason.",
            "The volume opens all the same. Check it with: holdfast volume verify",
        )


@contextmanager
def _at_volume(node: Node, parts: AppParts) -> Iterator[str]:
    """A container that sees the app's ciphertext: its mounter, which needs the new key too, should
    it mount anew; of a sealed volume, one of its own."""
    app = parts.name
    if parts.unsealed:
        if not Volume(node, app, parts.uid).is_mounted():
            raise HoldfastError(
                f"The volume of {app} does not answer.",
                "Its mounter runs, and what it mounted is gone.",
                f"Unseal it, then try again: holdfast node unseal --app {app}",
            )
        yield names.mounter(app)
        return
    cipher = node.keys.cipher_volume(app)
    part = payloads.rekeyer(app, parts.uid, node.images.node_image, cipher)
    with node.held(part):
        yield part.container.name
