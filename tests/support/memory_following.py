"""How the apps of a desk in memory follow their branches."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from holdfast.domain.app import FollowMode, Release
from holdfast.domain.following import BranchLook, BranchState, Followed
from holdfast.domain.names import AppName
from holdfast.domain.pin import Pin


class MemoryFollowing:
    """pushed: apps whose branch has a newer commit. looks: what else a look finds, by app."""

    def __init__(self) -> None:
        self.pushed: dict[AppName, str] = {}
        self.looks: dict[AppName, BranchLook] = {}
        self._kept: dict[AppName, Followed] = {}

    def of(self, app: AppName, release: Release | None) -> Followed:
        source = release.configuration.source if release else None
        found = self._kept.get(app) or Followed(
            app,
            FollowMode.TELL,
            source.branch if source else "main",
            source.repository if source else "",
            None,
        )
        return replace(found, commit=release.commit.id if release else None)

    def change(
        self, app: AppName, release: Release | None, mode: FollowMode | None, branch: str | None
    ) -> Followed:
        before = self.of(app, release)
        changed = replace(before, mode=mode or before.mode, branch=branch or before.branch)
        self._kept[app] = changed
        return self.look(app, release)

    def pin(self, app: AppName, release: Release | None, pin: Pin | None) -> Followed:
        self._kept[app] = replace(self.of(app, release), pin=pin)
        return self.look(app, release)

    def look(self, app: AppName, release: Release | None) -> Followed:
        before = self.of(app, release)
        if before.pin is not None:
            pinned = BranchLook(BranchState.PINNED, before.branch, datetime.now(UTC))
            self._kept[app] = replace(before, look=self.looks.get(app, pinned))
            return self._kept[app]
        head = self.pushed.get(app, before.commit)
        state = BranchState.NEWER if app in self.pushed else BranchState.CURRENT
        newer = f"{before.branch} has a newer commit, {(head or '')[:7]}."
        told = newer if app in self.pushed else ""
        found = BranchLook(state, before.branch, datetime.now(UTC), head, told)
        self._kept[app] = replace(before, look=self.looks.get(app, found))
        return self._kept[app]
