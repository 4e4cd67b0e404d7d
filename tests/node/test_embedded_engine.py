"""The embedded engine starts, survives and leaves nothing behind. Each test has the network of
another machine, so that the engine that other tests share is no neighbour."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import socket
import stat
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import docker
import pytest
from docker.types import Mount
from own_network import own_network
from waiting import wait_until

from holdfast.adapters.embedded_engine import EmbeddedEngine
from holdfast.domain.container import EngineLocation
from holdfast.domain.errors import HoldfastError

pytestmark = pytest.mark.node

RESOURCES = Path(__file__).parents[2] / "resources"


@pytest.fixture(autouse=True)
def network() -> Iterator[None]:
    with own_network():
        yield


@pytest.fixture
def engine() -> Iterator[EmbeddedEngine]:
    with tempfile.TemporaryDirectory(prefix="holdfast-tests-", dir="/var/tmp") as home:
        engine = EmbeddedEngine(Path(home), RESOURCES, environment={})
        try:
            yield engine
        finally:
            engine.remove()


@pytest.fixture
def api(engine: EmbeddedEngine) -> Iterator[docker.DockerClient]:
    location = engine.start()
    with closing(docker.DockerClient(f"unix://{location.socket}", version="1.41")) as client:
        yield client


def start_container(api: docker.DockerClient) -> int:
    """Start a container that mounts a RAM disk into /run/holdfast; the pid of its process."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add("/bin/busybox", "bin/busybox")
    api.api.import_image_from_data(packed.getvalue(), repository="holdfast/test", tag="busybox")
    script = (
        "busybox mkdir /mnt/view; busybox mount -t tmpfs shared-view /mnt/view; busybox sleep 99"
    )
    container = api.containers.run(
        "holdfast/test:busybox",
        ["/bin/busybox", "sh", "-c", script],
        name="holdfast-test",
        mounts=[Mount("/mnt", "/run/holdfast", type="bind", propagation="rshared")],
        cap_add=["SYS_ADMIN"],
        security_opt=["apparmor=unconfined"],
        stop_signal="SIGKILL",
        detach=True,
    )
    container.reload()
    return int(container.attrs["State"]["Pid"])


def engine_pid(location: EngineLocation) -> int:
    """The one dockerd that was told this data root."""
    return next(pid for pid in processes(location.data_root) if comm(pid) == "dockerd")


