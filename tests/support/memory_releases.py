"""What a desk in memory keeps of its apps: their releases, and which of them serves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import sample

from holdfast.domain.app import Release, ReleaseKind, Source
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.names import AppName, parse_host_name
from holdfast.domain.requests import DeployRequest


class MemoryReleases:
    def __init__(self) -> None:
        self._kept: dict[AppName, tuple[Release, ...]] = {}

    def of(self, app: AppName) -> tuple[Release, ...]:
        """The newest first."""
        return self._kept.setdefault(app, sample.releases(app))

    def begin(self, app: AppName) -> None:
        self._kept[app] = ()

    def forget(self, app: AppName) -> None:
        self._kept.pop(app, None)

    def add(self, app: AppName, request: DeployRequest) -> Release:
        """A release as a deploy would make it."""
        before = self.of(app)
        release_id = f"{datetime.now(UTC):%y%m%d%H%M%S%f}"
        like = sample.releases(app)[0]
        made = replace(
            like,
            id=release_id,
            created=datetime.now(UTC),
            configuration=replace(
                like.configuration,
                source=Source(
                    repository=request.repository,
                    branch=request.branch or "main",
                    entrypoint=request.entrypoint or "streamlit_app.py",
                ),
                host_name=parse_host_name(request.host_name or f"{app}.localhost"),
                release=release_id,
            ),
        )
        self._kept[app] = (made, *before)
        return made

    def make_live(self, app: AppName, serving: Release) -> Release:
        """A release as a live update would make it."""
        now = datetime.now(UTC)
        commit = replace(serving.commit, id=f"{now:%f}".rjust(40, "f"), message="Push a change")
        made = replace(
            serving,
            id=f"{now:%y%m%d%H%M%S%f}",
            commit=commit,
            created=now,
            kind=ReleaseKind.LIVE,
            kept_in=serving.slot,
        )
        self._kept[app] = (made, *self.of(app))
        return made

    def check_same(self, app: AppName, request: DeployRequest) -> None:
        """Raises UsageError where the name is another repository's."""
        source = self.of(app)[0].configuration.source
        if source.repository != request.repository and not request.replace:
            raise UsageError(
                f"The name {app} is taken by another repository.",
                f"It was deployed from {source.repository}.",
                "Choose another name with --name, or replace that app with --replace.",
            )

    def find(self, app: AppName, wanted: str) -> Release:
        kept = self.of(app)
        found = next((release for release in kept if release.id == wanted), None)
        if found is None:
            raise HoldfastError(
                f"There is no release {wanted} of {app}.",
                f"Kept are: {', '.join(release.id for release in kept)}.",
                "Choose two of them.",
            )
        return found

    def choose(self, app: AppName, serving: str | None, wanted: str | None) -> Release:
        """What a roll-back returns to. wanted: an id, or None for the one before."""
        kept = self.of(app)
        ids = [release.id for release in kept]
        if wanted is None:
            older = kept[ids.index(serving or "") + 1 :]
            if not older:
                raise HoldfastError(f"{app} has no earlier release.", next="Deploy again.")
            return older[0]
        if wanted not in ids:
            raise HoldfastError(
                f"There is no release {wanted} of {app}.",
                f"Kept are: {', '.join(ids)}.",
                "Choose one of them, or deploy again.",
            )
        if wanted == serving:
            raise HoldfastError(
                f"The release {wanted} serves already.", next="Choose an earlier one."
            )
        return kept[ids.index(wanted)]
