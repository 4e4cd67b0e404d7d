"""A new release of an app as it was asked for last, with whatever shall change this time."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.app import Release
from holdfast.domain.errors import DeployFailed
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Steps
from holdfast.domain.requests import Deployed, DeployRequest
from holdfast.presenters.desk import Desk


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from the release before; None keeps it."""

    host_name: str | None = None
    python: str | None = None
    memory_bytes: int | None = None
    cpus: float | None = None
    command: str | None = None


def redeploy_request(release: Release, changes: Changes) -> DeployRequest:
    """No branch is named: the app's own is taken, which may be another by now."""
    before = release.configuration
    return DeployRequest(
        repository=before.source.repository,
        name=before.name,
        entrypoint=before.source.entrypoint,
        python=changes.python if changes.python is not None else before.python,
        host_name=changes.host_name or before.host_name,
        memory_bytes=changes.memory_bytes or before.limits.memory_bytes,
        cpus=changes.cpus or before.limits.cpus,
        command=changes.command if changes.command is not None else before.command,
        replace=True,
    )


def redeploy(desk: Desk, app: AppName, changes: Changes | None = None) -> Operation[Deployed]:
    """Read how the app was deployed, then deploy it again."""

    def body(cancel: CancelToken) -> Steps[Deployed]:
        releases = yield from desk.releases(app).body(cancel)
        if not releases:
            raise DeployFailed(
                f"{app} cannot be redeployed.",
                "No release of it was ever made, so its repository is not known.",
                "Remove it and deploy it anew with New app.",
            )
        request = redeploy_request(releases[0], changes or Changes())
        return (yield from desk.deploy(request).body(cancel))

    return Operation(f"Redeploy {app}", app, body)
