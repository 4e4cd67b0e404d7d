"""Which routes the edge shall have, out of a list of what is on the engine. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from holdfast.domain import names
from holdfast.domain.container import ContainerFacts
from holdfast.domain.host_names import FurtherName
from holdfast.domain.names import AppName, HostName
from holdfast.node.page_rules import KeptPages
from holdfast.node.proxy_configuration import Route
from holdfast.node.serving import server_name


def routes(
    containers: list[ContainerFacts],
    serving: Mapping[AppName, str | None],
    pages: Callable[[AppName, str], KeptPages],
) -> list[Route]:
    """A route for every app that runs. serving: the release that shall be reached, for apps
    where that is not simply the only one (None: no route). pages: by app and release."""
    sidecars = {
        container.labels.get(names.LABEL_RELEASE): address
        for container in containers
        if container.labels.get(names.LABEL_ROLE) == "proxy" and container.state == "running"
        for address in [container.networks.get(names.network(_app(container)), "")]
        if address
    }
    found: dict[AppName, Route] = {}
    # the list comes newest first: the last one written is the oldest, which serves until told
    for container in _running(containers):
        app, release = _app(container), _release(container)
        if release not in sidecars or serving.get(app, release) != release:
            continue
        host = HostName(container.labels[names.LABEL_HOST])
        found[app] = Route(host, app, release, sidecars[release], server_name(app, release))
    told = [(each, pages(each.app, each.release)) for each in found.values()]
    ruled = (replace(each, rules=kept.rules, counted=kept.counted) for each, kept in told)
    return sorted(ruled, key=lambda route: route.host_name)


def still_serving(
    containers: list[ContainerFacts], serving: Mapping[AppName, str | None]
) -> dict[AppName, str | None]:
    """What of the edge's routes is still to be kept: those to releases that run, and closed ones
    of apps that do."""
    running = {(_app(container), _release(container)) for container in _running(containers)}
    apps = {app for app, _ in running}
    return {
        app: release
        for app, release in serving.items()
        if (app, release) in running or (release is None and app in apps)
    }


def sealed_hosts(
    containers: list[ContainerFacts], wanted: Sequence[Route]
) -> dict[HostName, AppName]:
    """Where visitors read that an app does not run: those of apps that are sealed on purpose."""
    served = {route.host_name for route in wanted}
    found = {
        HostName(container.labels[names.LABEL_HOST]): _app(container)
        for container in containers
        if container.labels.get(names.LABEL_ROLE) == "seal" and names.LABEL_HOST in container.labels
    }
    return {host: app for host, app in found.items() if host not in served}


def with_further(
    wanted: Sequence[Route],
    resting: Mapping[HostName, AppName],
    further: Mapping[AppName, tuple[FurtherName, ...]],
) -> tuple[list[Route], dict[HostName, AppName]]:
    """Routes, and hosts where visitors read a page, with the further names of their apps. Each
    name leads to one app: a main name before further ones, and of these the first."""
    taken = {*(route.host_name for route in wanted), *resting}

    def free(app: AppName) -> tuple[FurtherName, ...]:
        found = tuple(each for each in further.get(app, ()) if each.host not in taken)
        taken.update(each.host for each in found)
        return found

    named = [replace(route, further=free(route.app)) for route in wanted]
    still = {each.host: app for app in resting.values() for each in free(app)}
    return named, {**resting, **still}


def _running(containers: list[ContainerFacts]) -> list[ContainerFacts]:
    return [
        container
        for container in containers
        if container.labels.get(names.LABEL_ROLE) == "run" and container.state == "running"
    ]


def _release(container: ContainerFacts) -> str:
    return container.labels.get(names.LABEL_RELEASE, "")


def _app(container: ContainerFacts) -> AppName:
    return AppName(container.labels.get(names.LABEL_APP, ""))
