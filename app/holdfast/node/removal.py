"""Removes everything that belongs to an app, and searches for what might be left of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.node import Item
from holdfast.node import payloads
from holdfast.node.acme import forget_shown, is_shown
from holdfast.node.node import Node
from holdfast.ports import EngineError

_LOOK = 'cd /mnt/shared && [ ! -d "$1" ] || find "$1" -xdev'
#: Prints a line where there is something, and then what is left of it.
_CLEAR = (
    'cd /mnt/shared && [ -d "$1" ] || exit 0; echo; umount -l "$1"/*/* 2>/dev/null;'
    f' find "$1" -xdev -depth -type d -exec rmdir {{}} +; {_LOOK}'
)


def erase(node: Node, app: AppName) -> list[Item]:
    """Remove all that carries the app's label, its folder on the host and its keys; the key
    last, so that an interrupted removal can be repeated. Returns what went."""
    removed: list[Item] = []
    labelled = {names.LABEL_APP: app}
    # the app before its sidecar, and both before the mounter, or the app dies of SIGBUS
    order = ("acme", "run", "build", "copy", "fetch", "firewall", "packages", "proxy", "volume")
    containers = [
        c for c in node.engine.containers(labelled) if c.labels.get(names.LABEL_ROLE) != "lock"
    ]
    containers.sort(key=lambda c: _place(order, c.labels.get(names.LABEL_ROLE, "")))
    for container in containers:
        if container.labels.get(names.LABEL_ROLE) == "volume" and container.state == "running":
            node.engine.stop(container.name, grace=5)
        node.engine.remove(container.name)
        removed.append(Item("container", container.name))
    if is_shown(node, app):
        for _, labels in node.engine.volumes(labelled):
            if names.LABEL_UID in labels:
                forget_shown(node, app, int(labels[names.LABEL_UID]))
        removed.append(_shown(app))
    for name, labels, _ in node.engine.networks():
        if labels.get(names.LABEL_APP) == app:
            node.engine.remove_network(name)
            removed.append(Item("network", name))
    for name, labels in node.engine.volumes(labelled):
        if labels.get(names.LABEL_ROLE) != "lock":
            node.engine.remove_volume(name)
            removed.append(Item("volume", name))
    for image, tags in node.engine.images(labelled):
        node.engine.remove_image(image)
        removed.append(Item("image", tags[0] if tags else image))
    if clear_shared_folder(node, app) is not None:
        removed.append(Item("host folder", names.plain_view_root(app)))
    removed += node.connections.release(app)
    removed += node.keys.forget(app)
    return removed


def erase_node(node: Node) -> list[Item]:
    """Remove what the node has of its own, once its apps are gone: its keys first, so that nothing
    opens what might be left. Returns what went."""
    ours = {names.LABEL_ROLE: ""}
    removed: list[Item] = []
    node.keys.forget_node()
    for container in node.engine.containers(ours):
        node.engine.remove(container.name)
        removed.append(Item("container", container.name))
    for name, labels, _ in node.engine.networks():
        if names.LABEL_ROLE in labels:
            node.engine.remove_network(name)
            removed.append(Item("network", name))
    for name, _ in node.engine.volumes(ours):
        node.engine.remove_volume(name)
        removed.append(Item("volume", name))
    for image, tags in node.engine.images(ours):
        with suppress(EngineError, HoldfastError):
            node.engine.remove_image(image)
            removed.append(Item("image", tags[0] if tags else image))
    return removed


def search(node: Node, app: AppName) -> list[Item]:
    """What there is of an app: by label, by the beginning of its name, on the host, in the
    keychain. The lock of the search's own operation does not count."""
    mine = _belongs(app, {c.labels.get(names.LABEL_APP, "") for c in node.engine.containers()})
    left = [
        Item("container", c.name)
        for c in node.engine.containers()
        if c.name != names.lock(app) and mine(c.name, c.labels.get(names.LABEL_APP))
    ]
    left += [
        Item("volume", name)
        for name, labels in node.engine.volumes()
        if mine(name, labels.get(names.LABEL_APP))
    ]
    left += [
        Item("network", name)
        for name, labels, _ in node.engine.networks()
        if mine(name, labels.get(names.LABEL_APP))
    ]
    left += [
        Item("image", tags[0] if tags else image)
        for image, tags in node.engine.images({names.LABEL_APP: app})
    ]
    left += [Item("host folder", path) for path in views_on_host(node, app)]
    left += [_shown(app)] if is_shown(node, app) else []
    return left + node.connections.items(app) + node.keys.items(app)


def _shown(app: AppName) -> Item:
    return Item("certificate", f"the edge's copy in RAM, {payloads.EDGE_SHOWN}/{app}")


def views_on_host(node: Node, app: AppName) -> list[str]:
    """What there is of an app's decrypted views below /run/holdfast of the engine's host."""
    return _in_shared_folder(_run_sweeper(node, _LOOK, app))


def clear_shared_folder(node: Node, app: AppName) -> list[str] | None:
    """Unmount and delete an app's folder below /run/holdfast of the engine's host. What is left of
    it, None where there was none."""
    told = _run_sweeper(node, _CLEAR, app)
    return _in_shared_folder(told[1:]) if told else None


def _belongs(app: AppName, others: set[str]) -> Callable[[str, str | None], bool]:
    prefix = f"{names.PREFIX}{app}"
    longer = [f"{names.PREFIX}{other}" for other in others if other.startswith(f"{app}-")]

    def belongs(name: str, label: str | None) -> bool:
        if label is not None:
            return label == app
        if any(name == other or name.startswith(f"{other}-") for other in longer):
            return False
        return name == prefix or name.startswith(f"{prefix}-")

    return belongs


def _place(order: tuple[str, ...], role: str) -> int:
    return order.index(role) if role in order else 0


def _in_shared_folder(paths: list[str]) -> list[str]:
    return [f"/run/holdfast/{path}" for path in paths]


def _run_sweeper(node: Node, script: str, app: AppName) -> list[str]:
    """The lines that the script prints."""
    spec = payloads.sweeper(app, node.images.node_image)
    node.engine.remove(spec.name)
    with node.engine.held(spec):
        done = node.engine.run(spec.name, ("/bin/sh", "-c", script, "sh", app))
    return done.output.decode(errors="replace").split("\n")[:-1]
