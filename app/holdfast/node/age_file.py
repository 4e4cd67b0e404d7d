"""The format of what a node keeps for its admins: a tar archive of small files, encrypted by age.

`age --decrypt --identity KIT NAME.age | tar --extract` brings them forth as NAME/FILE, so that
whoever has the kit needs nothing of ours. https://age-encryption.org/v1
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.secret import Secret

if TYPE_CHECKING:
    from pyrage import x25519

_PREFIX = "AGE-SECRET-KEY-1"


class WrongIdentity(HoldfastError):
    """The file was not encrypted to this identity, or is damaged: age tells no difference."""


def new_identity() -> Secret:
    return Secret(str(_age().x25519.Identity.generate()).encode())


def recipient_of(identity: Secret) -> str:
    """The public half, to which others encrypt."""
    return str(_load(identity).to_public())


def parse_identity(text: bytes) -> Secret:
    """The one identity in what a person typed, or in the page that came with it: lines that
    begin with # are comments. Raises UsageError, which quotes nothing of it."""
    lines = (line.strip() for line in text.decode(errors="replace").splitlines())
    said = [line for line in lines if line and not line.startswith("#")]
    typed = "".join("".join(said).split()).upper()
    identity = Secret(typed.encode())
    try:
        _load(identity)
    except _age().IdentityError:
        pass
    else:
        return identity
    # outside of the except clause: a parser's error may quote what it could not read
    begins = typed.startswith(_PREFIX)
    raise UsageError(
        "This is not the recovery kit's identity.",
        "It has a wrong, missing or additional character: its own checksum says so."
        if begins
        else f"An identity is one line that begins with {_PREFIX}.",
        "Compare it with your printed or saved copy, character by character. Nothing was changed.",
    )


def encrypt(name: str, files: Mapping[str, Secret], recipients: Sequence[str]) -> bytes:
    """files: by their path below the folder `name`."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, content in sorted(files.items()):
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size, entry.mode = len(content.reveal()), 0o600
            archive.addfile(entry, io.BytesIO(content.reveal()))
    to = [_age().x25519.Recipient.from_str(recipient) for recipient in recipients]
    return bytes(_age().encrypt(packed.getvalue(), to))


def decrypt(name: str, content: bytes, identity: Secret) -> dict[str, Secret]:
    """The files, by their path below `name`. Raises WrongIdentity, also for another's file."""
    try:
        files = _unpack(name, _age().decrypt(content, [_load(identity)]))
    except (_age().DecryptError, tarfile.TarError):
        # whoever knows a recipient can encrypt to it what is no archive
        files = {}
    if not files:
        raise WrongIdentity(
            f"The node's key file of {name} cannot be opened.",
            "It was not encrypted to the identity that was tried, or it is damaged.",
            "Use the kit of this node: holdfast kit open",
        )
    return files


def _unpack(name: str, packed: bytes) -> dict[str, Secret]:
    files: dict[str, Secret] = {}
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            inside, _, path = member.name.partition("/")
            entry = archive.extractfile(member) if member.isreg() else None
            if inside == name and entry is not None:
                files[path] = Secret(entry.read())
    return files


def _load(identity: Secret) -> x25519.Identity:
    loaded: x25519.Identity = _age().x25519.Identity.from_str(identity.reveal().decode())
    return loaded


@cache
def _age() -> ModuleType:
    # a megabyte, which a node without a recovery kit has no use for
    return import_module("pyrage")
