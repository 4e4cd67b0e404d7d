"""How the desktop reaches the node's engine, as it stands among the certificates: without one."""

from __future__ import annotations

from holdfast.presenters.quantities import DASH
from holdfast.presenters.rows import Cell, Row
from holdfast.presenters.states import Look, Shape, Tone

KEY = "engine"
ROLE = "Docker engine"
HOW = "Unix socket"
STATE = "Not needed"
WHY = (
    "It is reached over a Unix socket of this machine: nothing crosses a network, so there is no"
    " certificate to watch. Whoever may open the socket is root on the node. There is no other way"
    " yet."
)


def engine_row() -> Row:
    last = Cell(DASH, order=float("inf"))
    look = Look(STATE, Shape.DISC, Tone.GOOD)
    return Row(
        key=KEY,
        cells=(
            Cell(HOW, detail=ROLE, strong=True, order=HOW, tooltip=WHY),
            Cell(STATE, look=look, order=STATE, tooltip=WHY),
            last,
            Cell(DASH),
            last,
            Cell(DASH),
        ),
        search=f"{HOW} {ROLE} {STATE}".lower(),
    )


def engine_facts() -> tuple[tuple[str, ...], ...]:
    return (("Role", ROLE), ("Reached by", HOW), ("TLS", WHY))
