"""The further host names of apps, as they are kept among an app's keys: all that the edge asks for
when it is told its routes, whether an app runs, is stopped or is sealed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from holdfast.domain.host_names import AppNames, FurtherName
from holdfast.domain.names import AppName, HostName
from holdfast.domain.secret import Secret
from holdfast.domain.stored import Damaged, from_json, to_json
from holdfast.node.keys import NodeKeys


@dataclass(frozen=True, slots=True)
class _Item:
    further: tuple[FurtherName, ...] = ()


def further_names(
    keys: NodeKeys, apps: Iterable[AppName]
) -> dict[AppName, tuple[FurtherName, ...]]:
    """In one look, of those apps that have any. What cannot be read leads nowhere."""
    found = {}
    for app, item in keys.names(apps).items():
        with suppress(Damaged):
            found[app] = from_json(_Item, item.reveal()).further
    return found


def names_of(keys: NodeKeys, app: AppName, main: HostName | None) -> AppNames:
    """A further name that a deploy or a roll-back has made the main one is none meanwhile."""
    further = further_names(keys, [app]).get(app, ())
    return AppNames(app, main, tuple(each for each in further if each.host != main))


def keep_names(keys: NodeKeys, names: AppNames) -> None:
    """What is the main name just now stays kept, for the day when another one is again."""
    before = further_names(keys, [names.app]).get(names.app, ())
    further = (*(each for each in before if each.host == names.main), *names.further)
    item = Secret(to_json(_Item(further)).encode())
    keys.keep_names(names.app, item if further else None)
