"""What the edge has counted for each host since it was begun, as JSON: edge_counters.py [--quiet]

HAProxy counts in each worker, and a reload makes a new one. So what the workers say is kept in
/keys/counted.json, worker by worker, and those that have ended go on to count with what they last
said. Before a reload this is run once more: what a worker did since would be lost otherwise.
"""

from __future__ import annotations

import csv
import fcntl
import json
import re
import socket
import sys
import time
from contextlib import suppress

from served import KEYS, SERVED, held_still

_MASTER = str(KEYS / "master")
_KEPT = KEYS / "counted.json"
#: A certificate and its host, a line each.
_LISTED = SERVED / "certs.list"
_LOCK = KEYS / "counting"
_SECONDS = 5.0
#: Of workers that have ended.
_ENDED = "ended"
#: What grows as long as a worker lives, by our names.
_GROWING = {
    "requests": "req_tot",
    "refused": "hrsp_4xx",
    "failed": "hrsp_5xx",
    "bytes_in": "bin",
    "bytes_out": "bout",
}

#: A table of visitors: of what it holds, how many alone.
_TABLE = re.compile(r"^# table: (\S+), .*\bused:(\d+)$", re.MULTILINE)

Counts = dict[str, dict[str, int]]


def main() -> int:
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        hosts = served()
        told = {pid: of(hosts, read(pid)) for pid in living()}
        if not told:
            # what its workers said is theirs still
            return 1
        kept = json.loads(_KEPT.read_text()) if _KEPT.exists() else {}
        kept = {pid: of(hosts, counts) for pid, counts in kept.items()}
        ended = dict(kept.pop(_ENDED, {}))
        for pid, counts in kept.items():
            if pid not in told:
                ended = added(ended, counts)
        growing = {pid: {host: only(each) for host, each in c.items()} for pid, c in told.items()}
        new = _KEPT.with_suffix(".part")
        new.write_text(json.dumps({_ENDED: ended, **growing}))
        new.replace(_KEPT)
    total = ended
    for counts in told.values():
        total = added(total, counts)
    # the newest worker alone answers whoever comes now
    for host, now in told[next(iter(told))].items():
        total[host]["answer_ms"] = now["answer_ms"]
    if "--quiet" not in sys.argv:
        visitors = counted(list(told))
        print(
            json.dumps({host: {**each, **visitors.get(host, {})} for host, each in total.items()})
        )
    return 0


def counted(workers: list[str]) -> Counts:
    """The visitors of each host that the newest worker counts them of. It has taken over what the
    one before knew, which is left with those who have a page open there: some of them may be known
    to both, so that the larger number is what is certain."""
    tables = [dict(_TABLE.findall(ask(f"@!{pid} show table"))) for pid in workers]
    return {
        host: {"visitors": max(int(table.get(host, 0)) for table in tables)} for host in tables[0]
    }


def served() -> set[str]:
    """The hosts that there are. Of another, which was removed, nothing is kept."""
    with held_still():
        listed = _LISTED.read_text().splitlines()
    return {line.split()[-1] for line in listed if line.strip()}


def of(hosts: set[str], counts: Counts) -> Counts:
    return {host: each for host, each in counts.items() if host in hosts}


def living() -> list[str]:
    """The workers; while a reload begins the master anew it tells of none, for a moment."""
    deadline = time.monotonic() + _SECONDS
    while True:
        with suppress(ConnectionError, FileNotFoundError):
            if found := workers():
                return found
        if time.monotonic() > deadline:
            return []
        time.sleep(0.05)


def workers() -> list[str]:
    """The process ids of all that live, the newest first."""
    rows = (line.split() for line in ask("show proc").splitlines() if not line.startswith("#"))
    return [row[0] for row in rows if len(row) > 1 and row[1] == "worker"]


def read(pid: str) -> Counts:
    """Of every back end of a worker; nothing of one that ended just now."""
    lines = ask(f"@!{pid} show stat -1 2 -1").strip().removeprefix("# ").splitlines()
    return {
        row["pxname"]: {
            **{ours: int(row[theirs] or 0) for ours, theirs in _GROWING.items()},
            "open": int(row["scur"] or 0),
            "answer_ms": int(row["rtime"] or 0),
        }
        for row in csv.DictReader(lines)
        if row.get("svname") == "BACKEND"
    }


def only(counts: dict[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in _GROWING}


def added(one: Counts, other: Counts) -> Counts:
    hosts = {**one, **other}
    return {
        host: {
            name: one.get(host, {}).get(name, 0) + other.get(host, {}).get(name, 0)
            for name in (*_GROWING, "open", "answer_ms")
        }
        for host in hosts
    }


def ask(words: str) -> str:
    with socket.socket(socket.AF_UNIX) as master:
        master.settimeout(_SECONDS)
        master.connect(_MASTER)
        master.sendall(f"{words}\n".encode())
        # otherwise it waits for more to be asked
        master.shutdown(socket.SHUT_WR)
        answer = b""
        while part := master.recv(65536):
            answer += part
    return answer.decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
