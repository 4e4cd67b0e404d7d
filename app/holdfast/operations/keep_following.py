"""A keeper's duty: look at the branches that apps follow, and make live what was pushed."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from holdfast.domain.app import FollowMode
from holdfast.domain.errors import AppBusy, HoldfastError
from holdfast.domain.following import OF_PUSHES, BranchLook, RepositoryLook
from holdfast.domain.operation import CancelToken, Line, Steps
from holdfast.node.inventory import AppParts, all_parts
from holdfast.node.last_looks import digest_of, last_looks, note_look
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.shared_fetches import Move, SharedFetches
from holdfast.operations.follow import Looked, Seen, followed, last_look, look_for, note
from holdfast.operations.known import Known
from holdfast.operations.retold import without_lines
from holdfast.operations.serving_app import OpenedApp, open_app, open_listed
from holdfast.operations.update import update_app

#: Seconds between two looks at a repository, by one desktop.
LOOK_SECONDS = 30.0
#: Repositories that are looked at side by side.
_AT_ONCE = 4
#: Desktops that were started together shall not ask together.
_JITTER_SECONDS = 3.0
#: What was looked at within this time, by whomever, is not looked at again: so an app is updated by
#: itself four times a minute at most, by however many desktops.
_JUST_NOW = timedelta(seconds=LOOK_SECONDS / 2)


class KeepFollowing:
    """One look a repository, however many apps follow it, and one fetch of a commit for all that go
    on to it from the same one. A repository that cannot be read is asked less and less often. What
    another desktop looked at just now is not looked at again.

    Of an app to which nothing happens nothing is read, and nothing written."""

    def __init__(self, node: Node) -> None:
        self._node = node
        #: what is made live so is told apart in an app's history
        self._by_itself = replace(node, by=f"{node.by}, by itself", shared=SharedFetches())
        self._known = Known(self._read)
        #: of each repository, the change up to which the looks of its apps are known
        self._changes: dict[str, datetime | None] = {}
        self.heed = self._known.forget

    def steps(self, cancel: CancelToken) -> Steps[None]:
        self._node.clock.sleep(random.uniform(0, _JITTER_SECONDS), cancel)
        failed: list[HoldfastError] = []
        for found in self._looks(cancel):
            pushed = [(app, look) for app, look in found.seen if _goes_live(app, look)]
            moves = (Move(app.release.commit.id, look.head or "") for app, look in pushed)
            with self._by_itself.shared.among(found.branches, moves):
                for app, look in pushed:
                    try:
                        yield from self._make_live(app, look, cancel)
                    except HoldfastError as error:
                        failed.append(error)
        if failed:
            raise failed[0]

    def _looks(self, cancel: CancelToken) -> Iterator[Looked]:
        """Of each repository as soon as it has answered: one that is slow holds no other up."""
        last = last_looks(self._node)
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="look") as pool:
            begun = [
                pool.submit(
                    self._look, repository, followers, last.get(digest_of(repository)), cancel
                )
                for repository, followers in self._followers().items()
            ]
            try:
                for ended in as_completed(begun):
                    cancel.check()
                    yield ended.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _followers(self) -> dict[str, list[AppParts]]:
        """By their repositories."""
        found: dict[str, list[AppParts]] = defaultdict(list)
        for parts in all_parts(self._node):
            if not parts.unsealed or parts.running is None or parts.lock is not None:
                continue
            for app, _ in self._known_of([parts]):
                if app.configuration.follow.mode is not FollowMode.OFF:
                    found[app.configuration.source.repository].append(parts)
        return found

    def _look(
        self,
        repository: str,
        followers: list[AppParts],
        last: RepositoryLook | None,
        cancel: CancelToken,
    ) -> Looked:
        """What is found of its apps, none where it is not its time. last: by whomever."""
        now = self._node.clock.now()
        if last is not None and last.is_recent(now, _JUST_NOW):
            return Looked([])
        noted = self._noted(repository, followers, last)
        dated = [
            (app, followed(app, last.dated(app.parts.name, look) if last else look).look)
            for app, look in noted
        ]
        if not any(look.is_due(now, _JUST_NOW) for _, look in dated):
            return Looked([])
        looked = look_for(self._node, dated, repository, cancel)
        found = looked.seen
        changed = [pair for pair in zip(noted, found, strict=True) if _differ(*pair)]
        for known, (app, look) in changed:
            note(app, look)
            self._known.amend(app.parts.name, known, (app, look))
        change = last.changed if last and not changed else now
        apps = tuple(app.parts.name for app, _ in found)
        note_look(self._node, RepositoryLook(digest_of(repository), now, change, apps))
        self._changes[repository] = change
        return looked

    def _noted(
        self, repository: str, followers: list[AppParts], last: RepositoryLook | None
    ) -> list[Seen]:
        """What the last looks found, read again if another desktop has found something else."""
        known = self._changes.get(repository)
        if repository in self._changes and (last is None or last.changed != known):
            for parts in followers:
                self._known.forget(parts.name)
        self._changes[repository] = last.changed if last else None
        return self._known_of(followers)

    def _known_of(self, apps: list[AppParts]) -> list[Seen]:
        found = []
        for parts in apps:
            # it was sealed or removed just now, or never served
            with suppress(HoldfastError):
                found.append(self._known.of(parts))
        return found

    def _read(self, parts: AppParts) -> Seen:
        app = open_listed(self._node, parts)
        return app, last_look(app)

    def _make_live(self, app: OpenedApp, look: BranchLook, cancel: CancelToken) -> Steps[None]:
        name = app.configuration.name
        yield Line(f"{name}: {look.told}")
        try:
            yield from without_lines(update_app(self._by_itself, name).body(cancel))
        except AppBusy:
            # whoever works on it may be making the same commit live
            return
        except HoldfastError:
            self._remember(app, look.head)
            raise

    def _remember(self, app: OpenedApp, commit: str | None) -> None:
        """A commit that failed is not tried again by itself."""
        name = app.configuration.name
        with holding(self._node, name, "follow"):
            now = open_app(self._node, name)
            now.keep(follow=replace(now.configuration.follow, failed=commit))


def _goes_live(app: OpenedApp, look: BranchLook) -> bool:
    follow = app.configuration.follow
    wanted = follow.mode is FollowMode.AUTO and follow.pin is None
    return wanted and look.state in OF_PUSHES and look.head is not None


def _differ(known: Seen, found: Seen) -> bool:
    """In more than when it was looked."""
    return replace(known[1], checked=None) != replace(found[1], checked=None)
