"""How an app stands to the branch that it follows, out of one look at the repository."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from holdfast.domain.app import AppConfiguration, FollowMode, Release
from holdfast.domain.branches import Branches
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.pin import Pin


class BranchState(StrEnum):
    """README documents each."""

    UNKNOWN = "not checked"
    CURRENT = "current"
    NEWER = "newer commit"
    FAILED = "failed"
    SET_BACK = "set back"
    GONE = "branch gone"
    UNREACHABLE = "unreachable"
    PINNED = "pinned"
    TAG_MOVED = "tag moved"
    TAG_GONE = "tag gone"


#: What only an app that is pinned can be in.
OF_PINS = (BranchState.PINNED, BranchState.TAG_MOVED, BranchState.TAG_GONE)


@dataclass(frozen=True, slots=True)
class BranchLook:
    """One look. head: the branch's newest commit. told: what is the matter, and next: what to do
    about it, as sentences; empty where all is well."""

    state: BranchState = BranchState.UNKNOWN
    branch: str = ""
    checked: datetime | None = None
    head: str | None = None
    told: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """An app, how it follows its branch, and the last look."""

    app: AppName
    mode: FollowMode
    branch: str
    repository: str
    commit: str | None
    look: BranchLook = BranchLook()
    pin: Pin | None = None


def judge(
    configuration: AppConfiguration,
    releases: Iterable[Release],
    branches: Branches,
    checked: datetime,
) -> BranchLook:
    heads, default, moved_to = branches.commits, branches.default, branches.moved_to
    branch, name = configuration.followed_branch, configuration.name
    if configuration.follow.pin is not None:
        return _judge_pin(configuration, configuration.follow.pin, releases, branches, checked)
    known = {release.id: release for release in releases}
    serving = known.get(configuration.release or "")
    head = heads.get(branch)
    if head is None:
        commit = serving.commit.id if serving else None
        same = [other for other, each in heads.items() if each == commit]
        other = default if default in same or not same else sorted(same)[0]
        told = f"The branch {branch} is gone."
        if same:
            told += f" {other} holds the commit that serves: it may have been renamed."
        return BranchLook(
            BranchState.GONE,
            branch,
            checked,
            None,
            told,
            f"Follow another one: holdfast app follow {name} --branch {other}",
        )
    moved = f"The repository has moved to {moved_to}." if moved_to else ""
    deploy = f"Deploy it from there: holdfast app deploy {moved_to} --name {name} --replace"
    if serving is not None and head == serving.commit.id:
        told, then = moved, deploy if moved else ""
        if not moved and branch == configuration.source.default_branch != default:
            told = f"The repository's own branch is {default} now; {branch} is followed still."
            then = f"To follow it: holdfast app follow {name} --branch {default}"
        return BranchLook(BranchState.CURRENT, branch, checked, head, told, then)
    if head == configuration.follow.failed:
        return BranchLook(
            BranchState.FAILED,
            branch,
            checked,
            head,
            f"The commit {head[:7]} could not be made live. The release before serves on.",
            f"Push a repaired one, or read why: holdfast app update {name}",
        )
    if any(release.commit.id == head for release in known.values()):
        return BranchLook(
            BranchState.SET_BACK,
            branch,
            checked,
            head,
            f"{branch} is at {head[:7]}, which served before: it was set back, or this app was "
            "rolled back.",
            f"To serve it again: holdfast app update {name}",
        )
    told = f"{branch} has a newer commit, {head[:7]}. {moved}".strip()
    return BranchLook(BranchState.NEWER, branch, checked, head, told, f"holdfast app update {name}")


def _judge_pin(
    configuration: AppConfiguration,
    pin: Pin,
    releases: Iterable[Release],
    branches: Branches,
    checked: datetime,
) -> BranchLook:
    branch, name, tag = configuration.followed_branch, configuration.name, pin.tag
    head, short = branches.commits.get(branch), pin.commit[:7]
    at = branches.tags.get(tag) if tag else pin.commit
    serving = next((each for each in releases if each.id == configuration.release), None)
    state = BranchState.PINNED
    told, then = "", f"To follow {branch} again: holdfast app unpin {name}"
    if at is None:
        state = BranchState.TAG_GONE
        told = f"The tag {tag} is gone. The app stays pinned to {short}, where it was."
        then = f"Ask who deleted it. To pin the commit alone: holdfast app pin {name} {pin.commit}"
    elif at != pin.commit:
        state = BranchState.TAG_MOVED
        told = f"The tag {tag} is at {at[:7]} now. The app stays pinned to {short}, where it was."
        then = f"Ask who moved it. To take what it is at now: holdfast app pin {name} {tag}"
    elif serving is not None and serving.commit.id != pin.commit:
        told = f"It is pinned to {pin.name}, and serves another release: it was rolled back."
        then = f"To serve what it is pinned to: holdfast app update {name}"
    elif head is not None and head != pin.commit:
        told = f"{branch} is at {head[:7]}. It is not made live while the app is pinned."
    moved = f"The repository has moved to {branches.moved_to}." if branches.moved_to else ""
    return BranchLook(state, branch, checked, head, f"{told} {moved}".strip(), then)


def unreachable(
    configuration: AppConfiguration, error: HoldfastError, checked: datetime
) -> BranchLook:
    told = f"{error.what} {error.why}".strip()
    branch = configuration.followed_branch
    return BranchLook(BranchState.UNREACHABLE, branch, checked, None, told, error.next)
