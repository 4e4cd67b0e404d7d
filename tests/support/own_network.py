"""The network of another machine, so that an engine in it is nobody's neighbour."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

CLONE_NEWNET = 0x40000000


@contextmanager
def own_network() -> Iterator[None]:
    """For this thread and those that it starts; with nothing but a loopback device."""
    system = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        if system.unshare(CLONE_NEWNET) != 0:
            pytest.skip(f"needs root: {os.strerror(ctypes.get_errno())}")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        yield
        assert system.setns(before, CLONE_NEWNET) == 0
    finally:
        os.close(before)
