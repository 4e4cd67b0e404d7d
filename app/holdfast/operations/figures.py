"""An app's figures: read them, follow them, keep them or not, and delete them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from holdfast.domain.figures import AppFigures, FiguresChanged
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Fact, Operation, Step, Steps
from holdfast.node.edge import update_edge
from holdfast.node.inventory import parts_of
from holdfast.node.kept_figures import KeptFigures
from holdfast.node.locking import holding
from holdfast.node.measuring import measure
from holdfast.node.node import Node
from holdfast.operations.unsealed_volume import unsealed_volume

#: Seconds between two measurements for somebody who looks at them.
_LIVE = 5.0


def read_figures(node: Node, name: AppName) -> Operation[AppFigures]:
    """Those that are kept."""

    def body(cancel: CancelToken) -> Steps[AppFigures]:
        yield Step("Read the figures")
        return _kept(node, name).read()

    return Operation(f"Read the figures of {name}", target=f"figures/{name}", body=body)


def follow_figures(node: Node, name: AppName) -> Operation[None]:
    """Publish Fact[AppFigures]: those that are kept, and then with each that is measured for
    whoever looks. Where none are kept, none are measured."""

    def body(cancel: CancelToken) -> Steps[None]:
        kept = _kept(node, name)
        figures = kept.read()
        yield Fact(figures)
        while figures.kept:
            node.clock.sleep(_LIVE, cancel)
            if not kept.are_kept:
                yield Fact(AppFigures(name, kept=False))
                return
            now = measure(node, [parts_of(node, name)])
            if name in now:
                figures = replace(figures, measured=(*figures.measured, now[name]))
                yield Fact(figures)

    return Operation(f"Follow the figures of {name}", target=f"figures/{name}", body=body)


def keep_figures(node: Node, name: AppName, wanted: bool) -> Operation[FiguresChanged]:
    """wanted: measure from now on. Otherwise none any more, and what there is is deleted."""

    title = f"{'Keep' if wanted else 'Stop keeping'} figures of {name}"
    return _changed(node, name, title, lambda kept: _switch(node, kept, wanted))


def switch_figures(node: Node, name: AppName, uid: int, wanted: bool) -> FiguresChanged:
    """The same, of an app that the caller holds and whose volume is unsealed."""
    kept = KeptFigures(node, name, uid)
    return _with_receipt(node, kept, lambda: _switch(node, kept, wanted))


def delete_figures(node: Node, name: AppName) -> Operation[FiguresChanged]:
    """All that were measured so far."""
    return _changed(node, name, f"Delete the figures of {name}", KeptFigures.delete)


def _changed(
    node: Node, name: AppName, title: str, change: Callable[[KeptFigures], None]
) -> Operation[FiguresChanged]:
    def body(cancel: CancelToken) -> Steps[FiguresChanged]:
        yield Step("Look at the figures")
        with holding(node, name, "change its figures"):
            kept = _kept(node, name)
            yield Step(title)
            return _with_receipt(node, kept, lambda: change(kept))

    return Operation(title, target=name, body=body)


def _switch(node: Node, kept: KeptFigures, wanted: bool) -> None:
    if not wanted:
        _count_visitors(node, kept.app, wanted=False)
        kept.end()
        return
    kept.begin()
    _count_visitors(node, kept.app, wanted=True)
    # what comes is counted from here
    for measured in measure(node, [parts_of(node, kept.app)]).values():
        kept.add(measured)


def _count_visitors(node: Node, name: AppName, wanted: bool) -> None:
    """An app that does not run has no route: its next start asks what is kept."""
    if parts_of(node, name).running is not None:
        update_edge(node, {}, counted={name: wanted})


def _with_receipt(node: Node, kept: KeptFigures, change: Callable[[], None]) -> FiguresChanged:
    """What is there is counted before the change, and looked for again after it."""
    before = kept.read()
    change()
    now = kept.read()
    there = set(now.measured)
    left = sum(each in there for each in before.measured)
    return FiguresChanged(now, len(before.measured) - left, left, node.clock.now())


def _kept(node: Node, name: AppName) -> KeptFigures:
    why = "Its figures lie encrypted in it."
    return KeptFigures(node, name, unsealed_volume(node, name, why).uid)
