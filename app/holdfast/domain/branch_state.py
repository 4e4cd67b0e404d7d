"""What one look at a repository says of the branch that an app follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from shlex import quote

from holdfast.domain.app import AppConfiguration, Release, ReleaseKind
from holdfast.domain.branches import Branches
from holdfast.domain.connection import ServerBusy
from holdfast.domain.errors import HoldfastError
from holdfast.domain.following import NEVER_LOOKED, BranchLook, BranchState, Lineage
from holdfast.domain.pin import Pin

#: Clocks that are so far apart are told of.
_MISDATED = timedelta(hours=1)


def asked_lineage(
    configuration: AppConfiguration,
    releases: Iterable[Release],
    branches: Branches,
    last: BranchLook,
) -> Release | None:
    """What serves, where the branch is at another commit and nobody has found out yet how the two
    stand to each other."""
    head = branches.commits.get(configuration.followed_branch)
    serving = _serving(configuration, releases)
    if configuration.follow.pin is not None or serving is None or head is None:
        return None
    known = last.lineage is not None and last.head == head and last.release == serving.id
    return None if known or head == serving.commit.id else serving


def judge(
    configuration: AppConfiguration,
    releases: Iterable[Release],
    branches: Branches,
    checked: datetime,
    lineage: Lineage | None = None,
    last: BranchLook = NEVER_LOOKED,
) -> BranchLook:
    """lineage: of the newest commit, where another one serves. last: the look before, of the same
    branch."""
    releases = tuple(releases)
    branch, pin = configuration.followed_branch, configuration.follow.pin
    head, serving = branches.commits.get(branch), _serving(configuration, releases)
    if pin is not None:
        found = _judge_pin(configuration, pin, serving, branches)
    elif head is None:
        found = _judge_gone(configuration, serving, branches, last)
    elif serving is not None and head == serving.commit.id:
        found = BranchLook(BranchState.CURRENT)
    else:
        found = replace(_judge_head(configuration, releases, head, lineage), lineage=lineage)
    if pin is None and head is not None and _has_another_default(configuration, branches):
        found = replace(found, instead=branches.default)
    return replace(
        found,
        branch=branch,
        checked=checked,
        head=head or last.head,
        aside=" ".join(_asides(configuration, serving, branches, checked, found.instead)),
        release=configuration.release,
    )


def unreachable(
    configuration: AppConfiguration,
    error: HoldfastError,
    checked: datetime,
    last: BranchLook = NEVER_LOOKED,
) -> BranchLook:
    """last: the look before, of the same branch."""
    since = last.since if last.state is BranchState.UNREACHABLE else None
    return replace(
        last,
        state=BranchState.UNREACHABLE,
        branch=configuration.followed_branch,
        release=configuration.release,
        checked=checked,
        since=since or checked,
        rest=(error.rest if isinstance(error, ServerBusy) else None) or timedelta(),
        told=f"{error.what} {error.why}".strip(),
        next=error.next,
        aside="",
        instead="",
    )


def _serving(configuration: AppConfiguration, releases: Iterable[Release]) -> Release | None:
    return next((each for each in releases if each.id == configuration.release), None)


def _has_another_default(configuration: AppConfiguration, branches: Branches) -> bool:
    """Whether the app follows what was the repository's own branch, and is not any more."""
    was = configuration.source.default_branch
    return configuration.followed_branch == was != branches.default


def _asides(
    configuration: AppConfiguration,
    serving: Release | None,
    branches: Branches,
    now: datetime,
    instead: str,
) -> Iterator[str]:
    """What is the matter with the repository, whatever its branch is at."""
    name, branch, moved_to = configuration.name, configuration.followed_branch, branches.moved_to
    if moved_to:
        yield f"The repository has moved to {moved_to}, and is read there."
        yield f"Deploy it from there: holdfast app deploy {quote(moved_to)} --name {name} --replace"
    if instead and branch in branches.commits:
        yield f"The repository's own branch is {instead} now; {branch} is followed still."
        yield f"To follow it: holdfast app follow {name} --branch {quote(instead)}"
    if serving is not None and serving.commit.created - now > _MISDATED:
        dated = f"{serving.commit.created:%-d %B %Y, %H:%M}"
        yield f"The commit that serves is dated {dated}, which is still to come:"
        yield "the clock of whoever made it, or of this machine, is wrong. Nothing depends on it."


