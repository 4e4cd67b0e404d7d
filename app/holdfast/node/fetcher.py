"""git on the node: reads branches, brings one commit into a repository, fills a checkout."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime

from holdfast.domain import names
from holdfast.domain.app import Commit, Release
from holdfast.domain.branches import Branches, Wanted, moved_to, parse_branches
from holdfast.domain.changes import Change, parse_changes
from holdfast.domain.connection import ServerBusy
from holdfast.domain.container import Completed, PushedFile
from holdfast.domain.errors import (
    HoldfastError,
    RepositoryError,
    UsageError,
)
from holdfast.domain.following import Lineage
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Closable
from holdfast.domain.repository import RepositoryAddress, RepositoryKind, parse_repository
from holdfast.node import payloads
from holdfast.node.beside import Beside
from holdfast.node.connections import Reach
from holdfast.node.full_disk import full_disk, tells_full_disk
from holdfast.node.jobs import Job, begun_job
from holdfast.node.node import Node
from holdfast.node.repository_access import FETCH_SCRIPT, Access, check_reachable
from holdfast.node.shared_fetches import MOST_SHARED_BYTES
from holdfast.node.submodules import (
    MOST_SUBMODULES,
    Submodule,
    of_submodule,
    parse_submodules,
    submodule_address,
)

#: What git says when it follows a server to another address.
_REDIRECT = re.compile(r"^warning: redirecting to (\S+)", re.MULTILINE)

#: What asks a server, and changes nothing that runs.
_WAITS = frozenset({"branches", "lineage", "schemes", "fetch", "checkout", "stage"})

#: By the kernel, of a program that needs more memory than its container has.
_KILLED = 128 + 9


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a commit came from. address: what relative addresses in it refer to, and where its
    large files are. folder: its repository on this machine, if it came from there."""

    address: RepositoryAddress | None
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """What is in a checkout, submodules included. sizes: bytes of its files, links left out."""

    paths: frozenset[str]
    sizes: dict[str, int]


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
        job: Job,
        cancel: CancelToken,
    ) -> None:
        self._node = node
        self._engine = node.engine
        self._container = names.task(app, "fetch")
        self._user = f"{uid}:{uid}"
        self._uid = uid
        self._address = address
        self._large_files = "whole" if whole else "pointers"
        self._submodules: list[str] = []
        self._job = job
        self._cancel = cancel
        self.access = Access(node, app, self._container, uid, address, tried, self.cancellable)

    def branches(self, tags: Collection[str] = ()) -> Branches:
        """tags: those that are asked about beside."""
        if not tags and (known := self._node.shared.branches) is not None:
            return known
        if self._address.kind is RepositoryKind.LOCAL:
            return parse_branches(self._node.local_repositories.branches(self._address.url))
        try:
            done = self.run("branches", self._address.url, *tags, address=self._address)
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
            done = self.run("lineage", *arguments, address=self._address)
        except ServerBusy:
            # asked after its rest, it may tell
            raise
        except RepositoryError:
            # its branches were read just now: it gives no history, or more than is taken
            return Lineage.UNTOLD
        return Lineage(done.output.decode().strip())

    def asks_for_bearer(self) -> bool:
        """Whether the server takes a bearer token, and names no user and password beside it."""
        done = self.run("schemes", self._address.url, address=self._address)
        asked = done.output.decode(errors="replace").lower()
        return "=bearer" in asked and "basic" not in asked

    def fetch(self, wanted: Wanted, kept_as: str, since: Release | None = None) -> Commit:
        """Bring one commit, shallow, and keep it under a ref of ours. since: the one that serves,
        from which other apps may be brought to the same commit."""
        if self._address.kind is RepositoryKind.LOCAL:
            told = self._unpack(self._address.url, wanted.commit, kept_as)
        else:
            told = self._shared(wanted, kept_as, since) or self._fetched(wanted, kept_as, since)
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

    def checkout(self, kept_as: str) -> Tree:
        """Fill the checkout, submodules included."""
        listed = self._fill("", kept_as, self._origin())
        if self._submodules:
            listed = _entries(self.run("tree").output)
        found = {path: size for size, _, path in (entry.partition("\t") for entry in listed)}
        return Tree(frozenset(found), {path: int(size) for path, size in found.items() if size})

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

    @property
    def submodules(self) -> tuple[str, ...]:
        """The paths of those that the last checkouts brought."""
        return tuple(self._submodules)

    def changes(self, before: str, after: str) -> tuple[Change, ...]:
        """What differs between two commits that were fetched."""
        return parse_changes(self.run("changes", before, after).output)

    def origin(self) -> RepositoryAddress | None:
        """What relative addresses in its commits refer to, and where its large files are."""
        return self._origin().address

    def _fill(self, folder: str, commit: str, origin: _Origin) -> list[str]:
        """Check a commit out into a folder of the checkout, then its submodules into theirs; what
        is in the checkout before them, as `tree` of fetch.sh prints it."""
        url = origin.address.url if origin.address else ""
        arguments = (commit, url, self._large_files, folder)
        told = self.run("checkout", *arguments, address=origin.address, needed=False)
        entries = _entries(told.output)
        # an empty one stands between the two
        end = entries.index("")
        links, tree = entries[:end], entries[end + 1 :]
        modules = self.run("modules").output if links else b""
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
        return tree

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
        self.run("fetch", address.url, module.commit, kept_as, address=address)
        return _Origin(address)

    def _origin(self) -> _Origin:
        local = self._address.kind is RepositoryKind.LOCAL
        return self._local_origin(self._address.url) if local else _Origin(self._address)

    def _local_origin(self, folder: str) -> _Origin:
        try:
            origin = self._node.local_repositories.origin(folder)
            return _Origin(parse_repository(origin), folder)
        except (UsageError, RepositoryError):
            # none, or the folder is gone since
            return _Origin(None, folder)

    def _shared(self, wanted: Wanted, kept_as: str, since: Release | None) -> Completed | None:
        """What another app of the repository has fetched; None where none has, or it is of no use
        here."""
        pack = self._node.shared.pack(since.commit.id, wanted.commit) if since else None
        if pack is not None:
            with suppress(RepositoryError):
                return self._take(pack, wanted.commit, kept_as)
        return None

    def _fetched(self, wanted: Wanted, kept_as: str, since: Release | None) -> Completed:
        address, shared = self._address, self._node.shared
        told = self.run("fetch", address.url, wanted.ref, kept_as, address=address)
        came = told.output.startswith(f"{wanted.commit}\n".encode())
        if since and came and shared.wants(since.commit.id, wanted.commit):
            most = str(MOST_SHARED_BYTES + 1)
            packed = self.run("pack", f"refs/holdfast/{since.id}", kept_as, most)
            shared.keep(since.commit.id, wanted.commit, packed.output)
        return told

    def _unpack(self, folder: str, commit: str, kept_as: str) -> Completed:
        return self._take(self._node.local_repositories.pack(folder, commit), commit, kept_as)

    def _take(self, packed: bytes, commit: str, kept_as: str) -> Completed:
        pack = PushedFile("pack", packed, 0o600)
        self._engine.push(self._container, "/mnt/job", [pack], self._uid)
        return self.run("unpack", commit, kept_as)

    def run(
        self,
        verb: str,
        *arguments: str,
        address: RepositoryAddress | None = None,
        needed: bool = True,
    ) -> Completed:
        """A verb of fetch.sh. address: of the repository that is spoken to, if any is. needed:
        whether it surely is; a checkout asks it for large files alone."""
        self._job.closed()
        reach = Reach()
        if address is not None and address.kind is not RepositoryKind.LOCAL:
            reach = self.access.open(address, needed)
        else:
            self.access.close()
        command = (FETCH_SCRIPT, verb, *arguments)
        with self.cancellable() if verb in _WAITS else nullcontext():
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

    @contextmanager
    def cancellable(self) -> Iterator[None]:
        """What waits for a server ends with a cancel, and the container with it: the server may
        say nothing for long. What changes the checkout of a running app is brought to its end."""
        with self._cancel.closing(_AtCancel(self._cancel, self._job.running)):
            yield

    @contextmanager
    def to_the_end(self) -> Iterator[None]:
        """For the time of the block nothing ends with a cancel."""
        cancel, self._cancel = self._cancel, CancelToken()
        try:
            yield
        finally:
            self._cancel = cancel


