"""Tries on an engine, for real, what every app needs: an encrypted mount that reaches another
container, and the firewall's rules. What it does decides, not what version the engine has."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from holdfast.domain import names
from holdfast.domain.container import Completed, EngineFacts
from holdfast.domain.errors import EngineUnsupported
from holdfast.domain.operation import Step, Steps
from holdfast.domain.secret import Secret
from holdfast.domain.supported_engine import check_clock, check_supported
from holdfast.node import payloads
from holdfast.node.engine_lack import explain_lack
from holdfast.node.firewall import firewall_rules
from holdfast.node.locking import in_turn
from holdfast.node.networks import load_rules
from holdfast.node.node import Node
from holdfast.node.removal import clear_shared_folder
from holdfast.node.volume import Volume
from holdfast.ports import EngineError

#: A trial takes two; on a machine that is busy, many more.
_TURN_SECONDS = 60.0
_VIEW = "view"
_NOT_ARRIVED = 2
#: As an app. Status 2: nothing arrived. Argument: the text to write.
_WRITE = 'cd /mnt/app/data && mountpoint -q . || exit 2; printf %s "$1" >probe && cat probe'
_IS_OPEN = "[ -e /mnt/app/data/probe ] || touch /mnt/app/data/open || touch /mnt/app/open"
#: In the mounter: the text is in the plain view, and nowhere in the ciphertext.
_READ = 'cat /keys/plain/data/probe && ! grep -rqF -e "$1" /cipher'


def recognise(node: Node) -> EngineFacts:
    """Raises EngineUnsupported for an engine that is refused by its name, or by its clock."""
    facts = node.engine.facts()
    check_supported(facts)
    check_clock(facts, node.clock.now())
    return facts


def prove_engine(node: Node) -> Steps[None]:
    """Try the engine unless that was done already with this engine, kernel and node image.
    Raises EngineUnsupported. The node image has to be there."""
    proven = _digest(recognise(node), node.images.node_image)
    for name, labels in node.engine.volumes({names.LABEL_PROVEN: ""}):
        if name == names.PROVEN_VOLUME and labels[names.LABEL_PROVEN] == proven:
            return
    yield Step("Try what apps need of the engine")
    try_engine(node)
    node.engine.remove_volume(names.PROVEN_VOLUME)
    labels = {names.LABEL_ROLE: "node", names.LABEL_PROVEN: proven}
    node.engine.create_volume(names.PROVEN_VOLUME, labels)


def try_engine(node: Node) -> None:
    """Mount, share, write, read back, unmount, and load rules; nothing is left of it. One at a
    time, whoever tries: another's would end this one. Raises EngineUnsupported."""
    try:
        with (
            in_turn(node, names.PROBE, "try the engine", _TURN_SECONDS),
            ThreadPoolExecutor(1, thread_name_prefix="probe") as beside,
        ):
            rules = beside.submit(_try_rules, node)
            _try_mount(node)
            rules.result()
    except EngineError as error:
        raise explain_lack(error) from None


def _digest(facts: EngineFacts, image: str) -> str:
    parts = (facts.id, facts.version, facts.kernel, image)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _try_mount(node: Node) -> None:
    text = secrets.token_hex(16)
    view = payloads.view_probe(node.images.node_image, _VIEW).name
    with _mounted(node) as volume, _looking(node):
        volume.show_view(_VIEW, "data:data:rw")
        written = _shell(node, view, _WRITE, text)
        if written.exit_code == _NOT_ARRIVED:
            raise EngineUnsupported(
                "The node's containers cannot share what they mount.",
                "What one container mounted did not arrive in another.",
                "Run on the engine's host: sudo mount --make-rshared / and restart the engine.",
            )
        kept = _shell(node, names.mounter(names.PROBE), _READ, text)
        expected = Completed(0, text.encode(), b"")
        if written != expected or kept != expected:
            raise EngineUnsupported(
                "Apps cannot keep anything on the node.",
                written.complaint or kept.complaint or "What was written could not be read back.",
                "Look at the log of the engine's host, or use another one.",
            )
        volume.hide_view(_VIEW)
        if _shell(node, view, _IS_OPEN).exit_code == 0:
            raise EngineUnsupported(
                "What is sealed on the node would stay open.",
                "A folder could still be written to after it was unmounted.",
                "Run on the engine's host: sudo mount --make-rshared / and restart the engine.",
            )


@contextmanager
def _mounted(node: Node) -> Iterator[Volume]:
    """A volume like an app's, under a key that nobody keeps."""
    app, uid, image = names.PROBE, payloads.PROBE_UID, node.images.node_image
    cipher = names.cipher_volume(app)
    volume = Volume(node, app, uid)
    mounter = payloads.mounter(app, uid, image)
    try:
        node.end(mounter)
        node.engine.remove_volume(cipher)
        node.engine.create_volume(cipher, names.labels(app, "probe"))
        volume.mount(Secret(secrets.token_hex(32).encode()), image)
        yield volume
    finally:
        node.end(mounter)
        node.engine.remove_volume(cipher)
        clear_shared_folder(node, app)


@contextmanager
def _looking(node: Node) -> Iterator[None]:
    """A container as an app's, which waits for what the mounter will show."""
    spec = payloads.view_probe(node.images.node_image, _VIEW)
    try:
        node.engine.remove(spec.name)
        node.engine.create(spec)
        node.engine.start(spec.name)
        yield
    finally:
        node.engine.remove(spec.name)


def _try_rules(node: Node) -> None:
    rules = firewall_rules(edge_address="10.213.0.2", own_address="10.213.0.3")
    loaded = load_rules(node, payloads.rules_probe(node.images.node_image), rules)
    if loaded.exit_code:
        raise EngineUnsupported(
            "The node cannot close an app's firewall.",
            f"The kernel of its engine's host refused the rules: {loaded.complaint}",
            "Load its modules there: sudo modprobe -a nf_tables nft_ct nft_reject_inet",
        )


def _shell(node: Node, container: str, script: str, *arguments: str) -> Completed:
    user = f"{payloads.PROBE_UID}:{payloads.PROBE_UID}"
    return node.engine.run(container, ("/bin/sh", "-c", script, "sh", *arguments), user=user)
