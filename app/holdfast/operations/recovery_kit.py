"""The recovery kit's verbs: look, create, check, show again, open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.recovery_kit import KIT_LANE, Kit, KitOpened, KitStatus
from holdfast.domain.secret import Secret
from holdfast.node import recovery_kit
from holdfast.node.age_file import parse_identity, recipient_of
from holdfast.node.inventory import all_parts
from holdfast.node.node import Node

Result = TypeVar("Result")


def read_kit(node: Node) -> Operation[KitStatus]:
    title = "Look at the recovery kit"

    def body(cancel: CancelToken) -> Steps[KitStatus]:
        yield Step(title)
        return recovery_kit.kit_status(node.keys)

    return Operation(title, target=KIT_LANE, body=body)


def create_kit(node: Node, another: bool) -> Operation[Kit]:
    """another: replace one that was confirmed. One that was not is replaced without asking."""

    def make(apps: list[AppName]) -> Kit:
        return kit_of(node, recovery_kit.create_kit(node.keys, node.by, apps, another))

    return _operation(node, "Make the recovery kit", make)


def check_kit(node: Node, text: bytes) -> Operation[KitOpened]:
    """text: the identity, or the page that holds it. Raises UsageError for a wrong one."""
    identity = parse_identity(text)
    return _operation(
        node,
        "Check the recovery kit",
        lambda apps: recovery_kit.check_kit(node.keys, identity, apps),
    )


def show_kit(node: Node, text: bytes) -> Operation[Kit]:
    """The page once more, for whoever has the identity."""
    identity = parse_identity(text)

    def show(apps: list[AppName]) -> Kit:
        recovery_kit.check_identity(node.keys, identity)
        return kit_of(node, identity)

    return _operation(node, "Show the recovery kit", show)


def open_kit(node: Node, text: bytes) -> Operation[KitOpened]:
    """Let this workstation in. Raises UsageError for an identity that is none, or not the kit's;
    then nothing has changed."""
    identity = parse_identity(text)
    return _operation(
        node,
        "Open the recovery kit",
        lambda apps: recovery_kit.open_kit(node.keys, identity, node.by, apps),
    )


def _operation(node: Node, title: str, act: Callable[[list[AppName]], Result]) -> Operation[Result]:
    def body(cancel: CancelToken) -> Steps[Result]:
        yield from node.images.ensure_node_image(cancel)
        yield Step(title)
        return act([parts.name for parts in all_parts(node)])

    return Operation(title, target=KIT_LANE, body=body)


def kit_of(node: Node, identity: Secret) -> Kit:
    """A kit as it is shown, this once."""
    volumes = f"{node.engine.facts().data_root}/volumes"
    name = f"{node.name} ({node.keys.node_id})"
    return Kit(identity, recipient_of(identity), name, volumes, node.clock.now())
