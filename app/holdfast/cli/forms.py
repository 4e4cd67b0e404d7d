"""Facts as the JSON objects that scripts read. The keys are a promise: README lists them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeAlias

from holdfast.domain.app import Commit, Environment, Limits, Release
from holdfast.domain.asked_secrets import AskedSecret
from holdfast.domain.certificate import (
    Certificate,
    Certificates,
    Renewed,
    Trusted,
    WatchedCertificate,
)
from holdfast.domain.connection import Repository
from holdfast.domain.errors import HoldfastError
from holdfast.domain.following import Followed
from holdfast.domain.keeping import News
from holdfast.domain.node import (
    AppSummary,
    Item,
    NodeStatus,
    Precondition,
    Removal,
    Snapshot,
    StepTime,
    VolumeCheck,
    VolumeFacts,
)
from holdfast.domain.proof import Proof
from holdfast.domain.recovery_kit import Kit, KitAdmin, KitOpened, Revoked
from holdfast.domain.requests import (
    AppTelemetry,
    Deployed,
    SecretsApplied,
    TelemetryApplied,
    Updated,
)
from holdfast.domain.secrets_values import SecretValue
from holdfast.presenters.problem import explain_unattended
from holdfast.presenters.revocation import still_to_do
from holdfast.presenters.telemetry import leaves

Form: TypeAlias = dict[str, Any]


def error_form(error: HoldfastError) -> Form:
    return {"error": {"what": error.what, "why": error.why, "next": error.next}}


def node_form(status: NodeStatus) -> Form:
    return {
        "state": status.state.value,
        "engine_version": status.engine_version,
        "socket": status.socket,
        "data_root": status.data_root,
        "containerd_root": status.containerd_root,
        "image": status.image,
        "apps": status.apps,
    }


def news_form(news: News) -> Form:
    """A line of `node watch`."""
    problem = explain_unattended(news.error) if news.error else None
    return {
        "at": _moment(news.at),
        "news": news.kind.value,
        "duty": news.duty or None,
        "text": news.text or None,
        "error": {"what": problem.what, "why": problem.why, "next": problem.next}
        if problem
        else None,
    }


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
    app: AppSummary, snapshot: Snapshot, release: Release | None, volume: VolumeFacts
) -> Form:
    return {
        **app_form(app, snapshot),
        "host_name": app.host_name,
        "started": _moment(app.started),
        "release": release_form(release) if release else None,
        "entrypoint": release.entrypoint if release else None,
        "dependency_file": release.dependency_file if release else None,
        "python": release.python if release else None,
        "limits": _limits_form(release.configuration.limits) if release else None,
        "volume": volume_form(volume),
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
        "commit": followed.commit,
        "newest": look.head,
        "state": look.state.value,
        "checked": _moment(look.checked),
        "told": look.told,
        "next": look.next,
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


def release_form(release: Release) -> Form:
    return {"id": release.id, **_commit_form(release.commit), "created": _moment(release.created)}


def releases_form(releases: Iterable[Release], serving: str | None) -> Form:
    return {
        "releases": [
            {
                **release_form(each),
                "python": each.python,
                "current": each.id == serving,
                "kind": each.kind.value,
                "author": each.commit.author,
                "by": each.by,
                "seconds": each.seconds,
            }
            for each in releases
        ]
    }


def steps_form(steps: Iterable[StepTime]) -> list[Form]:
    return [{"name": step.name, "seconds": step.seconds} for step in steps]


def removal_form(removal: Removal | None) -> Form:
    removed, left = (removal.removed, removal.left) if removal else ((), ())
    return {"removed": _items_form(removed), "left": _items_form(left)}


def repository_form(repository: Repository) -> Form:
    contact = repository.contact
    return {
        "address": repository.address,
        "credential": repository.credential.value,
        "host_key": repository.host_key,
        "last_contact": _moment(contact.when) if contact else None,
        "reachable": not contact.error if contact else None,
        "error": (contact.error or None) if contact else None,
        "apps": list(repository.apps),
    }


def connected_form(repository: Repository) -> Form:
    """public_key: what the repository's server has to know, null where a token opens it."""
    return {**repository_form(repository), "public_key": repository.public_key or None}


def repositories_form(repositories: Iterable[Repository]) -> Form:
    return {"repositories": [repository_form(each) for each in repositories]}


def secrets_form(applied: SecretsApplied) -> Form:
    return {"name": applied.name, "secrets": list(applied.secrets), "applied": applied.applied}


def listed_secrets_form(
    found: Iterable[SecretValue], missing: Iterable[AskedSecret], size: int
) -> Form:
    """size: of the whole document, in bytes."""
    return {
        "secrets": [
            {
                "name": each.name,
                "type": each.type.value,
                "environment": each.environment,
                "bytes": each.bytes,
                "reason": each.no_variable,
            }
            for each in found
        ],
        "missing": [
            {
                "name": each.name,
                "environment": each.variable,
                "where": each.where,
                "optional": each.optional,
            }
            for each in missing
        ],
        "bytes": size,
    }


def secret_form(name: str, value: str) -> Form:
    """Holds a value, which was asked for with --reveal."""
    return {"name": name, "value": value}


