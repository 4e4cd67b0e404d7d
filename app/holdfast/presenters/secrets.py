"""An app's secrets: what is listed of them, what is wrong with a text, and what a change does."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.app import AppState
from holdfast.domain.asked_secrets import AskedSecret, missing_secrets
from holdfast.domain.errors import (
    KeychainError,
    KeychainLocked,
    NotLetIn,
    ProofUnknown,
    UsageError,
)
from holdfast.domain.frameworks import Framework
from holdfast.domain.node import AppSummary
from holdfast.domain.requests import AppSecrets
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_change import builds_alone, difference, merge
from holdfast.domain.secrets_document import SecretsMalformed, parse, parse_dotenv
from holdfast.domain.secrets_values import SecretValue, parse_name, reveal, values_of
from holdfast.presenters.notices import Notice
from holdfast.presenters.problem import explain
from holdfast.presenters.quantities import DASH, count, size
from holdfast.presenters.rows import Cell, Column, Row
from holdfast.presenters.states import Look, Shape, Tone

#: As many for every value: their number would tell its length.
DOTS = "••••••••"
COLUMNS = (
    Column("Name", 200, 2),
    Column("Value", 110, 1),
    Column("Type", 90),
    Column("Environment variable", 240, 3),
)
CHANGE_COLUMNS = (Column("Name", 280, 2), Column("Change", 160, 1))
#: States in which a change of secrets reaches an app, or starts it again.
STARTED_AGAIN = frozenset({AppState.RUNNING, AppState.STARTING, AppState.CRASHED})
NOTHING = Notice(
    "No secrets yet", "Paste a secrets.toml or a .env, or write one.", "Write secrets.toml"
)
READING = "Reading the keychain…"
FILES = "Secrets (*.toml *.env .env);;All files (*)"
DRAFT = "These changes are not saved yet."
NOT_SHOWN = (
    "This text holds a character that the editor here would change. "
    "Edit it with: holdfast secrets edit"
)

#: What is done about a keychain that gives nothing, by the error, the first that fits.
_REMEDIES = (
    (KeychainLocked, "Unlock it"),
    ((NotLetIn, ProofUnknown), "Open with the recovery kit"),
    (KeychainError, "Ask the keychain again"),
)
_MISSING = Look("Missing", Shape.DIAMOND, Tone.WARN)
_OPTIONAL = Look("Optional", Shape.RING, Tone.QUIET)
_ADDED = Look("Added", Shape.DISC, Tone.GOOD)
_CHANGED = Look("Changed", Shape.HALF, Tone.BUSY)
_REMOVED = Look("Removed", Shape.TRIANGLE, Tone.BAD)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Where a text stops being TOML, counted from 1 (0: nowhere in particular), and why."""

    line: int
    column: int
    why: str

    @property
    def words(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.why}" if self.line else self.why


@dataclass(frozen=True, slots=True)
class Judged:
    """A text as an editor holds it: a document, or a mistake."""

    document: Secret | None
    mistake: Mistake | None


@dataclass(frozen=True, slots=True)
class Review:
    """A change before it is made. save, later: the words of its buttons, later "" where the app
    sees it live."""

    title: str
    detail: str
    rows: tuple[Row, ...]
    save: str
    later: str


def judge(text: str) -> Judged:
    try:
        return Judged(parse(text), None)
    except SecretsMalformed as error:
        return Judged(None, Mistake(error.line, error.column, error.why))
    except UsageError as error:
        return Judged(None, Mistake(0, 0, f"{error.what} {error.next}"))


def imported(document: Secret, given: bytes, dotenv: bool) -> Secret:
    """The document with what a file or the clipboard brings. Raises UsageError."""
    return merge(document, parse_dotenv(given) if dotenv else parse(given))


def from_clipboard(document: Secret, given: str) -> Secret:
    """Lines of a `.env` are told from TOML by trying. Raises UsageError as TOML would."""
    text = given.encode(errors="surrogatepass")
    try:
        return imported(document, text, dotenv=False)
    except UsageError:
        try:
            return imported(document, text, dotenv=True)
        except UsageError:
            pass
        raise


