"""After a new release serves: figures go with what its repository says now, where that decides."""

from __future__ import annotations

from holdfast.domain.app import Release
from holdfast.domain.errors import HoldfastError
from holdfast.domain.operation import Line, Steps
from holdfast.domain.statistics import effective
from holdfast.domain.telemetry import Telemetry
from holdfast.node.node import Node
from holdfast.operations.figures import switch_figures
from holdfast.ports import EngineError


def follow_statistics(node: Node, before: Release | None, now: Release) -> Steps[None]:
    """before: the one that served until now, None of a new app, of which no figures are kept."""
    configuration = now.configuration
    choice, name = configuration.telemetry, configuration.name
    if before is None or choice is not Telemetry.AS_REPOSITORY:
        return
    was, holds = (effective(choice, each.framework, each.statistics).on for each in (before, now))
    if was == holds:
        return
    try:
        changed = switch_figures(node, name, configuration.uid, wanted=holds)
    except (HoldfastError, EngineError) as error:
        # it serves, and goes on doing so
        yield Line(f"Figures of {name} are as before, though its repository has changed: {error}")
        return
    if holds:
        yield Line("The repository turns usage statistics on: figures are kept from now on.")
    else:
        yield Line(
            "The repository turns usage statistics off: no figures are kept any more."
            f" Measurements deleted: {changed.deleted}, left: {changed.left}."
        )
