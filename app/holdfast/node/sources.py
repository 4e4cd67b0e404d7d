"""An app's repository on its volume, as git keeps it: paths, and the texts of some files."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from holdfast.domain import names
from holdfast.domain.names import AppName
from holdfast.node.node import Node

#: Larger files, and more of them, are left unread: this is a look, not a search.
_LARGEST, _MOST = 256 * 1024, 400
_GIT = ("/usr/bin/git", "-c", "safe.directory=*", "--git-dir", "/keys/plain/repository.git")


@dataclass(frozen=True, slots=True)
class Sources:
    """paths: all of the release's commit. texts: of those that were asked for."""

    paths: frozenset[str]
    texts: dict[str, str]


def read_sources(
    node: Node,
    app: AppName,
    uid: int,
    release: str,
    wanted: Callable[[Iterable[str]], list[str]],
) -> Sources:
    """What the commit of a release holds. The app itself cannot change what is read here."""
    mounter, user = names.mounter(app), f"{uid}:{uid}"
    ref = f"refs/holdfast/{release}"
    listed = node.engine.run(mounter, (*_GIT, "ls-tree", "-r", "-l", "-z", ref), user)
    sizes = dict(_entries(listed.output.decode(errors="surrogateescape")))
    small = [path for path in wanted(sizes) if sizes[path] <= _LARGEST][:_MOST]
    if not small:
        return Sources(frozenset(sizes), {})
    archive = ("--literal-pathspecs", "archive", "--format=tar", ref, "--", *small)
    done = node.engine.run(mounter, (*_GIT, *archive), user)
    texts = {}
    with tarfile.open(fileobj=io.BytesIO(done.output)) as packed:
        for member in packed:
            content = packed.extractfile(member) if member.isreg() else None
            if content is not None:
                texts[member.name] = content.read().decode(errors="replace")
    return Sources(frozenset(sizes), texts)


def _entries(listing: str) -> Iterable[tuple[str, int]]:
    """(path, bytes) of `git ls-tree -l -z`: MODE TYPE ID SIZE, a tab, the path."""
    for entry in listing.split("\0"):
        facts, _, path = entry.partition("\t")
        size = facts.split()[-1] if path else ""
        if size.isdigit() and not facts.startswith("120000"):
            yield path, int(size)
