"""The app that is deployed to: its volume, open, and the name that visitors will reach it by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from holdfast.domain import names
from holdfast.domain.app import AppConfiguration, Limits
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.names import AppName, HostName
from holdfast.domain.repository import RepositoryAddress
from holdfast.domain.requests import DeployRequest
from holdfast.node.edge import update_edge
from holdfast.node.inventory import AppParts, all_parts, free_uid
from holdfast.node.node import Node
from holdfast.node.publication import wanted_publication
from holdfast.node.removal import erase
from holdfast.node.serving import clear_short_lived, clear_unfinished, releases_running
from holdfast.node.taken_names import check_free
from holdfast.node.volume import Contents, Volume
from holdfast.ports import EngineError


@dataclass(frozen=True, slots=True)
class Target:
    """before: the configuration of the app as it is, None for a new one."""

    name: AppName
    volume: Volume
    contents: Contents
    host_name: HostName

    @property
    def before(self) -> AppConfiguration | None:
        return self.contents.configuration

    def command(self, request: DeployRequest) -> str | None:
        """The start command that is asked for, or the one of before."""
        return request.command or (self.before.command if self.before else None)

    def limits(self, request: DeployRequest) -> Limits:
        """Those that are asked for, or as before."""
        limits = self.before.limits if self.before else Limits()
        if request.memory_bytes is not None:
            limits = replace(limits, memory_bytes=request.memory_bytes)
        if request.cpus is not None:
            limits = replace(limits, cpus=request.cpus)
        return limits


@contextmanager
def opened(
    node: Node, name: AppName, request: DeployRequest, address: RepositoryAddress
) -> Iterator[Target]:
    """The app's volume, mounted. A new app's is made, and is gone again if the deploy fails."""
    parts = all_parts(node)
    existing = next((part for part in parts if part.name == name), None)
    if existing is not None:
        volume = Volume(node, name, existing.uid)
        contents = volume.contents()
        _check_same(contents.configuration, request, address)
        _clear_killed(node, volume, existing, contents)
        yield Target(name, volume, contents, _host_name(node, name, request, contents))
        return
    host_name = _host_name(node, name, request, Contents(None, ()))
    # of a removal that was killed in its search
    labelled = {names.LABEL_APP: name}
    clear_short_lived(node, node.engine.containers(labelled), node.engine.volumes(labelled))
    volume = Volume(node, name, free_uid(parts))
    try:
        volume.mount(volume.create(), node.images.node_image)
        yield Target(name, volume, Contents(None, ()), host_name)
    except BaseException:
        # the engine or the keychain may be gone too: what was wrong first is what counts, and
        # `app remove` or the next deploy clears the rest
        with suppress(HoldfastError, EngineError):
            erase(node, name)
        raise


def _clear_killed(node: Node, volume: Volume, parts: AppParts, contents: Contents) -> None:
    """End what a killed deploy left, which may have taken the route over."""
    kept = contents.current.slot if contents.current else None
    if set(releases_running(parts.containers)) - {kept}:
        update_edge(node, {parts.name: kept})
    clear_unfinished(node, volume, parts.name, parts.containers, kept, contents.views)


def _check_same(
    before: AppConfiguration | None, request: DeployRequest, address: RepositoryAddress
) -> None:
    if before is None or request.replace or before.source.repository == address.url:
        return
    raise UsageError(
        f"The name {before.name} is taken by another repository.",
        f"It was deployed from {before.source.repository}.",
        "Choose another name with --name, or replace that app with --replace.",
    )


def _host_name(node: Node, name: AppName, request: DeployRequest, contents: Contents) -> HostName:
    before = contents.configuration
    if wanted := request.host_name or (before.host_name if before else None):
        host = names.parse_host_name(wanted)
    else:
        host = wanted_publication(node.keys).host_name(name)
    check_free(node, name, [host])
    return host
