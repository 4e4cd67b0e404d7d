"""From one release to another: the new one starts beside the old and takes its route over."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from holdfast.domain.app import AppConfiguration, Release
from holdfast.domain.errors import HoldfastError
from holdfast.domain.frameworks import Framework
from holdfast.domain.operation import Cancelled, CancelToken, Line, Steps, StepTime
from holdfast.domain.requests import Deployed
from holdfast.domain.stored import to_json
from holdfast.node import payloads
from holdfast.node.edge import address_text, update_edge, url_of
from holdfast.node.inventory import AppParts
from holdfast.node.node import Node
from holdfast.node.page_rules import page_rules
from holdfast.node.route_probe import RouteWanted, wait_route
from holdfast.node.serving import (
    Pair,
    begin_app,
    begin_sidecar,
    end_pair,
    reload_sidecar,
    wait_ready,
)
from holdfast.node.volume import Volume
from holdfast.operations.pair_ahead import PairAhead
from holdfast.operations.step_times import StepTimes
from holdfast.ports import EngineError


def switch_release(
    node: Node,
    volume: Volume,
    configuration: AppConfiguration,
    release: Release,
    old: str | None,
    times: StepTimes,
    cancel: CancelToken,
    ahead: PairAhead | None = None,
) -> Steps[Deployed]:
    """Start `release`, let it take over the route, then end `old` (the slot that serves). Whatever
    fails on the way, the old one serves on and nothing of the new one is left.

    ahead: what was begun of its containers; the caller clears them, should this fail."""
    pair = Pair(configuration, release, payloads.APP_PORT)
    name = configuration.name
    try:
        yield times.enter("Start the sidecar and its firewall")
        if ahead is None:
            begin_sidecar(node, name, release.slot, configuration.uid)
        else:
            ahead.wait_sidecar()
        yield times.enter("Start the app")
        begun = ahead.wait_runner() if ahead else None
        begin_app(node, pair, volume, node.keys.secrets(name), begun)
        yield from wait_ready(node, pair, cancel)
        yield times.enter("Switch the route")
        rules = page_rules(configuration, release)
        place = update_edge(node, {name: release.slot}, {name: rules})
        websocket = release.framework == Framework.STREAMLIT
        route = RouteWanted(name, configuration.host_name, release.slot, websocket)
        if untrusted := wait_route(node, route, cancel):
            yield Line(f"Browsers will warn of its certificate ({untrusted}): see Certificates.")
        # not before it serves: what a killed deploy leaves is no release to return to
        if release.by and release.seconds is None:
            release = replace(release, seconds=times.total(), steps=times.finished())
        wanted = replace(configuration, release=release.id, wanted=True)
        volume.store(
            {f"releases/{release.id}/release.json": to_json(release), "app.json": to_json(wanted)}
        )
    except BaseException:
        # should the engine be gone too, what was wrong first is what counts
        with suppress(HoldfastError, EngineError):
            end_pair(node, name, release.slot, volume)
            if old is not None:
                update_edge(node, {name: old}, {name: None})
        raise
    # from here on the new release serves: what follows only tidies, and is not cut short
    if old is not None and old != release.slot:
        with suppress(Cancelled):
            yield times.enter("End the old release")
        end_pair(node, name, old, volume)
    return deployed(node, configuration, release, place, times.finished())


def deployed(
    node: Node,
    configuration: AppConfiguration,
    release: Release,
    place: tuple[str, int],
    steps: tuple[StepTime, ...],
) -> Deployed:
    return Deployed(
        name=configuration.name,
        url=url_of(configuration.host_name, place) or "",
        address=address_text(place) or "",
        ca_certificate=str(node.ca_file),
        release=release,
        steps=steps,
    )


def running_already(
    node: Node,
    configuration: AppConfiguration,
    release: Release,
    times: StepTimes,
    parts: AppParts,
) -> Deployed:
    """What is told of an app that serves. Its route is opened, should a stop that was cut short
    have closed it, and so is the way from its sidecar, should a change of its volume have been."""
    name = configuration.name
    image = node.engine.image_id(node.images.node_image)
    if any(sidecar.image == image for sidecar in parts.by_role("proxy")):
        reload_sidecar(node, name, release.slot, configuration.uid, parts.port)
    place = update_edge(node, {name: release.slot}, {name: page_rules(configuration, release)})
    return deployed(node, configuration, release, place, times.finished())
