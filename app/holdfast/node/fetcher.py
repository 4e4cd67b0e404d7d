"""git on the node: reads branches, brings one commit into a repository, fills a checkout."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from holdfast.domain import names
from holdfast.domain.app import Commit
from holdfast.domain.branches import Branches, Wanted, moved_to, parse_branches
from holdfast.domain.changes import Change, parse_changes
from holdfast.domain.connection import ServerBusy
from holdfast.domain.container import Completed, PushedFile
from holdfast.domain.errors import (
    DeployFailed,
    HoldfastError,
    RepositoryError,
    UsageError,
)
from holdfast.domain.following import Lineage
from holdfast.domain.names import AppName
from holdfast.domain.repository import RepositoryAddress, RepositoryKind, parse_repository
from holdfast.domain.stored import from_json
from holdfast.node import payloads
from holdfast.node.beside import Beside
from holdfast.node.connections import Reach
from holdfast.node.full_disk import full_disk, tells_full_disk
from holdfast.node.jobs import begun_job
from holdfast.node.node import Node
from holdfast.node.repository_access import FETCH_SCRIPT, Access, check_reachable
from holdfast.node.submodules import (
    MOST_SUBMODULES,
    Submodule,
    of_submodule,
    parse_submodules,
    submodule_address,
)
from holdfast.ports import command_refused

#: What git says when it follows a server to another address.
_REDIRECT = re.compile(r"^warning: redirecting to (\S+)", re.MULTILINE)

#: By the kernel, of a program that needs more memory than its container has.
_KILLED = 128 + 9


@dataclass(frozen=True, slots=True)
class Renewal:
    """What came of renewing a checkout: all of it is done unless one of these says why not.

    in_the_way: what the app made where the commit has something else. broken, line, why: a file
    that Python cannot compile.
    """

    in_the_way: str | None = None
    broken: str | None = None
    line: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a commit came from. address: what relative addresses in it refer to, and where its
    large files are. folder: its repository on this machine, if it came from there."""

    address: RepositoryAddress | None
    folder: str | None = None


