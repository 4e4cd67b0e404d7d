"""A machine of one's own, on which the engines of other tests run side by side."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.node

OWN_HOST = Path(__file__).parents[1] / "support" / "own_host.py"
#: A machine that systemd has booted, with systemd's own resolver.
_BOOTED = """
mount -t tmpfs machine /run
mkdir -p /run/systemd/system /run/systemd/resolve
echo "nameserver 127.0.0.53" >/run/systemd/resolve/stub-resolv.conf
mount -t tmpfs machine /mnt
mkdir /mnt/upper /mnt/work
mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work machine /etc
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
exec "$@"
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_an_engine_there_does_not_find_the_machines_systemd() -> None:
    looks = "cat /etc/resolv.conf; test ! -e /run/systemd/system"
    own_host = [sys.executable, str(OWN_HOST), "bash", "-euc", looks]
    booted = ["unshare", "--mount", "--propagation=private", "bash", "-euc", _BOOTED, "machine"]
    done = subprocess.run([*booted, *own_host], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "nameserver 10.0.2.3\n"), done.stderr
