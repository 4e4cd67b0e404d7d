"""Wait in a sidecar until those who are being answered have their answers."""

from __future__ import annotations

from holdfast.domain import names
from holdfast.domain.names import AppName
from holdfast.node.node import Node

#: Until nobody is answered on a port any more, yet not for ever: a websocket has no end.
#: Arguments: the port, tenths of a second.
_DRAIN = (
    'left=$2; while [ "$left" -gt 0 ] && [ -n "$(ss -Htn state established "( dport = :$1 )")" ];'
    " do sleep 0.1; left=$((left - 1)); done"
)
_TENTHS = "50"


def drain(node: Node, app: AppName, release: str, uid: int, port: int) -> None:
    """port: the one that the app answers on until now."""
    command = ("/bin/sh", "-c", _DRAIN, "sh", str(port), _TENTHS)
    node.engine.run(names.sidecar(app, release), command, f"{uid}:{uid}")