class Fetcher:
    """A running fetch container. Use `fetching` to get one."""

    def __init__(
        self,
        node: Node,
        app: AppName,
        uid: int,
        address: RepositoryAddress,
        whole: bool,
        tried: Reach | None,
        closed: Callable[[], None],
    ) -> None:
        self._node = node
        self._engine = node.engine
        self._container = names.task(app, "fetch")
        self._user = f"{uid}:{uid}"
        self._uid = uid
        self._address = address
        self._large_files = "whole" if whole else "pointers"
        self._submodules: list[str] = []
        self.access = Access(node, app, self._container, uid, address, tried)
        self._closed = closed

    def branches(self, tags: Collection[str] = ()) -> Branches:
        """tags: those that are asked about beside."""
        if self._address.kind is RepositoryKind.LOCAL:
            return parse_branches(self._node.local_repositories.branches(self._address.url))
        try:
            done = self._run("branches", self._address.url, *tags, address=self._address)
        except RepositoryError as error:
            self.access.note(error)
            raise
        self.access.note(None)
        found = _REDIRECT.search(done.error.decode(errors="replace"))
        branches = parse_branches(done.output.decode(errors="replace"))
        return replace(branches, moved_to=moved_to(self._address.url, found[1]) if found else None)

    def uncommitted(self) -> int:
        """Of a folder of this machine, how many files have changes that are not sent."""
        if self._address.kind is not RepositoryKind.LOCAL:
            return 0
        return self._node.local_repositories.uncommitted(self._address.url)

    def lineage(self, wanted: Wanted, commit: Commit) -> Lineage:
        """How what a branch is at stands to a commit that was fetched once. Not for a folder."""
        arguments = (self._address.url, wanted.ref, commit.id, f"{commit.created.timestamp():.0f}")
        try:
            done = self._run("lineage", *arguments, address=self._address)
        except ServerBusy:
            # asked after its rest, it may tell
            raise
        except RepositoryError:
            # its branches were read just now: it gives no history, or more than is taken
            return Lineage.UNTOLD
        return Lineage(done.output.decode().strip())

    def asks_for_bearer(self) -> bool:
        """Whether the server takes a bearer token, and names no user and password beside it."""
        done = self._run("schemes", self._address.url, address=self._address)
        asked = done.output.decode(errors="replace").lower()
        return "=bearer" in asked and "basic" not in asked

    def fetch(self, wanted: Wanted, kept_as: str) -> Commit:
        """Bring one commit, shallow, and keep it under a ref of ours."""
        if self._address.kind is RepositoryKind.LOCAL:
            told = self._unpack(self._address.url, wanted.commit, kept_as)
        else:
            told = self._run("fetch", self._address.url, wanted.ref, kept_as, address=self._address)
        fields = told.output.decode(errors="replace").split("\n", 3)
        if wanted.exact and fields[0] != wanted.commit:
            raise RepositoryError(
                f"{wanted.name} moved while it was fetched.",
                f"It was at {wanted.commit[:7]}, and is at {fields[0][:7]} now.",
                "Nothing was changed. Ask who moved it, and try again.",
            )
        return Commit(
            id=fields[0],
            author=fields[1],
            created=datetime.fromisoformat(fields[2]),
            message=fields[3].strip() if len(fields) > 3 else "",
        )

    def checkout(self, kept_as: str) -> frozenset[str]:
        """Fill the checkout, submodules included; the paths in it."""
        local = self._address.kind is RepositoryKind.LOCAL
        origin = self._local_origin(self._address.url) if local else _Origin(self._address)
        self._fill("", kept_as, origin)
        tree = self._run("tree").output.decode(errors="surrogateescape")
        return frozenset(path for path in tree.split("\0") if path)

    def read(self, paths: Sequence[str]) -> dict[str, str]:
        """The text of these files of the checkout. A link reads as an empty file."""
        if not paths:
            return {}
        done = self._engine.run(
            self._container,
            ("/bin/tar", "-C", "/mnt/fetch/checkout", "-cf", "-", "--", *paths),
            user=self._user,
        )
        texts = dict.fromkeys(paths, "")
        with tarfile.open(fileobj=io.BytesIO(done.output)) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isreg() else None
                if content is not None and member.name in texts:
                    texts[member.name] = content.read().decode(errors="replace")
        return texts

    def sizes(self) -> dict[str, int]:
        """Bytes of each file of the checkout, links left out."""
        command = ("/usr/bin/find", "/mnt/fetch/checkout", "-type", "f", "-printf", r"%s\t%P\0")
        done = self._engine.run(self._container, command, user=self._user)
        if done.exit_code:
            raise command_refused(self._container, done)
        entries = done.output.decode(errors="surrogateescape").split("\0")[:-1]
        return {path: int(size) for size, _, path in (each.partition("\t") for each in entries)}

    @property
    def submodules(self) -> tuple[str, ...]:
        """The paths of those that the last checkouts brought."""
        return tuple(self._submodules)

    def changes(self, before: str, after: str) -> tuple[Change, ...]:
        """What differs between two commits that were fetched."""
        return parse_changes(self._run("changes", before, after).output)

    def stage(self, before: str, after: str) -> None:
        """Fill the checkout with those files alone that `after` adds or changes."""
        origin = _Origin(self._address)
        if self._address.kind is RepositoryKind.LOCAL:
            origin = self._local_origin(self._address.url)
        url = origin.address.url if origin.address else ""
        self._run("stage", before, after, url, address=origin.address, needed=False)

    def renew(self, before: str, after: str, last: str, python: str) -> Renewal:
        """Bring what was staged into the live checkout; what was deleted goes from it.
        Raises DeployFailed where a changed Python file cannot be compiled."""
        done = self._run("renew", before, after, last, python)
        renewal = from_json(Renewal, done.output)
        if renewal.broken is not None:
            line = f", line {renewal.line}" if renewal.line else ""
            raise DeployFailed(
                "The new commit is broken.",
                f"{renewal.broken}{line}: {renewal.why}.",
                "Correct it and push again. The release before serves on.",
            )
        return renewal

    def mark_unfinished(self) -> None:
        """The live checkout is of no commit: no renewal is begun on it, a redeploy is made."""
        self._run("unfinished")

    def strangers(self, kept_as: str) -> tuple[str, ...]:
        """The files of the live checkout that are not of this commit: the app wrote them."""
        entries = self._run("entries", kept_as).output.decode(errors="replace").split("\0")
        facts = [entry.partition("\t") for entry in entries if entry]
        paths = {path for _, _, path in facts}
        modules = tuple(f"{path}/" for kind, _, path in facts if kind.startswith("160000"))
        live = self._run("live").output.decode(errors="replace").split("\0")
        others = (path for path in live if path and path not in paths)
        return tuple(sorted(path for path in others if not path.startswith(modules)))

    def _fill(self, folder: str, commit: str, origin: _Origin) -> None:
        """Check a commit out into a folder of the checkout, then its submodules into theirs."""
        url = origin.address.url if origin.address else ""
        arguments = (commit, url, self._large_files, folder)
        links = self._run("checkout", *arguments, address=origin.address, needed=False).output
        modules = self._run("modules").output if links else b""
        for module in parse_submodules(links, modules):
            path = f"{folder}/{module.path}".lstrip("/")
            self._submodules.append(path)
            if len(self._submodules) > MOST_SUBMODULES:
                raise RepositoryError(f"The repository has more than {MOST_SUBMODULES} submodules.")
            try:
                inner = self._bring(module, origin)
            except HoldfastError as error:
                raise of_submodule(path, error) from None
            self._fill(path, module.commit, inner)

    def _bring(self, module: Submodule, parent: _Origin) -> _Origin:
        """A submodule's commit, from the parent folder's own clone of it, or else over https."""
        kept_as = f"refs/submodules/{len(self._submodules)}"
        if parent.folder is not None:
            local = self._node.local_repositories
            clone = local.submodule(parent.folder, module.name, module.commit)
            if clone is not None:
                self._unpack(clone, module.commit, kept_as)
                return self._local_origin(clone)
        address = submodule_address(module.url, parent.address)
        self._run("fetch", address.url, module.commit, kept_as, address=address)
        return _Origin(address)

    def _local_origin(self, folder: str) -> _Origin:
        try:
            origin = self._node.local_repositories.origin(folder)
            return _Origin(parse_repository(origin), folder)
        except (UsageError, RepositoryError):
            # none, or the folder is gone since
            return _Origin(None, folder)

    def _unpack(self, folder: str, commit: str, kept_as: str) -> Completed:
        packed = self._node.local_repositories.pack(folder, commit)
        pack = PushedFile("pack", packed, 0o600)
        self._engine.push(self._container, "/mnt/job", [pack], self._uid)
        return self._run("unpack", commit, kept_as)

    def _run(
        self,
        verb: str,
        *arguments: str,
        address: RepositoryAddress | None = None,
        needed: bool = True,
    ) -> Completed:
        """address: of the repository that is spoken to, if any is. needed: whether it surely is;
        a checkout asks it for large files alone."""
        self._closed()
        reach = Reach()
        if address is not None and address.kind is not RepositoryKind.LOCAL:
            reach = self.access.open(address, needed)
        else:
            self.access.close()
        command = (FETCH_SCRIPT, verb, *arguments)
        done = self.access.run(command, address or self._address, reach)
        if done.exit_code:
            words = done.error.decode(errors="replace")
            if tells_full_disk(words) and self._large_files == "whole":
                raise full_disk(self._engine)
            # one that is only looked at lies in RAM
            if tells_full_disk(words) or done.exit_code == _KILLED:
                raise _too_large(self._address, self._large_files == "whole")
            raise self.access.explain(address or self._address, words, reach)
        return done


