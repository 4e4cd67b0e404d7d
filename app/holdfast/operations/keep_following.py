"""A keeper's duty: look at the branches that apps follow, and make live what was pushed."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from holdfast.domain.app import FollowMode
from holdfast.domain.errors import AppBusy, HoldfastError
from holdfast.domain.following import OF_PUSHES, BranchLook
from holdfast.domain.operation import CancelToken, Line, Steps
from holdfast.node.inventory import all_parts
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.operations.follow import Seen, followed, last_look, look_for
from holdfast.operations.retold import without_lines
from holdfast.operations.serving_app import OpenedApp, open_app, open_listed
from holdfast.operations.update import update_app

#: Seconds between two looks at a repository, by one desktop.
LOOK_SECONDS = 30.0
#: Desktops that were started together shall not ask together.
_JITTER_SECONDS = 3.0
#: What was looked at within this time, by whomever, is not looked at again: so an app is updated by
#: itself four times a minute at most, by however many desktops.
_JUST_NOW = timedelta(seconds=LOOK_SECONDS / 2)


class KeepFollowing:
    """One look a repository, however many apps follow it. A repository that cannot be read is
    asked less and less often. What another desktop looked at just now is not looked at again."""

    def __init__(self, node: Node) -> None:
        self._node = node
        #: what is made live so is told apart in an app's history
        self._by_itself = replace(node, by=f"{node.by}, by itself")

    def steps(self, cancel: CancelToken) -> Steps[None]:
        self._node.clock.sleep(random.uniform(0, _JITTER_SECONDS), cancel)
        failed: list[HoldfastError] = []
        for repository, seen in self._due():
            cancel.check()
            for app, look in look_for(self._node, seen, repository):
                try:
                    yield from self._make_live(app, look, cancel)
                except HoldfastError as error:
                    failed.append(error)
        if failed:
            raise failed[0]

    def _due(self) -> Iterator[tuple[str, list[Seen]]]:
        now = self._node.clock.now()
        due: dict[str, list[Seen]] = defaultdict(list)
        for app in self._followers():
            repository = app.configuration.source.repository
            noted = last_look(app)
            # the app may have been updated since, by what that look found
            if noted.is_recent(now, _JUST_NOW):
                continue
            look = followed(app, noted).look
            if look.is_due(now, _JUST_NOW):
                due[repository].append((app, look))
        yield from due.items()

    def _followers(self) -> Iterator[OpenedApp]:
        for parts in all_parts(self._node):
            if not parts.unsealed or parts.running is None or parts.lock is not None:
                continue
            try:
                app = open_listed(self._node, parts)
            except HoldfastError:
                # it was sealed or removed just now, or never served
                continue
            if app.configuration.follow.mode is not FollowMode.OFF:
                yield app

    def _make_live(self, app: OpenedApp, look: BranchLook, cancel: CancelToken) -> Steps[None]:
        follow = app.configuration.follow
        if follow.mode is not FollowMode.AUTO or follow.pin is not None:
            return
        if look.state not in OF_PUSHES or look.head is None:
            return
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

    def _remember(self, app: OpenedApp, commit: str) -> None:
        """A commit that failed is not tried again by itself."""
        name = app.configuration.name
        with holding(self._node, name, "follow"):
            now = open_app(self._node, name)
            now.keep(follow=replace(now.configuration.follow, failed=commit))
