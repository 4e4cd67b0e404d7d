"""The list of apps, one app, and what a verb made of it."""

from __future__ import annotations

from rich.console import RenderableType

from holdfast.cli.tables.layout import columns, look_text, pairs
from holdfast.cli.tables.releases import release_pairs
from holdfast.cli.terminal import plain
from holdfast.domain.app import Release
from holdfast.domain.following import Followed
from holdfast.domain.host_names import AppNames
from holdfast.domain.node import AppSummary, Snapshot, VolumeFacts
from holdfast.domain.requests import Deployed, Updated, UpdateKind, unsent_line
from holdfast.presenters.following import FOLLOW_WORDS, away_words, look_words
from holdfast.presenters.host_names import rows
from holdfast.presenters.quantities import DASH, share, short, size
from holdfast.presenters.releases import packages_line
from holdfast.presenters.states import APP_LOOKS


def apps_table(snapshot: Snapshot) -> RenderableType:
    if not snapshot.apps:
        return "No apps yet. “holdfast app deploy REPOSITORY” makes the first."
    table = columns("Name", "State", "URL", "Commit", "Memory>", "Restarts>")
    for app in snapshot.apps:
        table.add_row(
            plain(app.name),
            look_text(APP_LOOKS[app.state]),
            app.url or DASH,
            short(app.commit.id) if app.commit else DASH,
            share(app.memory_bytes, app.memory_limit),
            str(app.restarts),
        )
    return table


def app_table(
    summary: AppSummary,
    snapshot: Snapshot,
    release: Release | None,
    followed: Followed | None,
    facts: VolumeFacts,
) -> RenderableType:
    return pairs(
        ("Name", summary.name),
        ("State", look_text(APP_LOOKS[summary.state])),
        ("URL", summary.url),
        ("Address", snapshot.edge_address if summary.url else None),
        *(release_pairs(release) if release else ()),
        *(_followed_pairs(followed) if followed else ()),
        ("Memory", share(summary.memory_bytes, summary.memory_limit)),
        ("Restarts", str(summary.restarts)),
        ("Volume", f"{facts.cipher}, {size(facts.cipher_bytes)}"),
        *((f"  {name}", size(number)) for name, number in facts.contents),
    )


def names_table(names: AppNames) -> RenderableType:
    table = columns("Name", "What it does")
    for host, way in rows(names):
        table.add_row(plain(host), way)
    return table


def turned_table(summary: AppSummary) -> RenderableType:
    return pairs(
        ("Name", summary.name), ("State", look_text(APP_LOOKS[summary.state])), ("URL", summary.url)
    )


def deployed_table(result: Deployed) -> RenderableType:
    environment = result.release.environment
    number = result.uncommitted
    unsent = [("Not committed", unsent_line(number))] if number else []
    return pairs(
        ("Name", result.name),
        ("URL", result.url),
        ("Address", result.address),
        *release_pairs(result.release),
        *unsent,
        ("Environment", packages_line(environment) + ", kept from before" * environment.cached),
        ("Certificate", result.ca_certificate),
    )


def followed_table(found: Followed) -> RenderableType:
    look = found.look
    told = (
        ("Told", look.told),
        ("Since", away_words(found)),
        ("Next", look.next),
        ("Beside that", look.aside),
    )
    return pairs(
        ("Name", found.app),
        ("Repository", found.repository),
        *_followed_pairs(found),
        ("Serves", short(found.commit) if found.commit else None),
        ("State", look_words(found)),
        *(pair for pair in told if pair[1]),
    )


def _followed_pairs(found: Followed) -> tuple[tuple[str, str], ...]:
    pinned = (("Pinned to", found.pin.name),) if found.pin else ()
    return (("Branch", found.branch), ("New commits", FOLLOW_WORDS[found.mode]), *pinned)


def updated_table(result: Updated) -> RenderableType:
    commit = f"{short(result.release.commit.id)} {result.release.commit.message}"
    if result.kind is UpdateKind.NOTHING_NEW and result.reason:
        return plain(f"Nothing is changed: {result.name} serves {commit}. {result.reason}")
    if result.kind is UpdateKind.NOTHING_NEW:
        return plain(f"Nothing new: {result.name} serves the branch's newest commit, {commit}.")
    how = "without a restart" if result.kind is UpdateKind.LIVE else "by a redeploy"
    return pairs(
        ("Name", result.name),
        ("Updated", f"{how}. {result.reason}".strip()),
        ("Release", result.release.id),
        ("Commit", commit),
        ("The app's own files", ", ".join(result.own_files[:8]) or "none beside the code"),
    )