def _too_large(address: RepositoryAddress, wanted: bool) -> RepositoryError:
    """wanted: it was to be deployed, not only looked at."""
    memory = f"{payloads.FETCH_BYTES // payloads.GIBIBYTE} GiB of memory"
    if wanted:
        return RepositoryError(
            "The repository is too large to be fetched.",
            f"git needed more than {memory}.",
            "Keep large files elsewhere, in Git LFS say, and push a commit without them.",
        )
    return RepositoryError(
        "The repository is too large to be looked at.",
        f"Its files do not fit into {memory}, where they are read before anything is made.",
        f"Deploy it without a look: holdfast app deploy {address.url}",
    )


@contextmanager
def fetching(
    node: Node,
    app: AppName,
    uid: int,
    address: RepositoryAddress,
    view: str | None,
    tried: Reach | None = None,
    beside: Beside | None = None,
) -> Iterator[Fetcher]:
    """A fetch container for the time of the block; its end is left to `beside`, if there is one.
    With its RAM volumes it goes.

    tried: what is used instead of what is kept."""
    if tried is None:
        # before a container is made for nothing
        check_reachable(address, node.connections.reach(address))
    part = payloads.fetcher(app, uid, node.images.node_image, node.builder_environment, view)
    with ExitStack() as stack:
        others = beside or stack.enter_context(Beside())
        closed = stack.enter_context(begun_job(node, app, part, others))
        if files := node.trusted_certificates:
            node.engine.push(part.container.name, "/mnt/job", files, uid)
        if beside is None:
            closed()
        # who only looks at a repository needs none of its large files
        yield Fetcher(node, app, uid, address, view is not None, tried, closed)
