"""Facts as a person reads them on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from holdfast.cli.terminal import plain
from holdfast.domain.app import Release
from holdfast.domain.asked_secrets import AskedSecret
from holdfast.domain.certificate import Certificates, WatchedCertificate
from holdfast.domain.connection import Repository
from holdfast.domain.following import Followed
from holdfast.domain.keeping import News, NewsKind
from holdfast.domain.node import (
    AppSummary,
    NodeStatus,
    Precondition,
    Removal,
    Snapshot,
    VolumeCheck,
    VolumeFacts,
)
from holdfast.domain.proof import Proof
from holdfast.domain.recovery_kit import KitAdmin, Revoked
from holdfast.domain.requests import (
    AppTelemetry,
    Deployed,
    SecretsApplied,
    TelemetryApplied,
    Updated,
    UpdateKind,
)
from holdfast.domain.secrets_values import SecretValue
from holdfast.presenters.certificates import (
    ROLES,
    reach_line,
    state_look,
    subject_of,
    summary_line,
    time_left,
    trouble_words,
)
from holdfast.presenters.following import FOLLOW_WORDS, look_words
from holdfast.presenters.problem import explain_unattended
from holdfast.presenters.proof import (
    VERDICT_LOOKS,
    control_lines,
    hit_lines,
    limit_lines,
    planted_lines,
    searched_lines,
    sentence,
)
from holdfast.presenters.quantities import ago, count, share, short, size
from holdfast.presenters.repositories import contact_line, credential_word
from holdfast.presenters.revocation import (
    STILL_TO_DO,
    admin_note,
    revoked_sentence,
    still_to_do,
)
from holdfast.presenters.states import APP_LOOKS, NODE_LOOKS, Look, Tone
from holdfast.presenters.telemetry import CHOICES, LEAVES, SOURCES, leaves, statement

_STYLES = {
    Tone.GOOD: "green",
    Tone.BUSY: "cyan",
    Tone.BAD: "bold red",
    Tone.WARN: "yellow",
    Tone.SEALED: "magenta",
}
_PRECONDITIONS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "missing": ("✗", "bold red")}
_NOTHING = "–"


def node(status: NodeStatus) -> RenderableType:
    return _pairs(
        ("State", _look(NODE_LOOKS[status.state])),
        ("Apps", str(status.apps)),
        ("Engine", status.engine_version),
        ("Socket", status.socket),
        ("Data", status.data_root),
        ("containerd", status.containerd_root),
        ("Image", status.image),
    )


def news(told: News) -> str:
    """One line of `node watch`."""
    problem = explain_unattended(told.error) if told.error else None
    why = (
        " ".join(part for part in (problem.what, problem.why, problem.next) if part)
        if problem
        else ""
    )
    words = {
        NewsKind.CONNECTED: "Connected to the node.",
        NewsKind.LOST: f"The node is lost. {why}",
        NewsKind.STEP: told.text,
        NewsKind.LINE: told.text,
        NewsKind.DONE: "Done.",
        NewsKind.FAILED: f"Failed. {why}",
    }
    duty = f"{told.duty}: " if told.duty else ""
    return f"{told.at.astimezone():%Y-%m-%d %H:%M:%S}  {duty}{words[told.kind]}"


def apps(snapshot: Snapshot) -> RenderableType:
    if not snapshot.apps:
        return "No apps yet. “holdfast app deploy REPOSITORY” makes the first."
    table = _table("Name", "State", "URL", "Commit", "Memory>", "Restarts>")
    for app in snapshot.apps:
        table.add_row(
            plain(app.name),
            _look(APP_LOOKS[app.state]),
            app.url or _NOTHING,
            short(app.commit.id) if app.commit else _NOTHING,
            share(app.memory_bytes, app.memory_limit),
            str(app.restarts),
        )
    return table


def app(
    summary: AppSummary, snapshot: Snapshot, release: Release | None, facts: VolumeFacts
) -> RenderableType:
    return _pairs(
        ("Name", summary.name),
        ("State", _look(APP_LOOKS[summary.state])),
        ("URL", summary.url),
        ("Address", snapshot.edge_address if summary.url else None),
        *(_release_pairs(release) if release else ()),
        ("Memory", share(summary.memory_bytes, summary.memory_limit)),
        ("Restarts", str(summary.restarts)),
        ("Volume", f"{facts.cipher}, {size(facts.cipher_bytes)}"),
        *((f"  {name}", size(number)) for name, number in facts.contents),
    )


def turned(summary: AppSummary) -> RenderableType:
    return _pairs(
        ("Name", summary.name), ("State", _look(APP_LOOKS[summary.state])), ("URL", summary.url)
    )


def deployed(result: Deployed) -> RenderableType:
    environment = result.release.environment
    packages = f"{count(environment.packages, 'package')}, {size(environment.size_bytes)}"
    return _pairs(
        ("Name", result.name),
        ("URL", result.url),
        ("Address", result.address),
        *_release_pairs(result.release),
        ("Environment", packages + (", kept from before" if environment.cached else "")),
        ("Certificate", result.ca_certificate),
    )


def followed(found: Followed) -> RenderableType:
    look = found.look
    return _pairs(
        ("Name", found.app),
        ("Repository", found.repository),
        ("Branch", found.branch),
        ("New commits", FOLLOW_WORDS[found.mode]),
        ("Serves", short(found.commit) if found.commit else None),
        ("State", look_words(look)),
        ("Told", look.told or None),
        ("Next", look.next or None),
    )


def updated(result: Updated) -> RenderableType:
    commit = f"{short(result.release.commit.id)} {result.release.commit.message}"
    if result.kind is UpdateKind.NOTHING_NEW:
        return plain(f"Nothing new: {result.name} serves the branch's newest commit, {commit}.")
    how = "without a restart" if result.kind is UpdateKind.LIVE else "by a redeploy"
    return _pairs(
        ("Name", result.name),
        ("Updated", f"{how}. {result.reason}".strip()),
        ("Release", result.release.id),
        ("Commit", commit),
        ("The app's own files", ", ".join(result.own_files[:8]) or "none beside the code"),
    )


def releases(found: Sequence[Release], serving: str | None) -> RenderableType:
    if not found:
        return "No release has been made yet."
    now = datetime.now(UTC)
    table = _table("", "Release", "Commit", "Message", "Author", "Made", "Kind", "Python")
    for each in found:
        table.add_row(
            Text("●", "green") if each.id == serving else "",
            each.id,
            short(each.commit.id),
            plain(each.commit.message),
            plain(each.commit.author),
            ago(each.created, now),
            each.kind.value,
            each.python,
        )
    return table


def removal(receipt: Removal | None) -> RenderableType:
    if receipt is None or not (receipt.removed or receipt.left):
        return "There was nothing to remove."
    table = _table("", "Kind", "Id")
    for item in receipt.removed:
        table.add_row(Text("removed", "green"), item.kind, plain(item.id))
    for item in receipt.left:
        table.add_row(Text("left", "bold red"), item.kind, plain(item.id))
    return table


def repositories(found: Sequence[Repository]) -> RenderableType:
    if not found:
        return "No repositories yet: each app brings its own."
    now = datetime.now(UTC)
    table = _table("Address", "Credential", "Host key", "Last contact", "Apps")
    for each in found:
        table.add_row(
            plain(each.address),
            credential_word(each),
            each.host_key or _NOTHING,
            plain(contact_line(each, now)),
            ", ".join(each.apps) or _NOTHING,
        )
    return table


def repository(found: Repository) -> RenderableType:
    return _pairs(
        ("Address", found.address),
        ("Credential", credential_word(found)),
        ("Host key", found.host_key),
        ("Last contact", contact_line(found, datetime.now(UTC))),
        ("Apps", ", ".join(found.apps)),
    )


def secrets(applied: SecretsApplied) -> RenderableType:
    return _pairs(
        ("Name", applied.name),
        ("Secrets", ", ".join(applied.secrets) or "none"),
        ("Applied", applied.applied),
    )


def listed_secrets(found: Sequence[SecretValue], missing: Sequence[AskedSecret]) -> RenderableType:
    table = _table("Name", "Type", "Variable", "Size>", "")
    for each in found:
        variable = Text("yes", "green") if each.environment else "no"
        note = plain(each.no_variable or "")
        table.add_row(plain(each.name), each.type.value, variable, size(each.bytes), note)
    absent = (
        plain(f"Missing: {each.name}, read by {each.where}")
        for each in missing
        if not each.optional
    )
    return Group(table if found else "No secrets yet.", *absent)


def telemetry(told: AppTelemetry) -> RenderableType:
    sources = told.sources
    return _pairs(
        ("Name", told.app),
        ("Chosen", CHOICES[told.choice]),
        ("Usage statistics", statement(told)),
        ("May load from", ", ".join((SOURCES[sources.allowed].lower(), *sources.hosts))),
        ("", ""),
        (LEAVES, ""),
        *leaves(told),
    )


def telemetry_applied(done: TelemetryApplied) -> RenderableType:
    return Group(telemetry(done.telemetry), _pairs(("Applied", done.applied)))


def volumes(found: Sequence[VolumeFacts]) -> RenderableType:
    if not found:
        return "No volumes yet: each app brings one."
    table = _table("App", "Cipher", "State", "On disk>", "Contents")
    for each in found:
        table.add_row(
            each.app,
            each.cipher,
            "Sealed" if each.sealed else "Unsealed",
            size(each.cipher_bytes),
            ", ".join(f"{name} {size(number)}" for name, number in each.contents) or _NOTHING,
        )
    return table


def volume_check(check: VolumeCheck) -> RenderableType:
    sign = Text("✓ ", "green") if check.sound else Text("✗ ", "bold red")
    return Group(
        sign.append_text(plain(check.summary)), *(plain(f"  {path}") for path in check.damaged)
    )


def certificates(found: Certificates) -> RenderableType:
    table = _table("Role", "For", "State", "Left>", "Issuer", "Next renewal")
    for row in found.rows:
        table.add_row(
            ROLES[row.role],
            plain(subject_of(row)),
            _look(state_look(row, found.looked)),
            time_left(row, found.looked),
            plain(row.certificate.issuer),
            f"{row.next_renewal:%Y-%m-%d}" if row.next_renewal else _NOTHING,
        )
    return Group(table, *_troubles(found), plain(reach_line(found)))


def certificate_check(found: Certificates) -> RenderableType:
    return Group(
        plain(summary_line(found)),
        *_troubles(found),
        *map(plain, filter(None, [reach_line(found)])),
    )


def certificate_trouble(row: WatchedCertificate, now: datetime) -> str:
    return f"{ROLES[row.role]}, {subject_of(row)}: {trouble_words(row, now)}"


def _troubles(found: Certificates) -> list[Text]:
    return [
        Text("! ", "yellow").append_text(plain(certificate_trouble(row, found.looked)))
        for row in found.rows
        if trouble_words(row, found.looked)
    ]


def proof(found: Proof) -> RenderableType:
    look = VERDICT_LOOKS[found.verdict]
    table = _pairs(
        *_section("Planted", planted_lines(found)),
        *_section("Searched", searched_lines(found)),
        ("In the forms", ", ".join(found.forms)),
        *_section("Control", control_lines(found)),
        *_section("Found", hit_lines(found)),
        *_section("Limits", limit_lines(found)),
    )
    verdict = Text(look.word, _STYLES[look.tone]).append(": ").append_text(plain(sentence(found)))
    return Group(verdict, table)


def _section(heading: str, lines: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Text]]:
    for at, (what, detail) in enumerate(lines):
        yield "" if at else heading, plain(what).append(f"  {plain(detail)}", "dim")


def admins(found: Sequence[KitAdmin]) -> RenderableType:
    if not found:
        return "The node has no recovery kit: its keys are in one keychain alone."
    table = _table("Admin", "Public half", "")
    for each in found:
        table.add_row(plain(each.name), each.recipient, admin_note(each))
    return table


def revoked(done: Revoked) -> RenderableType:
    tasks = still_to_do(done)
    return Group(
        plain(revoked_sentence(done)),
        "",
        f"{STILL_TO_DO}:",
        *(plain(f"{number}. {task}") for number, task in enumerate(tasks, 1)),
    )


def preconditions(found: Iterable[Precondition]) -> RenderableType:
    table = _table("", "Precondition", "Found", "Remedy")
    for each in found:
        table.add_row(
            Text(*_PRECONDITIONS[each.state]), each.name, plain(each.reason), plain(each.remedy)
        )
    return table


def _release_pairs(release: Release) -> tuple[tuple[str, str], ...]:
    return (
        ("Release", release.id),
        ("Commit", f"{short(release.commit.id)} {release.commit.message}"),
        ("Entrypoint", release.entrypoint),
        ("Dependencies", release.dependency_file or "none declared"),
        ("Python", release.python),
    )


def _look(look: Look) -> Text:
    return Text(look.word, _STYLES.get(look.tone, ""))


def _pairs(*pairs: tuple[str, str | Text | None]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(name, value if isinstance(value, Text) else plain(value or _NOTHING))
    return table


def _table(*columns: str) -> Table:
    """A column whose heading ends with > holds numbers."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in columns:
        numeric = heading.endswith(">")
        table.add_column(
            heading.removesuffix(">"), justify="right" if numeric else "left", overflow="fold"
        )
    return table
