"""Unseal: mount each sealed volume with its key and start the apps that ran before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Operation, Step, Steps
from holdfast.node import payloads
from holdfast.node.acme import resume_acme
from holdfast.node.authorities import edge_authority, sidecars_authority
from holdfast.node.edge import update_edge
from holdfast.node.inventory import AppParts, all_parts, parts_of
from holdfast.node.node import Node
from holdfast.node.page_rules import KeptPages, page_rules
from holdfast.node.sealing import forget_seal
from holdfast.node.serving import (
    Pair,
    begin_app,
    begin_sidecar,
    clear_unfinished,
    end_pair,
    wait_ready,
)
from holdfast.node.volume import Volume
from holdfast.operations.side_by_side import SideBySide


def unseal_node(node: Node, app: AppName | None = None) -> Operation[None]:
    """Every app, those that were sealed on purpose too, or one. Raises AppNotFound."""

    def body(cancel: CancelToken) -> Steps[None]:
        if app is not None:
            parts_of(node, app)
        return (
            yield from unseal_apps(
                node, lambda parts: app in (None, parts.name), cancel, on_purpose=True
            )
        )

    return Operation(f"Unseal {app or 'the node'}", target=app or "node", body=body)


def unseal_apps(
    node: Node, wanted: Callable[[AppParts], bool], cancel: CancelToken, on_purpose: bool = False
) -> Steps[None]:
    """Several apps at once. One that fails does not hold the others back; at the end it is told.
    Cancelled, it begins no further app; those that are open by then stay so, with their routes.

    on_purpose: also what was sealed on purpose, which counts for nothing from then on."""
    yield Step("Look for sealed volumes")
    node.keys.catch_up(lambda: [parts.name for parts in all_parts(node)])
    unsealing = _Unsealing(node, on_purpose)
    found = [parts for parts in all_parts(node) if wanted(parts)]
    sealed = [parts.name for parts in found if unsealing.is_due(parts)]
    several = SideBySide(node, "unseal", cancel)
    try:
        if sealed:
            yield Step("Unseal the apps")
            unsealing.prepare()
            yield from several.each(sealed, unsealing.open)
        yield Step("Open the routes")
    except BaseException:
        # what is open by now is to be reached; what was wrong first is what counts
        with suppress(HoldfastError):
            unsealing.open_routes()
        raise
    unsealing.open_routes()
    for pair in list(unsealing.started):
        try:
            yield from wait_ready(node, pair, cancel)
        except HoldfastError as error:
            several.failed.append((pair.configuration.name, error))
            yield Line(f"{pair.configuration.name}: {error}")
    several.tell_failures("unsealed or started")


@dataclass
class _Unsealing:
    """started, and what the edge shall know of their pages: filled from several threads."""

    node: Node
    on_purpose: bool
    started: list[Pair] = field(default_factory=list)
    pages: dict[AppName, KeptPages] = field(default_factory=dict)

    def is_due(self, parts: AppParts) -> bool:
        if parts.sealed_on_purpose and not self.on_purpose:
            return False
        return not (parts.unsealed and Volume(self.node, parts.name, parts.uid).is_mounted())

    def prepare(self) -> None:
        """Ask once, before several ask at the same time: the keychain, and the engine's host."""
        edge_authority(self.node.keys, self.node.clock.now())
        sidecars_authority(self.node.keys, self.node.clock.now())
        _ = self.node.host

    def open(self, app: AppName) -> str:
        """What is told of it. Once begun it is brought to its end: a volume that is open without
        its app would look as if somebody had stopped it."""
        # whoever held it until now may have unsealed it, or sealed it on purpose
        parts = parts_of(self.node, app)
        if not self.is_due(parts):
            return "is as it was left"
        forget_seal(self.node, app)
        pair = self._mount_and_start(parts)
        told = "unsealed, starting" if pair is not None else "unsealed; it was stopped before"
        try:
            resume_acme(self.node, app, Volume(self.node, app, parts.uid))
        except HoldfastError as error:
            # what it got is served until it ends; nobody shall wait for the app because of it
            return f"{told}; its certificate is not renewed: {error.why or error.what}"
        return told

    def open_routes(self) -> None:
        pages = dict(self.pages)
        update_edge(
            self.node,
            {pair.configuration.name: pair.release.slot for pair in list(self.started)},
            {name: each.rules for name, each in pages.items()},
            {name: each.counted for name, each in pages.items()},
        )

    def _mount_and_start(self, parts: AppParts) -> Pair | None:
        node = self.node
        volume = Volume(node, parts.name, parts.uid)
        cipher = node.keys.cipher_volume(parts.name)
        key, changed = node.keys.opening_keys(parts.name)
        volume.mount(key, node.images.node_image, cipher, changed)
        contents = volume.contents()
        # what an engine leaves of containers when it ends has lost its RAM volumes
        clear_unfinished(node, volume, parts.name, parts.containers, None, contents.views)
        configuration, release = contents.configuration, contents.current
        if configuration is None or release is None or not configuration.wanted:
            return None
        pair = Pair(configuration, release, payloads.APP_PORT)
        try:
            begin_sidecar(node, parts.name, release.slot, parts.uid)
            begin_app(node, pair, volume, node.keys.secrets(parts.name))
        except BaseException:
            end_pair(node, parts.name, release.slot, volume)
            raise
        rules = page_rules(configuration, release)
        self.pages[parts.name] = KeptPages(rules, contents.keeps_figures)
        self.started.append(pair)
        return pair
