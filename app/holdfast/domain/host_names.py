"""The host names that an app has: its main one, and further ones that serve it or lead there."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName, HostName, parse_host_name

#: Each has a certificate of its own in the edge's RAM, and one certificate of an ACME server's
#: holds them all.
MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class FurtherName:
    """redirects: it leads visitors to the main name, instead of serving the app."""

    host: HostName
    redirects: bool = False


@dataclass(frozen=True, slots=True)
class AppNames:
    """main: the one that the app was deployed with, None where that cannot be told. further: the
    others, in the order in which they were added."""

    app: AppName
    main: HostName | None
    further: tuple[FurtherName, ...] = ()

    @property
    def serving(self) -> tuple[HostName, ...]:
        """Where the app answers, the main name first."""
        main = () if self.main is None else (self.main,)
        return (*main, *(each.host for each in self.further if not each.redirects))

    @property
    def all(self) -> tuple[HostName, ...]:
        main = () if self.main is None else (self.main,)
        return (*main, *(each.host for each in self.further))


@dataclass(frozen=True, slots=True)
class NamesChange:
    """add: names that shall serve the app. redirect: those that shall lead to its main one."""

    add: tuple[HostName, ...] = ()
    redirect: tuple[HostName, ...] = ()
    remove: tuple[HostName, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.add or self.redirect or self.remove)


def parse_change(
    add: list[str] | None = None,
    redirect: list[str] | None = None,
    remove: list[str] | None = None,
) -> NamesChange:
    """Raises UsageError for what is no host name, or is asked for in two ways."""
    given = [tuple(map(parse_host_name, each or [])) for each in (add, redirect, remove)]
    named = [host for hosts in given for host in hosts]
    twice = next((host for host in named if named.count(host) > 1), None)
    if twice is not None:
        raise UsageError(
            f"{twice} is named twice.",
            "A name serves the app, or redirects, or is taken away.",
            "Name it once.",
        )
    return NamesChange(*given)


@dataclass(frozen=True, slots=True)
class NamesChanged:
    """Names as they are now. fresh: those that the change has added. gone: what it took away."""

    names: AppNames
    fresh: tuple[FurtherName, ...] = ()
    gone: tuple[HostName, ...] = ()


def changed(names: AppNames, change: NamesChange) -> NamesChanged:
    """What the change makes of the names. A name that is there already, in the other way, changes
    it. Raises UsageError."""
    for host in (*change.add, *change.redirect, *change.remove):
        if host == names.main:
            raise UsageError(
                f"{host} is the main name of {names.app}.",
                "It serves the app, and further names lead to it.",
                f"Choose another main name with --host-name, or in the settings of {names.app}.",
            )
    known = {each.host: each for each in names.further}
    for host in change.remove:
        if known.pop(host, None) is None:
            raise UsageError(
                f"{names.app} has no name {host}.",
                f"Its further names are: {', '.join(known) or 'none'}.",
                f"Look at them with: holdfast app names {names.app}",
            )
    asked = [FurtherName(host) for host in change.add]
    asked += [FurtherName(host, redirects=True) for host in change.redirect]
    fresh = tuple(each for each in asked if known.get(each.host) != each)
    known |= {each.host: each for each in asked}
    if len(known) > MOST_NAMES:
        raise UsageError(
            f"{names.app} would have {len(known)} further names.",
            f"An app has {MOST_NAMES} at most.",
            "Take others away first.",
        )
    return NamesChanged(
        AppNames(names.app, names.main, tuple(known.values())), fresh, change.remove
    )
