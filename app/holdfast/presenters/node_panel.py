"""The node in the sidebar: its seal state in one line, and what of it asks for action."""

from __future__ import annotations

from holdfast.domain.app import AppState
from holdfast.domain.node import NodeState, NodeStatus, Snapshot
from holdfast.presenters.problem import Problem
from holdfast.presenters.quantities import count
from holdfast.presenters.states import CONNECTING, NODE_LOOKS, OFFLINE, Look

_TROUBLE = (AppState.CRASHED, AppState.FAILED)
UNSEALABLE = (NodeState.SEALED, NodeState.PARTLY)


def node_look(snapshot: Snapshot | None, problem: Problem | None, stopped: bool = False) -> Look:
    """stopped: the node does not answer because its engine does not run."""
    if stopped:
        return NODE_LOOKS[NodeState.STOPPED]
    if problem is not None:
        return OFFLINE
    return CONNECTING if snapshot is None else NODE_LOOKS[snapshot.state]


def node_line(snapshot: Snapshot | None, problem: Problem | None, stopped: bool = False) -> str:
    look = node_look(snapshot, problem, stopped)
    if problem is not None or snapshot is None:
        return look.word
    return f"{look.word} · {count(len(snapshot.apps), 'app')}"


def can_unseal(snapshot: Snapshot | None) -> bool:
    return snapshot is not None and snapshot.state in UNSEALABLE


def can_seal(snapshot: Snapshot | None) -> bool:
    """Whether there is anything that could be closed."""
    return snapshot is not None and any(not app.state.is_closed for app in snapshot.apps)


def troubled(snapshot: Snapshot | None) -> int:
    """How many apps ask for action."""
    return 0 if snapshot is None else sum(app.state in _TROUBLE for app in snapshot.apps)


def node_facts(status: NodeStatus) -> tuple[tuple[str, str], ...]:
    unknown = "Not known"
    return (
        ("State", NODE_LOOKS[status.state].word),
        ("Engine", status.engine_version or unknown),
        ("Socket", status.socket),
        ("Data root", status.data_root or unknown),
        ("containerd root", status.containerd_root or unknown),
        ("Node image", status.image or unknown),
        ("Apps", count(status.apps, "app")),
    )
