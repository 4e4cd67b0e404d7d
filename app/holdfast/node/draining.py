"""Exchange a running app under its sidecar: who is being answered gets the answer, who comes
meanwhile waits."""

from __future__ import annotations

from contextlib import suppress

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Steps
from holdfast.domain.secret import Secret
from holdfast.node import payloads
from holdfast.node.inventory import parts_of
from holdfast.node.node import Node
from holdfast.node.serving import Pair, begin_app, end_app, reload_sidecar, wait_ready
from holdfast.node.volume import Volume
from holdfast.ports import EngineError

#: Until nobody is answered on a port any more, yet not for ever: a websocket has no end.
#: Arguments: the port, tenths of a second.
_DRAIN = (
    'left=$2; while [ "$left" -gt 0 ] && [ -n "$(ss -Htn state established "( dport = :$1 )")" ];'
    " do sleep 0.1; left=$((left - 1)); done"
)
_TENTHS = "50"


def other_port(port: int) -> int:
    """The one that an app listens on after it was exchanged."""
    return payloads.OTHER_PORT if port == payloads.APP_PORT else payloads.APP_PORT


def hold(node: Node, volume: Volume, pair: Pair) -> None:
    """End the app that `pair` shall take the place of. Whoever comes meanwhile waits in its
    sidecar until it listens on the pair's port."""
    app, slot, uid = pair.configuration.name, pair.release.slot, volume.uid
    reload_sidecar(node, app, slot, uid, pair.port, patient=True)
    _drain(node, app, slot, uid, other_port(pair.port))
    end_app(node, pair)
    volume.hide_view(payloads.run_view(slot))


def exchange(
    node: Node, volume: Volume, pair: Pair, secrets: Secret, cancel: CancelToken
) -> Steps[None]:
    """Start the app anew, with the plan and the secrets of now. pair: as it runs until now.
    Raises DeployFailed, with what it printed, if it does not become ready."""
    new = Pair(pair.configuration, pair.release, other_port(pair.port))
    try:
        hold(node, volume, new)
        begin_app(node, new, volume, secrets)
        yield from wait_ready(node, new, cancel)
    except BaseException:
        # should the engine be gone too, what was wrong first is what counts
        with suppress(HoldfastError, EngineError):
            let_go(node, volume, new, secrets)
        raise
    app, slot = pair.configuration.name, pair.release.slot
    reload_sidecar(node, app, slot, volume.uid, new.port)


def let_go(node: Node, volume: Volume, pair: Pair, secrets: Secret) -> None:
    """After a `hold` that did not lead on: whoever waits goes to what still runs, or to the pair,
    which is begun where nothing does. What is broken says so by itself."""
    app = pair.configuration.name
    parts = parts_of(node, app)
    try:
        if parts.running is None:
            begin_app(node, pair, volume, secrets)
    finally:
        # of what answers nowhere, the sidecar says so
        port = parts.port if parts.running else pair.port
        reload_sidecar(node, app, pair.release.slot, volume.uid, port)


def _drain(node: Node, app: AppName, release: str, uid: int, port: int) -> None:
    """port: the one that the app answers on until now."""
    command = ("/bin/sh", "-c", _DRAIN, "sh", str(port), _TENTHS)
    node.engine.run(names.sidecar(app, release), command, f"{uid}:{uid}")