def comm(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def processes(data_root: Path) -> list[int]:
    """All that name this engine's data root or its run root, with the containers' shims."""
    digest = hashlib.sha256(bytes(data_root.parent)).hexdigest()[:8].encode()
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            command = (folder / "cmdline").read_bytes()
            if folder.name.isdigit() and (bytes(data_root) in command or digest in command):
                found.append(int(folder.name))
    return found


def mounts(pid: int | str = "self") -> str:
    return Path(f"/proc/{pid}/mountinfo").read_text()


def rules() -> str:
    return subprocess.run(["iptables-save"], capture_output=True, text=True, check=True).stdout


def links() -> set[str]:
    return {name for _, name in socket.if_nameindex()}


def test_start_is_idempotent_and_everything_lies_under_the_home(engine: EmbeddedEngine) -> None:
    assert engine.state() == "stopped"
    first = engine.start()
    pid = engine_pid(first)
    assert engine.start() == first
    assert engine_pid(first) == pid
    assert engine.state() == "running"
    assert first.data_root.parent.name.startswith("holdfast-tests-")
    assert first.containerd_root.is_relative_to(first.data_root)
    assert (first.containerd_root / "io.containerd.metadata.v1.bolt").is_dir()
    assert stat.S_IMODE(first.socket.parent.stat().st_mode) == 0o700


def test_it_runs_a_containerd_of_its_own(engine: EmbeddedEngine) -> None:
    location = engine.start()
    names = {comm(pid) for pid in processes(location.data_root)}
    assert "containerd" in names


def test_mounts_reach_other_containers_and_never_the_host(
    engine: EmbeddedEngine, api: docker.DockerClient
) -> None:
    start_container(api)
    dockerd = engine_pid(engine.location)
    wait_until(lambda: "shared-view" in mounts(dockerd))
    assert "shared-view" not in mounts()
    assert str(engine.location.data_root) not in mounts()


def test_views_lie_in_memory(engine: EmbeddedEngine) -> None:
    dockerd = engine_pid(engine.start())
    assert "/run/holdfast rw" in mounts(dockerd)
    assert "tmpfs holdfast-views" in mounts(dockerd)


def test_stop_leaves_no_process_mount_rule_or_bridge(
    engine: EmbeddedEngine, api: docker.DockerClient
) -> None:
    api.networks.create("holdfast-test", driver="bridge")
    app = start_container(api)
    assert len(links()) > 3
    assert "DOCKER" in rules()
    engine.stop()
    assert engine.state() == "stopped"
    wait_until(lambda: not Path(f"/proc/{app}").exists())
    assert processes(engine.location.data_root) == []
    assert not engine.location.socket.parent.exists()
    assert links() == {"lo"}
    assert "DOCKER" not in rules()
    assert engine.location.data_root.exists()


def test_stop_keeps_what_another_mount_namespace_has_mounted(engine: EmbeddedEngine) -> None:
    engine.start()
    script = "mount -t tmpfs other-views /run/holdfast && echo mounted && exec sleep 99"
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == b"mounted\n"
            engine.stop()
            assert "other-views" in mounts(other.pid)
        finally:
            other.kill()


def test_stop_spares_an_engine_of_the_same_paths_inside_a_container(
    engine: EmbeddedEngine,
) -> None:
    run_root = engine.start().socket.parent.name.replace(f"-{os.getuid()}-", "-engine-")
    script = 'exec -a dockerd "$1" -c "import time; print(flush=True); time.sleep(99)" "$2"'
    arguments = ["bash", "-c", script, "", sys.executable, f"/run/{run_root}/exec"]
    with subprocess.Popen(["unshare", "--net", *arguments], stdout=subprocess.PIPE) as inside:
        try:
            assert inside.stdout is not None
            inside.stdout.readline()
            engine.stop()
            assert inside.poll() is None
        finally:
            inside.kill()


def test_after_a_kill_nothing_runs_on_and_it_starts_again(
    engine: EmbeddedEngine, api: docker.DockerClient
) -> None:
    app = start_container(api)
    os.kill(engine_pid(engine.location), signal.SIGKILL)
    wait_until(lambda: engine.state() == "stopped")
    assert Path(f"/proc/{app}").exists(), "the container was to outlive its engine"
    engine.start()
    assert engine.state() == "running"
    wait_until(lambda: not Path(f"/proc/{app}").exists())
    assert api.containers.get("holdfast-test").status == "exited"


def test_bridges_that_a_killed_engine_left_do_not_take_what_it_sends(
    engine: EmbeddedEngine,
) -> None:
    """As where a machine killed an engine and all its containers, and its data root is gone."""
    left, used, elsewhere = "br-00000000000a", "br-00000000000b", "br-00000000000c"
    subnets = {left: "10.213.0.1/28", used: "10.213.0.17/28", elsewhere: "172.30.0.1/24"}
    for bridge, subnet in subnets.items():
        subprocess.run(["ip", "link", "add", bridge, "type", "bridge"], check=True)
        subprocess.run(["ip", "address", "add", subnet, "dev", bridge], check=True)
    subprocess.run(["ip", "link", "add", "lives", "type", "veth"], check=True)
    subprocess.run(["ip", "link", "set", "lives", "master", used], check=True)
    engine.start()
    assert set(subnets) & links() == {used, elsewhere}


def test_remove_deletes_the_data_root_alone(engine: EmbeddedEngine) -> None:
    data_root = engine.start().data_root
    beside = data_root.parent / "another-file"
    beside.touch()
    engine.remove()
    assert not data_root.exists()
    assert beside.exists()
    assert engine.state() == "stopped"
    engine.remove()


def test_remove_refuses_a_folder_that_it_did_not_make(engine: EmbeddedEngine) -> None:
    foreign = engine.location.data_root / "somebody's"
    foreign.mkdir(parents=True)
    with pytest.raises(HoldfastError, match="holds no engine of Holdfast"):
        engine.remove()
    assert foreign.exists()
    foreign.rmdir()
    engine.location.data_root.rmdir()


def test_it_refuses_to_run_beside_another_engine(tmp_path: Path) -> None:
    chosen = tmp_path / "docker.sock"
    environment = {"DOCKER_HOST": f"unix://{chosen}"}
    engine = EmbeddedEngine(tmp_path / "home", RESOURCES, environment=environment)
    with closing(socket.socket(socket.AF_UNIX)) as other:
        other.bind(str(chosen))
        other.listen()
        with pytest.raises(HoldfastError) as refusal:
            engine.start()
    assert str(chosen) in refusal.value.why
    assert "--use-engine" in refusal.value.next
    assert not (tmp_path / "home").exists()


def test_a_failed_start_tells_the_last_words_of_its_log(engine: EmbeddedEngine) -> None:
    engine.location.data_root.mkdir()
    (engine.location.data_root / "docker").write_text("not a folder")
    with pytest.raises(HoldfastError) as failure:
        engine.start()
    assert "points to a file" in failure.value.why
    assert str(engine.log) in failure.value.next
    assert engine.state() == "stopped"


def test_the_system_wide_settings_of_an_engine_are_not_ours(
    engine: EmbeddedEngine, api: docker.DockerClient
) -> None:
    command = Path(f"/proc/{engine_pid(engine.location)}/cmdline").read_text()
    assert f"{engine.location.data_root}/daemon.json" in command
    assert api.info()["LoggingDriver"] == "none"
