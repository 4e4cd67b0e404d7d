"""What it costs to read a repository: a large one, beside plain git, and one look at a branch."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from itertools import count
from statistics import median

from forge import Forge, forge
from lan import received
from large_repository import long_history, many_files

from bench.figures import Figure, at_most
from bench.lab import Lab, streamlit_app
from bench.side_by_side import Stopwatch, medians
from holdfast.domain import names
from holdfast.domain.connection import ConnectionRequest
from holdfast.domain.names import AppName
from holdfast.domain.repository import parse_repository
from holdfast.node.fetcher import Fetcher, fetching
from holdfast.node.payloads import EDGE_UID

_ROUNDS = 3
_LOOKS = 5
_LOOKER = AppName("looker")
_REF = "refs/holdfast/look"


class _Reads:
    """Of repositories that an https server beyond the engine's host has."""

    def __init__(self, lab: Lab, place: Forge) -> None:
        self._lab = lab
        self._world = lab.world
        self._place = place
        self._clones = count(1)
        lab.tell("make the repositories")
        files = streamlit_app("read")
        long_history(place.served / "history", files)
        many_files(place.served / "many", files)
        place.repository("small").commit(files)
        self._trust = lab.folder / "forge.pem"
        self._trust.write_text(place.certificates)
        request = ConnectionRequest(
            address=self.address("many"), certificates=place.certificates.encode()
        )
        self._world.run(self._world.desk.connect_repository(request))

    def address(self, name: str) -> str:
        return self._place.https(name, "open")

    def fetch(self, name: str) -> float:
        """From nothing to a checkout: with the container's start, its firewall and its end."""
        watch = Stopwatch()
        with self._fetcher(name) as fetcher:
            fetcher.fetch(fetcher.branches().wanted("main"), _REF)
            fetcher.checkout(_REF)
        watch.stop()
        return watch.seconds

    def clone(self, name: str) -> float:
        target = self._lab.folder / f"clone-{next(self._clones)}"
        command = ["git", "clone", "-q", "--depth", "1", self.address(name), str(target)]
        # a variable, since one that is set already goes before what is configured
        environment = os.environ | {"GIT_SSL_CAINFO": str(self._trust)}
        watch = Stopwatch()
        subprocess.run(command, check=True, env=environment)
        watch.stop()
        return watch.seconds

    def pick(self) -> float:
        """To the first list of branches."""
        watch = Stopwatch()
        with self._fetcher("many") as fetcher:
            fetcher.branches()
            watch.stop()
        return watch.seconds

    def inspect(self, name: str) -> float:
        """To all that the page for a new app shows."""
        watch = Stopwatch()
        self._world.run(self._world.desk.inspect(self.address(name), None))
        watch.stop()
        return watch.seconds

    def look(self) -> tuple[float, float, float]:
        """One look at a branch: seconds, processor seconds of git and of this program, bytes."""
        before, own, watch = received(), time.process_time(), Stopwatch()
        with self._fetcher("many") as fetcher:
            fetcher.branches()
            watch.stop()
            usage = self._world.engine.usage(names.task(_LOOKER, "fetch"))
        return watch.seconds, usage.cpu_seconds + time.process_time() - own, received() - before

    def _fetcher(self, name: str) -> AbstractContextManager[Fetcher]:
        address = parse_repository(self.address(name))
        return fetching(self._world.node, _LOOKER, EDGE_UID, address, None)


def measure(lab: Lab) -> Iterator[Figure]:
    with ExitStack() as stack:
        reads = _Reads(lab, stack.enter_context(forge()))
        # what is read once is in the caches of all from here on
        reads.fetch("history")
        for name, what in (
            ("history", "a history of 200 MB"),
            ("many", "10,000 files"),
        ):
            ours, plain = medians(_ROUNDS, partial(reads.fetch, name), partial(reads.clone, name))
            yield Figure(
                f"fetch of {what}, against git clone",
                ours - plain,
                "s more",
                at_most(2.0),
                f"From nothing to a checkout in RAM, container and firewall included: {ours:.1f} s,"
                f" and {plain:.1f} s by git clone --depth 1 on the engine's host, over https.",
            )
        branches, small, many = medians(
            _ROUNDS, reads.pick, partial(reads.inspect, "small"), partial(reads.inspect, "many")
        )
        yield Figure(
            "first list of branches",
            branches,
            "s",
            at_most(2.0),
            "From the address to its branches, of a repository with 10,000 files over https.",
        )
        yield Figure(
            "all that New app shows of a small repository",
            small,
            "s",
            at_most(2.0),
            "From its address over https to branches, tags, files and what is proposed, every file"
            f" fetched into RAM; of one with 10,000 files it took {many:.1f} s.",
        )
        looks = [reads.look() for _ in range(_LOOKS)]
        seconds, processor, taken = (median(each) for each in zip(*looks, strict=True))
        yield Figure(
            "one look at a branch",
            processor,
            "s of processor",
            at_most(0.5),
            f"Of git in its container and of the desktop, without the engine's own; it lasts"
            f" {seconds:.1f} s, and {taken / 1024:.0f} KiB come over the network.",
        )