def rows(document: Secret, asked: tuple[AskedSecret, ...]) -> tuple[Row, ...]:
    """What is missing first, then every value; no value is in any of them."""
    missing = missing_secrets(document, asked)
    needed = [_missing_row(each) for each in missing if not each.optional]
    wanted = [_missing_row(each) for each in missing if each.optional]
    return (*needed, *(_row(each) for each in values_of(document)), *wanted)


def summary(document: Secret, keychain: str) -> str:
    number = len(values_of(document))
    return f"{count(number, 'value')} · {size(len(document.reveal()))} · kept in {keychain}"


def shown(document: Secret, name: str) -> str | None:
    """One value to be seen or copied; None for a name that holds none."""
    try:
        return reveal(document, parse_name(name)).reveal().decode()
    except UsageError:
        return None


def committed(secrets: AppSecrets) -> Notice | None:
    if not secrets.committed:
        return None
    return Notice(
        "A secret is committed to the repository",
        f"{', '.join(secrets.committed)} is left out of what runs, but whoever reads the "
        "repository reads it. Change its values where they are used, and remove it there.",
    )


def refused(error: Exception) -> Notice:
    """Why the keychain gave nothing, and what to do about it."""
    problem = explain(error)
    text = " ".join(part for part in (problem.why, problem.next) if part)
    action = next((words for kind, words in _REMEDIES if isinstance(error, kind)), "Try again")
    return Notice(problem.what, text, action)


def wants_kit(error: Exception | None) -> bool:
    """Whether the remedy is the recovery kit."""
    return isinstance(error, NotLetIn | ProofUnknown)


def review(secrets: AppSecrets, app: AppSummary, after: Secret) -> Review:
    found = difference(secrets.document, after)
    changes = [(name, _ADDED) for name in found.added]
    changes += [(name, _CHANGED) for name in found.changed]
    changes += [(name, _REMOVED) for name in found.removed]
    runs = app.state in STARTED_AGAIN
    restarts = runs and secrets.framework not in (None, Framework.STREAMLIT)
    if builds_alone(secrets.document, after):
        restarts = False
        detail = "The app is given none of it: the next deploy builds with it."
    elif restarts:
        detail = f"{app.name} reads its variables when it starts. Visitors wait while it does."
    elif runs:
        detail = "Open pages see the change at once."
    else:
        detail = "The app sees the change when it starts."
    return Review(
        title=_counted(changes) or "Comments and layout change, and no value",
        detail=detail,
        rows=tuple(_change_row(name, look) for name, look in changes),
        save=f"Save and restart {app.name}" if restarts else "Save",
        later="Save for the next start" if restarts else "",
    )


def _counted(changes: list[tuple[str, Look]]) -> str:
    looks = [look for _, look in changes]
    parts = [f"{looks.count(each)} {each.word.lower()}" for each in (_ADDED, _CHANGED, _REMOVED)]
    return ", ".join(part for part in parts if not part.startswith("0 "))


def _row(value: SecretValue) -> Row:
    return Row(
        key=value.name,
        cells=(
            Cell(value.name, order=value.name, strong=True),
            Cell(DOTS, size(value.bytes), order=value.bytes),
            Cell(value.type.value.capitalize(), order=value.type.value),
            Cell(*("Yes", "") if value.no_variable is None else ("No", value.no_variable)),
        ),
        search=value.name.lower(),
    )


def _missing_row(asked: AskedSecret) -> Row:
    look = _OPTIONAL if asked.optional else _MISSING
    kind = "the environment" if asked.variable else "st.secrets"
    return Row(
        key=f"missing {kind} {asked.name}",
        cells=(
            Cell(asked.name, asked.where, order=asked.name),
            Cell(look.word, look=look, order=-1),
            Cell(DASH),
            Cell("Asked for by the code", f"It is read from {kind}."),
        ),
        search=asked.name.lower(),
    )


def _change_row(name: str, look: Look) -> Row:
    return Row(name, (Cell(name, order=name), Cell(look.word, look=look, order=look.word)))
