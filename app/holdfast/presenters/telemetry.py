"""What leaves an app: the choices, what holds and why, and a plain list of it."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.app import AppState
from holdfast.domain.errors import UsageError
from holdfast.domain.frameworks import Framework
from holdfast.domain.node import AppSummary
from holdfast.domain.page_sources import STATISTICS_HOSTS, Allowed, PageSources, parse_sources
from holdfast.domain.requests import AppTelemetry, TelemetryApplied
from holdfast.domain.statistics import effective
from holdfast.domain.telemetry import Telemetry
from holdfast.presenters import figures
from holdfast.presenters.notices import Notice
from holdfast.presenters.quantities import count

CHOICES = {
    Telemetry.OFF: "Off",
    Telemetry.AS_REPOSITORY: "As the repository says",
    Telemetry.ON: "On",
}
SOURCES = {
    Allowed.ANYWHERE: "Anywhere",
    Allowed.LISTED: "Listed hosts",
    Allowed.OWN: "Its own host",
}
READING = "Reading what leaves the app…"
UNKNOWN = "What was chosen is in the app's encrypted volume, which cannot be read now."
LIVE = "Pages that are opened from now on are held to it; those that are open keep what they have."
HOSTS_HINT = "tiles.example.org *.example.com"
LEAVES = "What leaves"
USED = "Hosts that the repository names"
FIGURES_TOO = (
    "Holdfast's own figures obey the same switch: on keeps them, off ends and deletes them."
)
LIST_THEM = "List those that the repository names"


@dataclass(frozen=True, slots=True)
class Applying:
    """The buttons of a change. later: "" where there is nothing to start anew."""

    now: str
    later: str


def applying(app: AppSummary | None) -> Applying:
    if app is not None and app.state in (AppState.RUNNING, AppState.STARTING, AppState.CRASHED):
        return Applying(f"Apply and restart {app.name}", "Apply at the next start")
    return Applying("Apply", "")


def statement(told: AppTelemetry) -> str:
    """What holds and why."""
    return f"{'On' if told.effective.on else 'Off'} now. {told.effective.source}"


def asks_first(told: AppTelemetry, choice: Telemetry) -> Notice | None:
    """What is asked before statistics are turned on against the repository, or figures deleted."""
    if told.figures and not effective(choice, told.framework, told.repository).on:
        return Notice(
            "Its figures are deleted with it",
            f"{FIGURES_TOO} There are {count(told.figures, 'measurement')}.",
            "Apply, and delete them",
        )
    if choice is not Telemetry.ON or told.repository is not False:
        return None
    return Notice(
        "The repository says that none shall be sent",
        "Its .streamlit/config.toml sets gatherUsageStats to false. Whoever wrote the app did not "
        "want its visitors counted.",
        "Turn them on all the same",
    )


def parsed(allowed: Allowed, hosts: str) -> tuple[PageSources | None, str]:
    """What was chosen, or what is wrong with it."""
    given = [] if allowed is Allowed.OWN else hosts.replace(",", " ").split()
    try:
        return parse_sources(allowed.value, given), ""
    except UsageError as error:
        return None, f"{error.what} {error.why}"


def used_parts(told: AppTelemetry) -> tuple[tuple[str, str], ...]:
    """(host, where it is named) of what is proposed."""
    return tuple((each.host, each.where) for each in told.used)


def with_used(told: AppTelemetry, typed: str) -> str:
    """The hosts that are typed, and those that the repository names."""
    hosts = [*typed.replace(",", " ").split(), *(each.host for each in told.used)]
    return " ".join(dict.fromkeys(hosts))


def about_sources(allowed: Allowed, quiet: bool) -> str:
    if allowed is Allowed.OWN:
        return "Fonts, pictures, scripts and data come from the app's own address alone."
    if allowed is Allowed.LISTED:
        return "Maps, fonts and components come from the app's address and these hosts alone."
    if quiet:
        return (
            "Pictures, fonts, scripts and frames come from everywhere. Scripts connect to the "
            "app, to the hosts that maps, charts and components use, and to those listed "
            "here: the hosts of usage statistics are not among them."
        )
    return "Nothing is held back."


def leaves(told: AppTelemetry) -> tuple[tuple[str, str], ...]:
    """(what, where to and when) of all that can leave by this app."""
    return (
        ("From visitors' browsers: usage statistics", _statistics(told)),
        ("From visitors' browsers: what the page loads", _loads(told.sources)),
        (
            "From the app",
            "It may reach the internet and your network, and sends what its code sends.",
        ),
        ("Uploads", "They stay in RAM, unless the app stores them on its encrypted volume."),
        (
            "While it is deployed",
            "The git server, the package index and Debian's mirrors are asked by the node.",
        ),
        (
            "From Holdfast itself",
            f"Nothing. It sends nobody anything about you or your visitors. {_measured(told)}",
        ),
    )


def figures_sentence(done: TelemetryApplied) -> str:
    """What became of Holdfast's own figures; "" where the change was not about them."""
    changed = done.figures
    if changed is None:
        return ""
    held = figures.held_sentence(changed.figures)
    return held if changed.figures.kept else f"{figures.receipt(changed)} {held}"


def _measured(told: AppTelemetry) -> str:
    if told.figures is None:
        return "It measures nothing of the app."
    return f"It measures the app, and keeps that {figures.WHERE}."


def _statistics(told: AppTelemetry) -> str:
    hosts = " and ".join(STATISTICS_HOSTS)
    if told.framework == Framework.GRADIO:
        # Gradio asks from its own process
        return "Gradio's process sends its own." if told.effective.on else "None."
    if told.effective.on:
        return f"Sent to {hosts}."
    if not told.quiet:
        return "None."
    if told.sources.allowed is not Allowed.ANYWHERE:
        return f"None. The page may neither connect to {hosts} nor load from there."
    return (
        f"None. The page's scripts may not connect to {hosts}; pictures and frames may come from"
        " there, as from anywhere."
    )


def _loads(sources: PageSources) -> str:
    if sources.allowed is Allowed.OWN:
        return "Nothing from elsewhere: from its own host alone."
    if sources.allowed is Allowed.LISTED:
        return f"Its own host, {', '.join(sources.hosts)}."
    return "Fonts, map tiles and components may come from anywhere. Each host sees the visitor."