def telemetry_form(told: AppTelemetry) -> Form:
    """effective: whether statistics are sent; reason: what decides that."""
    return {
        "name": told.app,
        "telemetry": told.choice.value,
        "effective": "on" if told.effective.on else "off",
        "reason": told.effective.source,
        "repository": told.repository,
        "sources": {"allowed": told.sources.allowed.value, "hosts": list(told.sources.hosts)},
        "leaves": [{"what": what, "where": where} for what, where in leaves(told)],
    }


def telemetry_applied_form(done: TelemetryApplied) -> Form:
    return {**telemetry_form(done.telemetry), "applied": done.applied}


def volume_form(volume: VolumeFacts) -> Form:
    return {
        "app": volume.app,
        "cipher": volume.cipher,
        "sealed": volume.sealed,
        "cipher_bytes": volume.cipher_bytes,
        "contents": [{"name": name, "size_bytes": size} for name, size in volume.contents],
    }


def volume_check_form(check: VolumeCheck) -> Form:
    return {
        "app": check.app,
        "sound": check.sound,
        "damaged": list(check.damaged),
        "summary": check.summary,
    }


def proof_form(proof: Proof) -> Form:
    return {
        "app": proof.app,
        "verdict": proof.verdict.value,
        "began": proof.began.isoformat(),
        "finished": proof.finished.isoformat(),
        "search_seconds": proof.seconds,
        "planted": [
            {"what": each.what, "way": each.way, "seen": each.seen} for each in proof.planted
        ],
        "controls": [{"where": each.where, "found": each.found} for each in proof.controls],
        "searched": [
            {"where": each.where, "number": each.number, "unit": each.unit, "bytes": each.bytes}
            for each in proof.places
        ],
        "forms": list(proof.forms),
        "hits": [
            {"what": each.what, "form": each.form, "where": each.where} for each in proof.hits
        ],
        "exceptions": list(proof.exceptions),
        "unsearched": [{"where": each.where, "reason": each.reason} for each in proof.unsearched],
        "limits": [{"what": each.what, "remedy": each.remedy} for each in proof.limits],
        "left": list(proof.left),
    }


def preconditions_form(preconditions: Iterable[Precondition]) -> Form:
    return {
        "preconditions": [
            {
                "name": each.name,
                "state": each.state,
                "reason": each.reason,
                "remedy": each.remedy,
            }
            for each in preconditions
        ]
    }


def certificates_form(found: Certificates) -> Form:
    return {"certificates": [_certificate_form(row, found.looked) for row in found.rows]}


def _certificate_form(row: WatchedCertificate, now: datetime) -> Form:
    certificate = row.certificate
    return {
        "role": row.role.value,
        "host": row.host or None,
        "names": list(certificate.names),
        "issuer": certificate.issuer,
        "not_before": _moment(certificate.not_before),
        "not_after": _moment(certificate.not_after),
        "days_left": certificate.days_left(now),
        "key": certificate.key,
        "verified": row.verified,
        "reason": row.reason or None,
        "served_matches": row.served_matches,
        "source": row.source.value,
        "next_renewal": _moment(row.next_renewal),
        "last_error": row.last_error or None,
    }


def certificate_check_form(found: Certificates) -> Form:
    """lasts_until: how long the node can go without a desktop."""
    return {**certificates_form(found), "lasts_until": _moment(found.lasts_until)}


def renewed_form(renewed: Renewed) -> Form:
    return {"renewed": list(renewed.renewed)}


def imported_form(certificate: Certificate) -> Form:
    return {
        "names": list(certificate.names),
        "issuer": certificate.issuer,
        "not_after": _moment(certificate.not_after),
    }


def trusted_form(trusted: Trusted) -> Form:
    return {"trusted": list(trusted.stores), "steps": list(trusted.steps)}


def authority_form(authority: Certificate, saved: str | None) -> Form:
    return {
        "certificate": authority.pem,
        "sha256": authority.sha256,
        "saved": saved,
    }


def _commit_form(commit: Commit) -> Form:
    return {"commit": commit.id, "message": commit.message}


def _environment_form(environment: Environment) -> Form:
    return {
        "digest": environment.digest,
        "packages": environment.packages,
        "size_bytes": environment.size_bytes,
        "cached": environment.cached,
    }


def _limits_form(limits: Limits) -> Form:
    return {"memory_bytes": limits.memory_bytes, "cpus": limits.cpus, "pids": limits.pids}


def _items_form(items: Iterable[Item]) -> list[Form]:
    return [{"kind": item.kind, "id": item.id} for item in items]


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def kit_form(kit: Kit, saved: str | None) -> Form:
    """The identity is told where it was not saved: nobody could have it otherwise."""
    return {
        "recipient": kit.recipient,
        "identity": None if saved else kit.identity.reveal().decode(),
        "saved": saved,
    }


def kit_opened_form(opened: KitOpened) -> Form:
    return {"recipient": opened.recipient, "apps": list(opened.apps)}


def admins_form(admins: Iterable[KitAdmin]) -> Form:
    return {
        "admins": [
            {
                "name": admin.name,
                "recipient": admin.recipient,
                "here": admin.here,
                "leaving": admin.leaving,
            }
            for admin in admins
        ]
    }


def revoked_form(revoked: Revoked, saved: str | None) -> Form:
    """kit: null where the one that there is was confirmed already."""
    return {
        "admin": revoked.admin,
        "apps": list(revoked.apps),
        "kit": kit_form(revoked.kit, saved) if revoked.kit else None,
        "ca_certificate": revoked.ca_certificate,
        "still_to_do": list(still_to_do(revoked)),
    }