def _judge_head(
    configuration: AppConfiguration,
    releases: tuple[Release, ...],
    head: str,
    lineage: Lineage | None,
) -> BranchLook:
    """The branch is at another commit than the one that serves."""
    name, branch = configuration.name, configuration.followed_branch
    serving, short = _serving(configuration, releases), head[:7]
    served = serving.commit.id[:7] if serving else ""
    update = f"holdfast app update {name}"
    if head == configuration.follow.failed:
        told = f"The commit {short} could not be made live. The release before serves on."
        then = f"Push a repaired one, or read why: {update}"
        return BranchLook(BranchState.FAILED, told=told, next=then)
    if any(release.commit.id == head for release in releases):
        then = f"To serve it again: {update}"
        rolled_back = serving is not None and serving.kind is ReleaseKind.ROLL_BACK
        if lineage is Lineage.FOLLOWS or (lineage is not Lineage.REWRITTEN and rolled_back):
            told = f"{branch} is at {short}, which served before this app went back to {served}."
            return BranchLook(BranchState.ROLLED_BACK, told=told, next=then)
        told = f"{branch} is at {short}, which served before: it was set back by force."
        if lineage is not Lineage.REWRITTEN:
            told = f"{told.removesuffix(' by force.')}, or this app was."
        return BranchLook(BranchState.SET_BACK, told=told, next=then)
    if lineage is Lineage.REWRITTEN:
        told = f"{branch} was pushed by force: its newest commit, {short}, does not build on"
        told += f" {served}, which serves. What others pushed in between may be lost: ask who"
        told += " did it."
        then = f"To serve it: {update}. To stay at what serves: holdfast app pin {name}"
        return BranchLook(BranchState.FORCED, told=told, next=then)
    told = f"{branch} has a newer commit, {short}."
    if lineage is Lineage.UNTOLD:
        told += f" Whether it builds on {served}, which serves, cannot be told: its history"
        told += " could not be read far enough."
    return BranchLook(BranchState.NEWER, told=told, next=update)


def _judge_gone(
    configuration: AppConfiguration, serving: Release | None, branches: Branches, last: BranchLook
) -> BranchLook:
    branch, default = configuration.followed_branch, branches.default
    told = f"The branch {branch} is gone."
    for commit in (last.head, serving.commit.id if serving else None):
        same = sorted(each for each, at in branches.commits.items() if at == commit)
        if same:
            other = default if default in same else same[0]
            told += f" {other} is at {(commit or '')[:7]}, where it was: it may have been renamed."
            break
    else:
        other = default
        told += " No branch is where it was: it was deleted, or renamed and pushed to."
    then = f"Follow another one: holdfast app follow {configuration.name} --branch {quote(other)}"
    return BranchLook(BranchState.GONE, told=told, next=then, instead=other)


def _judge_pin(
    configuration: AppConfiguration, pin: Pin, serving: Release | None, branches: Branches
) -> BranchLook:
    branch, name, tag = configuration.followed_branch, configuration.name, pin.tag
    head, short = branches.commits.get(branch), pin.commit[:7]
    at = branches.tags.get(tag) if tag else pin.commit
    state = BranchState.PINNED
    told, then = "", f"To follow {branch} again: holdfast app unpin {name}"
    if at is None:
        state = BranchState.TAG_GONE
        told = f"The tag {tag} is gone. The app stays pinned to {short}, where it was."
        then = f"Ask who deleted it. To pin the commit alone: holdfast app pin {name} {pin.commit}"
    elif tag is not None and at != pin.commit:
        state = BranchState.TAG_MOVED
        told = f"The tag {tag} is at {at[:7]} now. The app stays pinned to {short}, where it was."
        then = f"Ask who moved it. To take what it is at now: holdfast app pin {name} {quote(tag)}"
    elif serving is not None and serving.commit.id != pin.commit:
        told = f"It is pinned to {pin.name}, and serves another release: it was rolled back."
        then = f"To serve what it is pinned to: holdfast app update {name}"
    elif head is not None and head != pin.commit:
        told = f"{branch} is at {head[:7]}. It is not made live while the app is pinned."
    return BranchLook(state, told=told, next=then)
