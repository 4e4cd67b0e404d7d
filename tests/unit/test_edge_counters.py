"""What the edge's script makes of what HAProxy's workers tell: of a master that plays them."""

from __future__ import annotations

import json
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from holdfast.shipped import RESOURCES

_SCRIPTS = RESOURCES / "images/node/bin"
HOST, OTHER = "sales.localhost", "stock.localhost"
STATISTICS = "# pxname,svname,scur,req_tot,hrsp_4xx,hrsp_5xx,bin,bout,rtime,\n{rows}\n"
TABLE = "# table: {}, type: binary, size:5120, used:{}"


class Master(socketserver.ThreadingUnixStreamServer):
    """answers: what it says, by what it is asked; nothing of anything else. silent: how often it
    says nothing before that."""

    answers: dict[str, str]
    silent = 0


class Question(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Master)
        asked = self.rfile.readline().decode().strip()
        if self.server.silent:
            self.server.silent -= 1
            return
        self.wfile.write(self.server.answers.get(asked, "").encode())


class Edge:
    def __init__(self, keys: Path, master: Master) -> None:
        self.keys = keys
        self.master = master
        self._answers = master.answers = {}

    def begin_workers(self, *pids: int) -> None:
        """The newest first."""
        rows = "".join(f"{pid} worker 0 0d00h00m20s 3.0\n" for pid in pids)
        self._answers["show proc"] = f"#<PID> <type>\n1 master 1 [failed: 0]\n# workers\n{rows}"

    def tell(self, pid: int, requests: dict[str, int], *tables: str) -> None:
        rows = "\n".join(f"{host},BACKEND,0,{n},0,0,1,1,9," for host, n in requests.items())
        self._answers[f"@!{pid} show stat -1 2 -1"] = STATISTICS.format(rows=rows)
        self._answers[f"@!{pid} show table"] = "\n".join((*tables, "", ""))

    def end_master(self) -> None:
        del self._answers["show proc"]

    def counted(self) -> dict[str, dict[str, int]] | int:
        """Or with which status the script ended."""
        done = subprocess.run(
            [sys.executable, self.keys / "edge_counters.py"],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode if done.returncode else json.loads(done.stdout)


@pytest.fixture
def edge() -> Iterator[Edge]:
    # shorter than pytest's own: a socket's path has a limit
    with TemporaryDirectory() as folder:
        keys = Path(folder)
        for script in ("edge_counters.py", "served.py"):
            text = (_SCRIPTS / script).read_text()
            (keys / script).write_text(text.replace("/keys", str(keys)))
        (keys / "current").mkdir()
        listed = (f"certs/{host}.pem {host}\n" for host in (HOST, OTHER))
        (keys / "current/certs.list").write_text("".join(listed))
        with Master(str(keys / "master"), Question) as master:
            made = Edge(keys, master)
            serving = threading.Thread(target=master.serve_forever)
            serving.start()
            yield made
            master.shutdown()
            serving.join()


def of(host: str) -> Callable[[dict[str, dict[str, int]] | int], tuple[int, int | None]]:
    """Requests and visitors."""

    def pick(told: dict[str, dict[str, int]] | int) -> tuple[int, int | None]:
        assert isinstance(told, dict)
        return told[host]["requests"], told[host].get("visitors")

    return pick


def test_visitors_are_told_of_hosts_that_have_a_table_alone(edge: Edge) -> None:
    edge.begin_workers(7)
    edge.tell(7, {HOST: 5, OTHER: 3}, TABLE.format(HOST, 2))
    told = edge.counted()
    assert (of(HOST)(told), of(OTHER)(told)) == ((5, 2), (3, None))


def test_who_may_be_known_to_two_workers_is_not_counted_twice(edge: Edge) -> None:
    edge.begin_workers(9, 8, 7)
    for pid, visitors in ((9, 4), (8, 6), (7, 1)):
        edge.tell(pid, {HOST: 10}, TABLE.format(HOST, visitors))
    assert of(HOST)(edge.counted()) == (30, 6)


def test_what_an_old_worker_knows_still_is_not_told_once_it_shall_not_be(edge: Edge) -> None:
    edge.begin_workers(8, 7)
    edge.tell(8, {HOST: 1})
    edge.tell(7, {HOST: 1}, TABLE.format(HOST, 3))
    assert of(HOST)(edge.counted()) == (2, None)


def test_a_master_that_is_begun_anew_is_waited_for(edge: Edge) -> None:
    edge.begin_workers(7)
    edge.tell(7, {HOST: 5}, TABLE.format(HOST, 2))
    edge.master.silent = 3
    assert of(HOST)(edge.counted()) == (5, 2)


def test_a_master_that_does_not_come_back_makes_nothing_count_twice(edge: Edge) -> None:
    edge.begin_workers(7)
    edge.tell(7, {HOST: 5}, TABLE.format(HOST, 2))
    edge.counted()
    edge.end_master()
    assert edge.counted() == 1
    edge.begin_workers(7)
    assert of(HOST)(edge.counted()) == (5, 2)
