"""An app as JSON, and what a verb made of it."""

from __future__ import annotations

from collections.abc import Iterable

from holdfast.cli.forms.form import Form, moment
from holdfast.cli.forms.releases import pin_form, release_form, steps_form
from holdfast.cli.forms.volume import volume_form
from holdfast.domain.app import Environment, Limits, Release
from holdfast.domain.following import Followed
from holdfast.domain.host_names import AppNames
from holdfast.domain.node import AppSummary, Snapshot, VolumeFacts
from holdfast.domain.operation import StepTime
from holdfast.domain.requests import Deployed, Updated


def app_form(app: AppSummary, snapshot: Snapshot) -> Form:
    """A line of the list. address: where the URL is served, so that no name has to resolve."""
    return {
        "name": app.name,
        "state": app.state.value,
        "url": app.url,
        "address": snapshot.edge_address if app.url else None,
        "commit": app.commit.id if app.commit else None,
        "memory_bytes": app.memory_bytes,
        "restarts": app.restarts,
    }


def shown_app_form(
    app: AppSummary,
    snapshot: Snapshot,
    release: Release | None,
    followed: Followed | None,
    volume: VolumeFacts,
) -> Form:
    return {
        **app_form(app, snapshot),
        "host_name": app.host_name,
        "started": moment(app.started),
        "release": release_form(release) if release else None,
        "mode": followed.mode.value if followed else None,
        "branch": followed.branch if followed else None,
        "pin": pin_form(followed.pin) if followed else None,
        "entrypoint": release.entrypoint if release else None,
        "dependency_file": release.dependency_file if release else None,
        "python": release.python if release else None,
        "limits": _limits_form(release.configuration.limits) if release else None,
        "volume": volume_form(volume),
    }


def names_form(names: AppNames) -> Form:
    return {
        "name": names.app,
        "host_name": names.main,
        "further": [
            {"host_name": each.host, "redirects": each.redirects} for each in names.further
        ],
    }


def turned_form(app: AppSummary, steps: Iterable[StepTime]) -> Form:
    """After start, stop and restart."""
    return {
        "name": app.name,
        "state": app.state.value,
        "url": app.url,
        "steps": steps_form(steps),
    }


def deployed_form(deployed: Deployed) -> Form:
    release = deployed.release
    return {
        "name": deployed.name,
        "url": deployed.url,
        "address": deployed.address,
        "ca_certificate": deployed.ca_certificate,
        "release": release_form(release),
        "uncommitted": deployed.uncommitted,
        "entrypoint": release.entrypoint,
        "dependency_file": release.dependency_file,
        "python": release.python,
        "environment": _environment_form(release.environment),
        "steps": steps_form(deployed.steps),
    }


def followed_form(followed: Followed) -> Form:
    look = followed.look
    return {
        "name": followed.app,
        "mode": followed.mode.value,
        "branch": followed.branch,
        "repository": followed.repository,
        "pin": pin_form(followed.pin),
        "commit": followed.commit,
        "newest": look.head,
        "state": look.state.value,
        "checked": moment(look.checked),
        "since": moment(look.since),
        "next_look": moment(look.again),
        "lineage": look.lineage.value if look.lineage else None,
        "told": look.told,
        "next": look.next,
        "aside": look.aside,
        "instead": look.instead or None,
    }


def updated_form(updated: Updated, steps: Iterable[StepTime]) -> Form:
    return {
        "name": updated.name,
        "updated": updated.kind.value,
        "reason": updated.reason,
        "release": release_form(updated.release),
        "own_files": list(updated.own_files),
        "steps": steps_form(steps),
    }


def _environment_form(environment: Environment) -> Form:
    return {
        "digest": environment.digest,
        "packages": environment.packages,
        "size_bytes": environment.size_bytes,
        "cached": environment.cached,
    }


def _limits_form(limits: Limits) -> Form:
    return {"memory_bytes": limits.memory_bytes, "cpus": limits.cpus, "pids": limits.pids}
