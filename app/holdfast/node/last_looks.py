"""When repositories were last looked at, by whichever desktop: in the RAM of the edge, which runs
wherever an app does. A repository is named by a digest of its address."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import msgspec

from holdfast.domain import names
from holdfast.domain.container import PushedFile
from holdfast.domain.following import RepositoryLook
from holdfast.domain.stored import Damaged, from_json
from holdfast.node import payloads
from holdfast.node.node import Node
from holdfast.ports import Conflict, NotFound

_FOLDER = "notes/looks"
_READ = ("/bin/sh", "-c", f"cat /keys/{_FOLDER}/* 2>/dev/null")
_USER = f"{payloads.EDGE_UID}:{payloads.EDGE_UID}"


def digest_of(repository: str) -> str:
    return sha256(repository.encode()).hexdigest()


def last_looks(node: Node) -> Mapping[str, RepositoryLook]:
    """By the digests; empty where no edge runs."""
    try:
        done = node.engine.run(names.EDGE, _READ, user=_USER)
    except (NotFound, Conflict):
        return {}
    found = (_look(line) for line in done.output.splitlines())
    return {look.repository: look for look in found if look is not None}


def note_look(node: Node, look: RepositoryLook) -> None:
    """Without an edge it is forgotten."""
    file = PushedFile(f"{_FOLDER}/{look.repository}", msgspec.json.encode(look) + b"\n", 0o600)
    try:
        node.engine.push(names.EDGE, "/keys", [file], payloads.EDGE_UID)
    except (NotFound, Conflict):
        return


def _look(line: bytes) -> RepositoryLook | None:
    """None for one that is just being written, or of another release of Holdfast."""
    try:
        return from_json(RepositoryLook, line)
    except Damaged:
        return None
