"""An app's volume under a new key: copied while the app serves, and changed under its sidecar.

The app's file on the node names its volume, and holds the keys of that one and of the next. While
it is changed neither is mounted: whoever comes then, after a kill say, unseals the one it names.
"""

from __future__ import annotations

from contextlib import suppress

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Step, Steps
from holdfast.domain.secret import Secret
from holdfast.node.acme import pause_acme, resume_acme
from holdfast.node.copying import copying
from holdfast.node.draining import hold, let_go, other_port
from holdfast.node.inventory import parts_of
from holdfast.node.node import Node
from holdfast.node.revocation import next_key, take_next
from holdfast.node.serving import (
    Pair,
    begin_app,
    end_pair,
    releases_running,
    reload_sidecar,
    wait_ready,
)
from holdfast.node.volume import Volume
from holdfast.operations.step_times import StepTimes
from holdfast.operations.switch_release import switch_release
from holdfast.ports import EngineError


def reencrypt(node: Node, app: AppName, cancel: CancelToken) -> Steps[None]:
    """The app's lock is held, and its volume is mounted. Interrupted anywhere, it is brought to its
    end by repeating it."""
    volume = Volume(node, app, parts_of(node, app).uid)
    key, secrets = next_key(node.keys, app), node.keys.secrets(app)
    new = names.next_cipher_volume(app, node.keys.cipher_volume(app))
    held: Pair | None = None
    try:
        with copying(node, volume, app, new, key) as copier:
            yield Step(f"Copy the volume of {app}")
            copier.copy(cancel)
            yield Step(f"Compare the copy of {app}")
            copier.copy(cancel, compare=True)
            yield Step(f"Change the volume of {app}")
            held = _serving(node, volume, app)
            if held is not None:
                hold(node, volume, held)
            # what its ACME client wrote after the last copy would be lost
            pause_acme(node, app, volume)
            copier.copy(cancel)
        volume.unmount()
        take_next(node.keys, app, new)
        volume.mount(key, node.images.node_image, new)
        resume_acme(node, app, volume)
        yield from _bring_back(node, volume, app, held, secrets, cancel)
    except BaseException:
        # should the engine be gone too, what was wrong first is what counts
        with suppress(HoldfastError, EngineError):
            _serve_again(node, volume, app, held)
        raise
    drop_former(node, app)


def drop_former(node: Node, app: AppName) -> None:
    """Remove what the app's volume has taken the place of, and remember the new one."""
    now = node.keys.cipher_volume(app)
    node.keys.keep_volume(app)
    for name, _ in node.engine.volumes(names.labels(app, "cipher")):
        if name != now:
            node.engine.remove_volume(name)


def _serving(node: Node, volume: Volume, app: AppName) -> Pair | None:
    """What runs now, as it shall run on the new volume: beside its port of now."""
    parts, contents = parts_of(node, app), volume.contents()
    configuration, release = contents.configuration, contents.current
    slot = parts.running.labels[names.LABEL_RELEASE] if parts.running else None
    if configuration is None or release is None or release.slot != slot:
        return None
    return Pair(configuration, release, other_port(parts.port))


def _bring_back(
    node: Node,
    volume: Volume,
    app: AppName,
    held: Pair | None,
    secrets: Secret,
    cancel: CancelToken,
) -> Steps[None]:
    if held is None:
        yield from _start(node, volume, app, cancel)
        return
    begin_app(node, held, volume, secrets)
    try:
        yield from wait_ready(node, held, cancel)
    except HoldfastError as error:
        # it may have been broken before
        yield Line(f"{app}: {error}")
    reload_sidecar(node, app, held.release.slot, volume.uid, held.port)


def _start(node: Node, volume: Volume, app: AppName, cancel: CancelToken) -> Steps[None]:
    """An app that should run and does not: the change was interrupted before."""
    contents = volume.contents()
    configuration, release = contents.configuration, contents.current
    if configuration is None or release is None or not configuration.wanted:
        return
    for left in releases_running(parts_of(node, app).containers):
        end_pair(node, app, left, volume)
    yield from switch_release(
        node, volume, configuration, release, None, StepTimes(node.clock), cancel
    )


def _serve_again(node: Node, volume: Volume, app: AppName, held: Pair | None) -> None:
    """Mount the volume that is the app's now, and let whoever waits be answered from it."""
    if not volume.is_mounted():
        cipher = node.keys.cipher_volume(app)
        key, changed = node.keys.opening_keys(app)
        volume.mount(key, node.images.node_image, cipher, changed)
    resume_acme(node, app, volume)
    if held is not None:
        let_go(node, volume, held, node.keys.secrets(app))