@dataclass(frozen=True, slots=True)
class _AtCancel:
    """Closed after every command, and heeded in a cancel alone."""

    cancel: CancelToken
    running: Closable

    def close(self) -> None:
        if self.cancel.is_set:
            self.running.close()


def _entries(output: bytes) -> list[str]:
    """Of what ends each with a zero byte. Paths are bytes."""
    return output.decode(errors="surrogateescape").split("\0")[:-1]


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


def check_address(node: Node, address: RepositoryAddress) -> None:
    """What can be told of an address before anything is made for it. Raises RepositoryError of a
    folder that is no repository, and CredentialNeeded."""
    if address.kind is RepositoryKind.LOCAL:
        node.local_repositories.branches(address.url)
    else:
        check_reachable(address, node.connections.reach(address))


@contextmanager
def fetching(
    node: Node,
    app: AppName,
    uid: int,
    address: RepositoryAddress,
    view: str | None,
    tried: Reach | None = None,
    beside: Beside | None = None,
    cancel: CancelToken | None = None,
) -> Iterator[Fetcher]:
    """A fetch container for the time of the block; its end is left to `beside`, if there is one.
    With its RAM volumes it goes. A cancel ends at once what waits for the server.

    tried: what is used instead of what is kept."""
    if tried is None:
        check_reachable(address, node.connections.reach(address))
    part = payloads.fetcher(app, uid, node.images.node_image, node.builder_environment, view)
    with ExitStack() as stack:
        others = beside or stack.enter_context(Beside())
        job = stack.enter_context(begun_job(node, app, part, others))
        if files := node.trusted_certificates:
            node.engine.push(part.container.name, "/mnt/job", files, uid)
        if beside is None:
            job.closed()
        # who only looks at a repository needs none of its large files
        whole = view is not None
        yield Fetcher(node, app, uid, address, whole, tried, job, cancel or CancelToken())
