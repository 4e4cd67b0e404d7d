"""The list of apps, one row each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from holdfast.domain.app import AppState
from holdfast.domain.node import AppSummary, Snapshot
from holdfast.presenters.certificate import certificate_look, ends_exactly, time_left
from holdfast.presenters.quantities import DASH, age, ago, count, exact, percent, share, short
from holdfast.presenters.rows import Cell, Column, Row
from holdfast.presenters.states import APP_LOOKS
from holdfast.presenters.usage import REACH, Trend, UsageHistory

COLUMNS = (
    Column("App", 180, 3),
    Column("State", 132, 2),
    Column("Release", 180, 4),
    Column("CPU", 116, numeric=True),
    Column("Memory", 132, numeric=True),
    Column("Up for", 84, numeric=True),
)

#: Trouble first, then what moves, then what rests.
_URGENCY = (
    AppState.CRASHED,
    AppState.FAILED,
    AppState.DEPLOYING,
    AppState.UNSEALING,
    AppState.STARTING,
    AppState.SEALED,
    AppState.RUNNING,
    AppState.STOPPED,
)


def app_row(app: AppSummary, now: datetime, step: str | None = None, trend: Trend = ()) -> Row:
    """step: what this desktop is doing to the app at the moment. trend: of its CPU."""
    look = APP_LOOKS[app.state]
    doing = step or app.activity or ""
    restarts = count(app.restarts, "restart") if app.restarts else ""
    commit = app.commit
    host = app.host_name or ""
    return Row(
        key=app.name,
        cells=(
            _address(app, host, now),
            Cell(
                look.word,
                doing or restarts,
                look=look,
                order=_URGENCY.index(app.state),
                tooltip=doing,
            ),
            Cell(
                commit.message if commit else DASH,
                f"{short(commit.id)} · {ago(commit.created, now)}" if commit else "",
                order=commit.created.timestamp() if commit else 0.0,
                tooltip=f"{commit.message}\n{commit.author}, {exact(commit.created)}"
                if commit
                else "",
            ),
            Cell(
                percent(app.cpu_percent),
                trend=trend,
                order=app.cpu_percent or -1.0,
                tooltip=f"Of one core, over the last {REACH}" if trend else "",
            ),
            Cell(share(app.memory_bytes, app.memory_limit), order=app.memory_bytes or -1),
            Cell(
                age(app.started, now),
                order=-app.started.timestamp() if app.started else 0.0,
                tooltip=exact(app.started),
            ),
        ),
        search=" ".join(
            (
                app.name,
                host,
                look.word,
                commit.message if commit else "",
                commit.id if commit else "",
            )
        ).lower(),
    )


def _address(app: AppSummary, host: str, now: datetime) -> Cell:
    """The app's name over its address, with the lock of what visitors are served."""
    ends = app.certificate_ends
    if ends is None:
        return Cell(app.name, host, order=app.name, strong=True, tooltip=app.url or host)
    return Cell(
        app.name,
        f"{time_left(ends, now)} · {host}",
        detail_look=certificate_look(ends, now),
        order=app.name,
        strong=True,
        tooltip=f"{app.url or host}\n{ends_exactly(ends)}",
    )


def app_rows(
    snapshot: Snapshot, now: datetime, steps: Mapping[str, str], usage: UsageHistory
) -> tuple[Row, ...]:
    return tuple(
        app_row(app, now, steps.get(app.name), usage.cpu(app, now)) for app in snapshot.apps
    )
