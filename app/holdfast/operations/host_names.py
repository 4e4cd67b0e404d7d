"""The host names of an app: shown, and changed while it runs. Nobody's connection ends by it."""

from __future__ import annotations

from contextlib import suppress

from holdfast.domain.errors import HoldfastError
from holdfast.domain.frameworks import Framework
from holdfast.domain.host_names import AppNames, NamesChange, NamesChanged, changed
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Operation, Step, Steps
from holdfast.node.acme import begin_acme, has_acme, keep_hosts, obtain, take_shown
from holdfast.node.edge import update_edge
from holdfast.node.further_names import keep_names, names_of
from holdfast.node.inventory import host_of, parts_of
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.route_probe import wait_gone, wait_name
from holdfast.node.serving import Pair, push_plan
from holdfast.node.taken_names import check_free
from holdfast.operations.serving_app import OpenedApp, open_app
from holdfast.ports import EngineError


def show_names(node: Node, name: AppName) -> Operation[AppNames]:
    def body(cancel: CancelToken) -> Steps[AppNames]:
        yield Step("Look at the app's names")
        parts = parts_of(node, name)
        main = host_of(parts.containers)
        if main is None and parts.unsealed:
            main = open_app(node, name).configuration.host_name
        return names_of(node.keys, name, main)

    return Operation(f"Look at the names of {name}", target=f"names/{name}", body=body)


def change_names(node: Node, name: AppName, change: NamesChange) -> Operation[AppNames]:
    """Raises UsageError for a name that is another app's. What fails leaves the names of before."""

    def body(cancel: CancelToken) -> Steps[AppNames]:
        yield Step("Look at the app")
        open_app(node, name)
        with holding(node, name, "change its names"):
            app = open_app(node, name)
            before = names_of(node.keys, name, app.configuration.host_name)
            made = changed(before, change)
            check_free(node, name, [each.host for each in made.fresh])
            try:
                yield from _serve(node, app, made, cancel)
                if made.names.all != before.all and has_acme(app.volume):
                    yield from _certify(node, app, made)
            except BaseException:
                _put_back(node, app, before)
                raise
            yield from _tell_app(node, app, made.names.serving != before.serving)
        return made.names

    return Operation(f"Change the names of {name}", target=name, body=body)


def _serve(node: Node, app: OpenedApp, made: NamesChanged, cancel: CancelToken) -> Steps[None]:
    yield Step("Tell the edge")
    authority = node.ca_file.read_bytes() if node.ca_file.exists() else b""
    keep_names(node.keys, made.names)
    update_edge(node, {})
    if authority and node.ca_file.read_bytes() != authority:
        yield Line(
            "The node has a new CA: the one of before may not vouch for the new name. Browsers have"
            " to trust it: holdfast certificate trust"
        )
    if app.parts.running is None:
        yield Line(f"{app.configuration.name} does not run: its names answer once it does.")
        return
    for each in made.fresh:
        main = app.configuration.host_name if each.redirects else None
        wait_name(node, each.host, main, cancel)
    for host in made.gone:
        wait_gone(node, host, cancel)


def _certify(node: Node, app: OpenedApp, made: NamesChanged) -> Steps[None]:
    """A certificate of an ACME server is to hold all names: one is asked for that has the new ones.
    What was taken away is left out of the next one."""
    name, hosts = app.configuration.name, made.names.all
    keep_hosts(app.volume, hosts)
    if not made.fresh:
        return
    yield Step("Ask for the certificate")
    if not any(each.state == "running" for each in app.parts.by_role("acme")):
        begin_acme(node, name, app.volume)
    take_shown(node, name, *hosts)
    obtain(node, name, ", ".join(each.host for each in made.fresh), anew=False)
    yield Step("Serve it")
    take_shown(node, name, *hosts)


def _tell_app(node: Node, app: OpenedApp, others: bool) -> Steps[None]:
    """Panel opens a websocket at the names alone that it was started with."""
    if others and app.parts.running is not None and app.release.framework == Framework.PANEL:
        push_plan(node, Pair(app.configuration, app.release, app.parts.port))
        name = app.configuration.name
        yield Line(f"Panel takes the change when it is started anew: holdfast app restart {name}")


def _put_back(node: Node, app: OpenedApp, before: AppNames) -> None:
    """Should the engine be gone too, what was wrong first is what counts."""
    with suppress(HoldfastError, EngineError):
        keep_names(node.keys, before)
        update_edge(node, {})
        if has_acme(app.volume):
            keep_hosts(app.volume, before.all)
            # it is there: what the client told of the new names is forgotten
            obtain(node, app.configuration.name, app.configuration.host_name, anew=False)
