"""Marks where they lie in the clear, as apps never put them: what a search has to find."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from holdfast.domain import names
from holdfast.domain.container import PushedFile
from holdfast.domain.errors import HoldfastError
from holdfast.domain.marks import Marks, forms
from holdfast.node import payloads
from holdfast.node.node import Node

#: Names of marks, and in words where each is.
CONTROLS = {
    "volume": "an ordinary volume",
    "log": "a log that the engine keeps",
    "layer": "a layer of an image",
}
_WRITE = (
    "cd /mnt/job && cp volume /mnt/volume/mark && cp layer /etc/holdfast-control"
    " && cat log >/proc/1/fd/1 && sync"
)


@contextmanager
def in_the_clear(node: Node, marks: Marks) -> Iterator[None]:
    """The volume's mark is there in every form."""
    part = payloads.control(node.images.node_image)
    labels = {names.LABEL_ROLE: "control"}
    contents = {
        "volume": b"\n".join(form for _, form in forms(marks["volume"])),
        "log": f"{marks['log']}\n".encode(),
        "layer": marks["layer"].encode(),
    }
    try:
        clear_controls(node)
        node.engine.create_volume(names.CONTROL, labels)
        node.begin(part)
        files = [PushedFile(name, content) for name, content in contents.items()]
        node.engine.push(names.CONTROL, "/mnt/job", files, uid=0)
        _shell(node, _WRITE)
        node.engine.commit(names.CONTROL, names.CONTROL_IMAGE, labels)
        # from now on the mark is in the image's layer, and no longer in the container's own
        _shell(node, "rm /etc/holdfast-control")
        yield
    finally:
        clear_controls(node)


def clear_controls(node: Node) -> None:
    """What in_the_clear made, also what a killed desktop left of it."""
    node.end(payloads.control(node.images.node_image))
    node.engine.remove_volume(names.CONTROL)
    if node.engine.image_id(names.CONTROL_IMAGE):
        node.engine.remove_image(names.CONTROL_IMAGE)


def _shell(node: Node, script: str) -> None:
    done = node.engine.run(names.CONTROL, ("/bin/sh", "-c", script))
    if done.exit_code:
        raise HoldfastError(
            "The control of the proof could not be set up.",
            done.complaint,
            "Try again; if it stays so, look at the node with: holdfast doctor",
        )
