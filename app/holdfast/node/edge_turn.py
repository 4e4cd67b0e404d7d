"""One change of the edge at a time, whichever desktop makes it: each sees what the last one did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken
from holdfast.domain.stored import from_json
from holdfast.node.node import Node
from holdfast.node.proxy_commands import TURN_COMMAND, TURN_MISSED, TURN_SECONDS
from holdfast.node.proxy_configuration import EdgeRoutes
from holdfast.ports import CommandFailed


@dataclass(frozen=True, slots=True)
class EdgeNow:
    """started: whether the edge has been given any routes."""

    started: bool
    routes: EdgeRoutes

    @property
    def serving(self) -> Mapping[AppName, str | None]:
        return self.routes.serving


@contextmanager
def edge_turn(node: Node) -> Iterator[EdgeNow]:
    """The running edge for this desktop alone, until the block ends or the desktop is gone: a
    process in the edge holds the turn, and ends with its standard input. Raises HoldfastError
    if another desktop keeps it, or the edge is broken."""
    with closing(node.engine.stream(names.EDGE, TURN_COMMAND, CancelToken())) as lines:
        try:
            line = next(lines, "null")
        except CommandFailed as failed:
            if failed.exit_code != TURN_MISSED:
                raise HoldfastError(
                    "The routes could not be changed.",
                    f"The edge does not say what they are now (status {failed.exit_code}).",
                    "Begin it anew: holdfast node stop, then holdfast node start",
                ) from None
            raise HoldfastError(
                "The routes could not be changed.",
                f"Another desktop has been changing them for {TURN_SECONDS} seconds.",
                "Wait until it has ended, then try again.",
            ) from None
        told = None if line == "null" else from_json(EdgeRoutes, line.encode())
        yield EdgeNow(told is not None, told or EdgeRoutes())
