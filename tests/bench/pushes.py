"""How long a push of code alone takes to be seen in an open page, beside `docker build`."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from itertools import count
from threading import Thread

from world import Repository

from bench.figures import Figure, at_most
from bench.lab import Lab, streamlit_app
from bench.script_run import Page
from bench.side_by_side import Stopwatch, medians
from bench.usual_way import ORDERED, UsualWay, make_base
from holdfast.domain.names import AppName
from holdfast.domain.requests import UpdateKind
from holdfast.node.edge import edge_place

_ROUNDS = 3
_PUSHED = AppName("pushed")


class _Pushes:
    """One repository; every commit changes the script alone and shows another mark."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._world = lab.world
        self._repository = Repository(lab.folder / "pushed")
        self._marks = count(1)
        node = self._world.node
        base = make_base(self._world.api, node.images.python_image("3.13"), node.certificates)
        folder = self._repository.folder
        self._change()
        self._world.deploy(self._repository, _PUSHED)
        self.way = UsualWay(self._world.api, folder, base, ORDERED, "holdfast-bench/pushed")
        # its layers are warm from here on
        self.usual()

    def holdfast(self) -> float:
        with self._page().opened() as page:
            mark = self._change()
            watch = Stopwatch()

            def see() -> None:
                page.wait_for(mark, 60.0)
                watch.stop()

            seeing = Thread(target=see)
            seeing.start()
            updated = self._world.run(self._world.desk.update(_PUSHED))
            seeing.join()
        assert updated.kind is UpdateKind.LIVE
        assert updated.deployed is not None
        told = ", ".join(f"{step.name} {step.seconds:.1f}" for step in updated.deployed.steps)
        self._lab.tell(f"holdfast: {watch.seconds:.1f} s ({told})")
        return watch.seconds

    def usual(self) -> float:
        mark = self._change()
        watch = Stopwatch()
        self.way.release(mark)
        watch.stop()
        self._lab.tell(f"docker build and run: {watch.seconds:.1f} s")
        return watch.seconds

    def forget(self) -> None:
        self.way.forget()
        self._world.remove(_PUSHED)

    def _change(self) -> str:
        mark = f"push number {next(self._marks)} of the benchmark"
        self._repository.commit(streamlit_app(mark))
        return mark

    def _page(self) -> Page:
        place = edge_place(self._world.node)
        assert place is not None
        trust = ssl.create_default_context(cafile=str(self._world.node.ca_file))
        return Page(place, f"{_PUSHED}.localhost", trust)


def measure(lab: Lab) -> Iterator[Figure]:
    pushes = _Pushes(lab)
    try:
        ours, usual = medians(_ROUNDS, pushes.holdfast, pushes.usual)
    finally:
        pushes.forget()
    yield Figure(
        "code-only push",
        ours,
        "s",
        at_most(3.0),
        "A commit that changes the script, from the update's beginning to the new text in a page "
        "that stays open.",
    )
    yield Figure(
        "code-only push, against well-ordered layers",
        ours / usual,
        "ratio",
        at_most(1.0),
        f"The same {ours:.1f} s, and {usual:.1f} s by docker build with the packages' layer cached "
        "and docker run, to the first script run in a new page.",
    )
