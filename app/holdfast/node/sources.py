"""An app's repository on its volume, as git keeps it: paths, and the texts of some files."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from holdfast.domain import names
from holdfast.domain.changes import Change, parse_changes
from holdfast.domain.names import AppName
from holdfast.node.node import Node
from holdfast.ports import command_refused

#: Larger files, and more of them, are left unread: this is a look, not a search.
_LARGEST, _MOST = 256 * 1024, 400
_GIT = ("/usr/bin/git", "-c", "safe.directory=*", "--git-dir", "/keys/plain/repository.git")


@dataclass(frozen=True, slots=True)
class Sources:
    """paths: all of the release's commit. texts: of those files that were asked for."""

    paths: frozenset[str]
    texts: dict[str, str]


def read_sources(
    node: Node,
    app: AppName,
    uid: int,
    release: str,
    wanted: Callable[[Iterable[str]], list[str]],
) -> Sources:
    """What the commit of a release holds. The app itself cannot change what is read here. Raises
    EngineError."""
    ref = f"refs/holdfast/{release}"
    entries = list(_entries(_git(node, app, uid, "ls-tree", "-r", "-l", "-z", ref)))
    paths = frozenset(path for path, _ in entries)
    small = worth_a_look({path: size for path, size in entries if size is not None}, wanted)
    if not small:
        return Sources(paths, {})
    archive = ("--literal-pathspecs", "archive", "--format=tar", ref, "--", *small)
    texts = {}
    with tarfile.open(fileobj=io.BytesIO(_git(node, app, uid, *archive))) as packed:
        for member in packed:
            content = packed.extractfile(member) if member.isreg() else None
            if content is not None:
                texts[member.name] = content.read().decode(errors="replace")
    return Sources(paths, texts)


def worth_a_look(
    sizes: Mapping[str, int], wanted: Callable[[Mapping[str, int]], list[str]], most: int = _MOST
) -> list[str]:
    """What of those that are wanted is small enough, and few enough. sizes: bytes by path."""
    readable = {path: size for path, size in sizes.items() if _is_unicode(path)}
    return [path for path in wanted(readable) if sizes[path] <= _LARGEST][:most]


def read_text(node: Node, app: AppName, uid: int, release: str, path: str) -> str:
    """One file of a release's commit. Raises EngineError."""
    shown = _git(node, app, uid, "cat-file", "blob", f"refs/holdfast/{release}:{path}")
    return shown.decode(errors="replace")


def changed_files(
    node: Node, app: AppName, uid: int, before: str, after: str
) -> tuple[Change, ...]:
    """What differs between the commits of two releases. Raises EngineError."""
    refs = (f"refs/holdfast/{before}", f"refs/holdfast/{after}")
    raw = _git(node, app, uid, "diff-tree", "-r", "--raw", "-z", "--no-renames", *refs, "--")
    return parse_changes(raw)


def _git(node: Node, app: AppName, uid: int, *arguments: str) -> bytes:
    mounter = names.mounter(app)
    done = node.engine.run(mounter, (*_GIT, *arguments), f"{uid}:{uid}")
    if done.exit_code:
        # whoever took this for an empty repository would leave a committed secret where it is
        raise command_refused(mounter, done)
    return done.output


def _entries(listing: bytes) -> Iterator[tuple[str, int | None]]:
    """(path, bytes) of `git ls-tree -l -z`: MODE TYPE ID SIZE, a tab, the path. None: a link."""
    for entry in listing.decode(errors="surrogateescape").split("\0"):
        facts, _, path = entry.partition("\t")
        size = facts.split()[-1] if path else ""
        if size.isdigit():
            yield path, None if facts.startswith("120000") else int(size)


def _is_unicode(path: str) -> bool:
    """Git's paths are bytes; the engine is asked for them in JSON, which has no others."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
