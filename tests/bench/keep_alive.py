"""How fast an app answers on one connection that stays open, through edge and sidecar."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench.figures import Figure, at_least, at_most
from bench.lab import APP, IDLE, LABELS, Lab
from bench.side_by_side import medians
from holdfast.domain import names
from holdfast.domain.container import Bind, ContainerSpec
from holdfast.node import payloads
from holdfast.node.edge import edge_place

_ROUNDS = 5
_SECONDS = "1.0"
_STOCK_PORT = 18502
_CLIENT = Path(__file__).with_name("keep_alive_client.py")


class _Servers:
    """The same app behind edge and sidecar, directly, and as stock Streamlit publishes it."""

    def __init__(self, lab: Lab, stack: ExitStack) -> None:
        self._lab = lab
        configuration, release = lab.app
        host = configuration.host_name
        place = edge_place(lab.world.node)
        assert place is not None
        sidecar = f"container:{names.sidecar(APP, release.id)}"
        image = lab.world.node.images.node_image
        self._outside = stack.enter_context(lab.container(_client("bench-outside", image, "host")))
        self._inside = stack.enter_context(lab.container(_client("bench-inside", image, sidecar)))
        stack.enter_context(lab.container(_stock(configuration.uid, release.id, release.image)))
        ca = lab.world.node.ca_file.read_text()
        self._edge = (place[0], str(place[1]), host, ca)
        self._wait_for_stock()

    def edge(self) -> float:
        return self._answer_seconds(self._outside, *self._edge)

    def direct(self) -> float:
        return self._answer_seconds(self._inside, "127.0.0.1", str(payloads.APP_PORT))

    def stock(self) -> float:
        return self._answer_seconds(self._outside, "127.0.0.1", str(_STOCK_PORT))

    def _answer_seconds(self, container: str, *where: str, seconds: str = _SECONDS) -> float:
        """The median of one request and its answer."""
        command = ("/usr/bin/python3", "-c", _CLIENT.read_text(), seconds, *where)
        done = self._lab.world.engine.run(container, command)
        assert done.exit_code == 0, done.error.decode()
        return float(json.loads(done.output)["median"])

    def _wait_for_stock(self) -> None:
        self._answer_seconds(self._outside, "127.0.0.1", str(_STOCK_PORT), seconds="0.1")


def _client(name: str, image: str, network: str) -> ContainerSpec:
    return ContainerSpec(
        name=name,
        image=image,
        command=IDLE,
        labels=LABELS,
        user=f"{payloads.EDGE_UID}:{payloads.EDGE_UID}",
        memory_bytes=128 << 20,
        network=network,
    )


def _stock(uid: int, release: str, image: str) -> ContainerSpec:
    """The app's own files and environment under `streamlit run`, its port published."""
    view = f"{names.plain_view_root(APP)}/{payloads.run_view(release)}"
    python, streamlit = (f"/mnt/app/environment/bin/{name}" for name in ("python", "streamlit"))
    return ContainerSpec(
        name="bench-stock",
        image=image,
        command=(
            *IDLE[:2],
            python,
            streamlit,
            "run",
            "app.py",
            "--server.port=8501",
            "--server.headless=true",
            "--browser.gatherUsageStats=false",
        ),
        labels=LABELS,
        user=f"{uid}:{uid}",
        memory_bytes=1 << 30,
        network="bridge",
        ports={8501: ("127.0.0.1", _STOCK_PORT)},
        binds=(Bind(view, "/mnt/app", "rslave"),),
        environment={"HOME": "/tmp"},
        working_dir="/mnt/app/checkout",
    )


def measure(lab: Lab) -> Iterator[Figure]:
    with ExitStack() as stack:
        servers = _Servers(lab, stack)
        edge, direct, stock = medians(_ROUNDS, servers.edge, servers.direct, servers.stock)
    yield Figure(
        "health, against stock Streamlit",
        stock / edge,
        "ratio",
        at_least(20),
        f"/_stcore/health on one connection: {1 / edge:.0f} requests a second over TLS through "
        f"edge and sidecar, and {1 / stock:.0f} from stock Streamlit on a published port.",
    )
    yield Figure(
        "health, over the app directly",
        (edge - direct) * 1000,
        "ms",
        at_most(1.0),
        f"Median of an answer: {edge * 1000:.2f} ms through edge and sidecar, and "
        f"{direct * 1000:.2f} ms on the app's own loopback.",
    )
