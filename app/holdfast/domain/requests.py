"""What a front end asks of a node, and what it is told: requests and results of the verbs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # annotations alone: the window asks before most of it is loaded
    from datetime import datetime

    from holdfast.domain.app import Commit, Release
    from holdfast.domain.asked_secrets import AskedSecret
    from holdfast.domain.contents import Contents
    from holdfast.domain.figures import FiguresChanged
    from holdfast.domain.names import AppName, HostName
    from holdfast.domain.operation import StepTime
    from holdfast.domain.page_sources import PageSources
    from holdfast.domain.pin import Pin
    from holdfast.domain.secret import Secret
    from holdfast.domain.statistics import Effective
    from holdfast.domain.telemetry import Telemetry
    from holdfast.domain.used_hosts import UsedHost


@dataclass(frozen=True, slots=True)
class DeployRequest:
    """What shall be deployed. None leaves the choice to Holdfast, or to what the app had before.

    repository: as a person pastes it, a URL, an SSH address or a local path.
    replace: an app of that name may exist; it gets a new release.
    secrets: a document that is joined to the app's before anything is built.
    pin: a tag or a commit that is deployed and held to, as a person types it.
    """

    repository: str
    name: str | None = None
    branch: str | None = None
    entrypoint: str | None = None
    python: str | None = None
    host_name: str | None = None
    memory_bytes: int | None = None
    cpus: float | None = None
    command: str | None = None
    replace: bool = False
    secrets: Secret | None = None
    pin: str | None = None


@dataclass(frozen=True, slots=True)
class Deployed:
    """A release that serves. ca_certificate: path of the visitors' CA on this machine (PEM).
    uncommitted: files of a folder of this machine whose changes were not committed, and not sent.
    """

    name: AppName
    url: str
    address: str
    ca_certificate: str
    release: Release
    steps: tuple[StepTime, ...]
    uncommitted: int = 0


class UpdateKind(StrEnum):
    """What came of looking for a push."""

    NOTHING_NEW = "nothing new"
    LIVE = "live"
    REDEPLOYED = "redeployed"


@dataclass(frozen=True, slots=True)
class Updated:
    """An app after an update. release: the one that serves. reason: why a redeploy was needed, or
    why a push is left alone.

    own_files: what the app wrote into its checkout, which a live update leaves there.
    """

    name: AppName
    kind: UpdateKind
    release: Release
    reason: str = ""
    own_files: tuple[str, ...] = ()
    deployed: Deployed | None = None


@dataclass(frozen=True, slots=True)
class SecretsApplied:
    """The app's secrets after a change. secrets: all names it has now, never a value.

    applied: when the app sees them: "live", "restarted" or "on next start".
    """

    name: AppName
    secrets: tuple[str, ...]
    applied: str


@dataclass(frozen=True, slots=True)
class AppSecrets:
    """An app's secrets as they are kept. before: the version before the last change, if there is
    one. keychain: what the user calls it.

    framework, asked, committed: of the release that serves, None and empty while it is sealed or
    was never finished. asked: the names that its code reads. committed: secrets files that the
    repository brings along, which are left out of what runs.
    """

    app: AppName
    document: Secret
    before: Secret | None
    keychain: str
    framework: str | None = None
    asked: tuple[AskedSecret, ...] = ()
    committed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppTelemetry:
    """What leaves an app. choice: what was set; repository: what its repository says about usage
    statistics, None where it says nothing; effective: what holds. sources: what its page may load
    from. quiet: its page is kept from sending statistics by the edge too. used: hosts from which it
    seems to load, by what the repository says; empty where that was not looked at. figures: so many
    measurements of Holdfast's own are kept; None where none are made."""

    app: AppName
    choice: Telemetry
    repository: bool | None
    effective: Effective
    framework: str
    sources: PageSources
    quiet: bool
    used: tuple[UsedHost, ...] = ()
    figures: int | None = None


@dataclass(frozen=True, slots=True)
class TelemetryApplied:
    """After a change. applied: when it holds: "live" (for pages opened from now on), "restarted"
    or "on next start". figures: what became of Holdfast's own, None where the change was not about
    them."""

    telemetry: AppTelemetry
    applied: str
    figures: FiguresChanged | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """path: "" for a start command of the admin's own, without a file.

    dependency_reason: why that file and no other, one sentence. indexes: hosts of package indexes
    that the dependency file names, beside PyPI. python: the version that would be used, "" where
    none suits; python_requirement: the project's own, if any.
    why_not, why_no_python: why a deploy of it would fail, "" where it would not for that.
    """

    path: str
    framework: str = ""
    dependency_file: str | None = None
    dependency_reason: str = ""
    python: str = ""
    python_requirement: str | None = None
    why_not: str = ""
    why_no_python: str = ""
    indexes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What was found in a repository, and what Holdfast proposes for it.

    candidates: what may be deployed of it, the proposed one first; never empty. uncommitted: files
    of a folder of this machine with changes that are not committed, and not sent. tags: the newest
    by its name first. pin: what was read, None where it was the branch `default_branch`.
    """

    address: str
    branches: tuple[str, ...]
    default_branch: str
    commit: Commit
    candidates: tuple[Candidate, ...]
    debian_packages: tuple[str, ...]
    proposed_name: AppName
    proposed_host_name: HostName
    contents: Contents
    uncommitted: int = 0
    tags: tuple[str, ...] = ()
    pin: Pin | None = None

    @property
    def proposed(self) -> Candidate:
        return self.candidates[0]

    def candidate(self, path: str) -> Candidate | None:
        """None for a file that nobody has looked at. "": where a start command does without."""
        found = (each for each in self.candidates if each.path == path)
        return next(found, None if path else self.proposed)


def unsent_line(number: int) -> str:
    """number: of files with changes that are not committed."""
    have = "1 file has" if number == 1 else f"{number} files have"
    return f"{have} changes that are not committed, and are not sent: the last commit is."


class Promise(StrEnum):
    """What a check is about: the four cards of an app's page."""

    ISOLATION = "isolation"
    AT_REST = "at rest"
    IN_TRANSIT = "in transit"
    LEAVES = "what leaves"


@dataclass(frozen=True, slots=True)
class Check:
    """One claim about an app, compared with what the node really says.

    claim: a short noun phrase ("no capabilities"); found: the evidence, as it was read.
    """

    promise: Promise
    claim: str
    held: bool
    found: str


@dataclass(frozen=True, slots=True)
class Verification:
    """All checks of one app, in the order in which they are shown."""

    app: AppName
    checks: tuple[Check, ...]
    finished: datetime
