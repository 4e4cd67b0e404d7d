"""An app: what the admin asked for, its releases, and the states that it can be in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from holdfast.domain.names import AppName, HostName
from holdfast.domain.operation import StepTime
from holdfast.domain.page_sources import PageSources
from holdfast.domain.pin import Pin
from holdfast.domain.telemetry import Telemetry


class AppState(StrEnum):
    """The closed set of states that lists show. docs/command-line.md documents each."""

    DEPLOYING = "deploying"
    STARTING = "starting"
    RUNNING = "running"
    CRASHED = "crashed"
    STOPPED = "stopped"
    SEALED = "sealed"
    UNSEALING = "unsealing"
    FAILED = "failed"

    @property
    def is_closed(self) -> bool:
        """Whether nobody can read what the app keeps."""
        return self in (AppState.SEALED, AppState.UNSEALING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the code comes from. repository: address as given, without credentials."""

    repository: str
    branch: str
    entrypoint: str
    default_branch: str | None = None
    """The repository's own, as it was then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the app may use. memory counts RAM volumes too; no swap is ever added."""

    memory_bytes: int = 1 << 30
    cpus: float = 1.0
    pids: int = 256


class FollowMode(StrEnum):
    """What happens when the followed branch has a newer commit."""

    AUTO = "auto"
    TELL = "tell"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """How an app follows its branch. branch: None for the one that it was deployed from.

    failed: the commit that could not be made live; it is not tried again by itself.
    pin: what the app is held to; while it is, nothing of the branch is made live.
    """

    mode: FollowMode = FollowMode.TELL
    branch: str | None = None
    failed: str | None = None
    pin: Pin | None = None


class ReleaseKind(StrEnum):
    """How a release came to serve."""

    DEPLOY = "deploy"
    LIVE = "live update"
    REDEPLOY = "redeploy"
    """A push that took more than new files."""
    ROLL_BACK = "roll back"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfiguration:
    """What the admin asked for: the source of truth about the app (`app.json`)."""

    name: AppName
    source: Source
    host_name: HostName
    limits: Limits = Limits()
    python: str | None = None
    """The Python version asked for ("3.13"), or None: the newest that the project admits."""
    command: str | None = None
    """A start command of the admin's own, with the port in $PORT; None: by framework."""
    uid: int
    """The uid of everything that belongs to this app on the node."""
    wanted: bool = True
    """Whether the app should run while its volume is unsealed."""
    release: str | None = None
    """The id of the release that serves, or did when the app was stopped."""
    follow: Following = Following()
    """It belongs to the app, not to a release: a roll-back leaves it as it is."""
    telemetry: Telemetry = Telemetry.OFF
    page: PageSources = field(default_factory=PageSources)
    """What its pages may load from."""

    @property
    def followed_branch(self) -> str:
        return self.follow.branch or self.source.branch


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """id: full hex object name. message: the subject line alone."""

    id: str
    message: str
    author: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An environment image. digest: hex, of what was resolved, the Python image and version."""

    digest: str
    packages: int
    size_bytes: int
    cached: bool = False
    inputs: str = ""
    """Digest of what the resolver was given: the same again needs no resolving."""
    streamlit: str | None = None
    """The version of Streamlit in it, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release of an app (`release.json`), with the configuration it was made from."""

    id: str
    commit: Commit
    created: datetime
    configuration: AppConfiguration
    entrypoint: str
    dependency_file: str | None
    python: str
    framework: str
    """streamlit, gradio, dash, panel, fastapi, flask, or command."""
    application: str | None = None
    """For frameworks that are served from outside: the variable that holds the app."""
    command: str | None = None
    """The `web:` line of its Procfile, or the admin's own start command."""
    environment: Environment
    image: str
    """The engine's id of the image that runs it: it differs where packages.txt asks for more."""
    kind: ReleaseKind = ReleaseKind.DEPLOY
    by: str = ""
    """Who made it serve."""
    seconds: float | None = None
    """How long that took."""
    steps: tuple[StepTime, ...] = ()
    """Of which each step took so much."""
    kept_in: str | None = None
    """Where its checkout and its containers are, if not under its own id."""
    statistics: bool | None = None
    """What the repository says about usage statistics; None: nothing."""

    @property
    def slot(self) -> str:
        """The id in its containers' names and of the folder with its checkout. Releases that were
        made live one after the other share one: it holds the code of the latest."""
        return self.kept_in or self.id
