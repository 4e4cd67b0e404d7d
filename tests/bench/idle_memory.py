"""What guards an idle app costs in memory."""

from __future__ import annotations

from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.lab import APP, Lab
from holdfast.domain import names

_MEGABYTE = 1_000_000
#: What gocryptfs needed for a deploy it gives back in four minutes: Go collects garbage twice for
#: that, and an idle program does so every two minutes.
_IDLE_SECONDS = 270.0


def measure(lab: Lab) -> Iterator[Figure]:
    _, release = lab.app
    lab.wait_idle(_IDLE_SECONDS)
    engine = lab.world.engine
    mounter = engine.usage(names.mounter(APP)).memory_bytes
    sidecar = engine.usage(names.sidecar(APP, release.id)).memory_bytes
    yield Figure(
        "mounter and sidecar of an idle app",
        (mounter + sidecar) / _MEGABYTE,
        "MB",
        at_most(40),
        f"Their cgroups' memory without inactive file cache, {_IDLE_SECONDS:.0f} s after a deploy: "
        f"{mounter / _MEGABYTE:.1f} and {sidecar / _MEGABYTE:.1f} MB.",
    )
