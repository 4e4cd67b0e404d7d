"""An engine whose host lacks something, in namespaces of its own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: By the name of the fault: what the host's shell does before it becomes the engine.
FAULTS = {
    "without FUSE": """
mount --make-rshared /
mkdir "$1/dev" && mount -t tmpfs -o mode=0755 devices "$1/dev"
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty "$1/dev"
ln -s /proc/self/fd "$1/dev/fd"
mount --rbind "$1/dev" /dev
""",
    "without shared mounts": "mount --make-rprivate /",
}
_START = """
set -e
mkdir -p /run/containerd /run/holdfast
mount -t tmpfs -o mode=0711 containerd /run/containerd
mount -t tmpfs -o mode=0700 views /run/holdfast
{fault}
exec dockerd --config-file "$1/daemon.json" --data-root "$2" --exec-root "$1/exec" \\
  --pidfile "$1/docker.pid" --host "unix://$1/docker.sock" --bridge none --iptables=false \\
  --log-driver none --log-level warn
"""
_SECONDS = 60


@contextmanager
def unfit_engine(fault: str, run_root: Path, data_root: Path) -> Iterator[Path]:
    """The socket of an engine with this fault, for the time of the block.

    run_root: empty and short, for a socket's path ends at 107 bytes.
    """
    (run_root / "daemon.json").write_text("{}")
    command = ["unshare", "--net", "--mount", "--propagation", "private", "--", "sh", "-c"]
    command += [_START.format(fault=FAULTS[fault]), "sh", str(run_root), str(data_root)]
    log = run_root / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output) as engine,
    ):
        try:
            deadline = time.monotonic() + _SECONDS
            socket = run_root / "docker.sock"
            while not socket.exists():
                assert engine.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield socket
        finally:
            engine.terminate()
