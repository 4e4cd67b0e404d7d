"""What groups of figures share: a node of its own, and an app on it to look at."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from private_session import PrivateBus, PrivateSecretService
from shared_engine import running_engine
from world import Repository, World, connect

from holdfast.adapters.keychain import KeyringKeychain
from holdfast.domain import names
from holdfast.domain.app import AppConfiguration, Release
from holdfast.domain.container import ContainerSpec
from holdfast.domain.names import AppName
from holdfast.node.volume import Volume

#: The app that the groups look at; deploys are measured with apps of their own.
APP = AppName("bench")

_SCRIPT = """
import streamlit as st

st.title("Benchmark")
st.write("{mark}")
"""


def streamlit_app(mark: str) -> dict[str, str]:
    """The files of an app that needs streamlit alone and shows `mark`."""
    return {"app.py": _SCRIPT.format(mark=mark), "requirements.txt": "streamlit\n"}


class Lab:
    """Each part is made when it is first asked for, and goes with `stack`."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._began = time.monotonic()
        self._deployed = 0.0

    def tell(self, text: str) -> None:
        print(f"{time.monotonic() - self._began:7.1f} s  {text}", file=sys.stderr, flush=True)

    @cached_property
    def folder(self) -> Path:
        return Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="holdfast-bench")))

    @cached_property
    def world(self) -> World:
        bus = PrivateBus(self.folder / "bus")
        self._stack.callback(bus.close)
        keychain = PrivateSecretService(bus)
        self._stack.callback(keychain.stop)
        keychain.start()
        self.tell("start an engine, make its images")
        socket = self._stack.enter_context(running_engine())
        items = KeyringKeychain(environment=keychain.environment)
        world = connect(socket, items, self.folder / "ca.pem")
        self._stack.callback(world.api.close)
        world.make_images("3.13")
        world.begin()
        self._stack.callback(world.wipe)
        return world

    @cached_property
    def app(self) -> tuple[AppConfiguration, Release]:
        """A running Streamlit app, APP."""
        self.tell("deploy the app to look at")
        repository = Repository(self.folder / APP)
        repository.commit(streamlit_app("ready"))
        release = self.world.deploy(repository, APP).release
        self._deployed = time.monotonic()
        return release.configuration, release

    def wait_idle(self, seconds: float) -> None:
        """Until the app has been left alone for so long since its deploy."""
        _, _ = self.app
        time.sleep(max(0.0, self._deployed + seconds - time.monotonic()))

    @property
    def volume(self) -> Volume:
        configuration, _ = self.app
        return Volume(self.world.node, APP, configuration.uid)

    @contextmanager
    def container(self, spec: ContainerSpec) -> Iterator[str]:
        """A running container, by its name."""
        engine = self.world.engine
        engine.remove(spec.name)
        engine.create(spec)
        try:
            engine.start(spec.name)
            yield spec.name
        finally:
            engine.remove(spec.name)

    @contextmanager
    def plain_volume(self, name: str) -> Iterator[str]:
        """A named volume as everybody uses it: a folder on the engine's disk."""
        engine = self.world.engine
        engine.remove_volume(name)
        engine.create_volume(name, LABELS)
        try:
            yield name
        finally:
            engine.remove_volume(name)


#: A world that is wiped takes them too.
LABELS = {names.LABEL_ROLE: "bench"}
IDLE = ("/usr/bin/tini", "--", "/bin/sleep", "infinity")


def drop_caches() -> None:
    """Forget all that this machine read from disks; as root, or through sudo."""
    sudo = () if os.geteuid() == 0 else ("sudo",)
    subprocess.run([*sudo, "/bin/sh", "-c", "sync && echo 3 >/proc/sys/vm/drop_caches"], check=True)
