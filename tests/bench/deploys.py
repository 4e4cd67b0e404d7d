"""How long a deploy takes, cold and after a change of the code, beside `docker build`."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from itertools import count

from world import Repository

from bench.figures import Figure, at_most
from bench.lab import Lab, streamlit_app
from bench.script_run import Page
from bench.side_by_side import Stopwatch, medians
from bench.usual_way import COPIED_FIRST, ORDERED, UsualWay, make_base
from holdfast.domain.operation import CancelToken, Step, Update, drive
from holdfast.domain.requests import DeployRequest
from holdfast.node.beside import Beside
from holdfast.node.edge import edge_place, update_edge

_COLD_ROUNDS = 2
_WARM_ROUNDS = 3
_COPIED_ROUNDS = 2


class _Deploys:
    """One repository, deployed both ways; every commit shows another mark."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._repository = Repository(lab.folder / "deployed")
        self._marks = count(1)
        self._apps = count(1)
        self._app = ""
        node = lab.world.node
        # which a node's first app does once
        update_edge(node, {})
        base = make_base(lab.world.api, node.images.python_image("3.13"), node.certificates)
        folder = self._repository.folder
        self.ordered = UsualWay(lab.world.api, folder, base, ORDERED, "holdfast-bench/ordered")
        self.copied = UsualWay(lab.world.api, folder, base, COPIED_FIRST, "holdfast-bench/copied")

    def cold(self) -> float:
        if self._app:
            self._lab.world.remove(self._app)
        self._app = f"cold-{next(self._apps)}"
        return self.holdfast()

    def holdfast(self) -> float:
        mark = self._change()
        watch = Stopwatch()
        request = DeployRequest(str(self._repository), self._app)
        with Beside() as visitor:

            def see() -> None:
                self._page(f"{self._app}.localhost").wait_for(mark)
                watch.stop()

            def notify(update: Update) -> None:
                # whoever comes from here on may see it, and what follows only tidies
                if update == Step("Switch the route"):
                    visitor.begin(see)

            outcome = drive(self._lab.world.desk.deploy(request), CancelToken(), notify)
            if outcome.error is not None:
                raise outcome.error
        steps = outcome.result.steps if outcome.result else ()
        told = ", ".join(f"{step.name} {step.seconds:.1f}" for step in steps)
        self._lab.tell(f"holdfast: {watch.seconds:.1f} s ({told})")
        return watch.seconds

    def usual_cold(self) -> float:
        self.ordered.forget()
        return self.usual(self.ordered, cached=False)

    def usual(self, way: UsualWay, cached: bool = True) -> float:
        mark = self._change()
        watch = Stopwatch()
        way.release(mark, cached=cached)
        watch.stop()
        self._lab.tell(f"docker build and run: {watch.seconds:.1f} s")
        return watch.seconds

    def forget(self) -> None:
        self.ordered.forget()
        self.copied.forget()
        self._lab.world.remove(self._app)

    def _change(self) -> str:
        mark = f"mark number {next(self._marks)} of the benchmark"
        self._repository.commit(streamlit_app(mark))
        return mark

    def _page(self, host: str) -> Page:
        world = self._lab.world
        place = edge_place(world.node)
        assert place is not None
        return Page(place, host, ssl.create_default_context(cafile=str(world.node.ca_file)))


def measure(lab: Lab) -> Iterator[Figure]:
    deploys = _Deploys(lab)
    try:
        ours, usual = medians(_COLD_ROUNDS, deploys.cold, deploys.usual_cold)
        yield Figure(
            "cold deploy",
            ours / usual,
            "ratio",
            at_most(0.4),
            f"An app that needs streamlit alone, from nothing cached to the first script run: "
            f"{ours:.1f} s, and {usual:.1f} s by docker build with pip install and docker run.",
        )
        ours, usual = medians(
            _WARM_ROUNDS, deploys.holdfast, lambda: deploys.usual(deploys.ordered)
        )
        yield Figure(
            "code change, against well-ordered layers",
            ours / usual,
            "ratio",
            at_most(1.0),
            f"A commit that changes the script, deployed with a restart, to the first script run: "
            f"{ours:.1f} s, and {usual:.1f} s by docker build with the packages' layer cached.",
        )
        (copied,) = medians(_COPIED_ROUNDS, lambda: deploys.usual(deploys.copied))
        yield Figure(
            "code change, against COPY before pip",
            ours / copied,
            "ratio",
            at_most(0.15),
            f"The same {ours:.1f} s, and {copied:.1f} s by docker build of a Dockerfile that "
            f"copies the code before pip install.",
        )
    finally:
        deploys.forget()
