"""An engine that runs already is found without touching it."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.adapters.other_engines import find_other_engine, listening_sockets

TABLE = """\
Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 11 /run/docker.sock
0000000000000000: 00000003 00000000 00000000 0001 03 12 /run/connected.sock
0000000000000000: 00000002 00000000 00010000 0001 01 13 /run/with a space.sock
0000000000000000: 00000002 00000000 00010000 0001 01 14
"""
NOTHING = TABLE.splitlines()[0]


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "unix").write_text(NOTHING)
    add_process(tmp_path, "self", "python", "python", network="net:[1]")
    return tmp_path


def add_process(proc: Path, pid: str, name: str, command: str, network: str | None) -> None:
    (proc / pid / "ns").mkdir(parents=True)
    (proc / pid / "comm").write_text(f"{name}\n")
    (proc / pid / "cmdline").write_text(command.replace(" ", "\0"))
    if network:
        (proc / pid / "ns" / "net").symlink_to(network)


def test_only_sockets_that_somebody_listens_on_count() -> None:
    assert listening_sockets(TABLE) == {"/run/docker.sock", "/run/with a space.sock"}


def test_a_quiet_machine_has_none(proc: Path) -> None:
    add_process(proc, "7", "dockerd-rootless", "dockerd-rootless", network="net:[1]")
    assert find_other_engine((), {"DOCKER_HOST": "unix:///run/docker.sock"}, proc) is None


def test_a_listening_socket_is_named(proc: Path) -> None:
    (proc / "net" / "unix").write_text(TABLE)
    assert "listens on /run/docker.sock" in (find_other_engine((), {}, proc) or "")


def test_the_socket_of_docker_host_is_named(proc: Path) -> None:
    (proc / "net" / "unix").write_text(TABLE.replace("/run/docker.sock", "/srv/engine.sock"))
    chosen = {"DOCKER_HOST": "unix:///srv/engine.sock"}
    assert "listens on /srv/engine.sock" in (find_other_engine((), chosen, proc) or "")
    assert find_other_engine((), {}, proc) is None


def test_a_process_is_named(proc: Path) -> None:
    add_process(proc, "812", "dockerd", "/usr/bin/dockerd -H fd://", network="net:[1]")
    assert find_other_engine((), {}, proc) == "process 812: /usr/bin/dockerd -H fd://"


def test_a_process_whose_network_we_may_not_see_counts(proc: Path) -> None:
    add_process(proc, "812", "dockerd", "dockerd", network=None)
    assert "process 812" in (find_other_engine((), {}, proc) or "")


def test_an_engine_inside_a_container_disturbs_nobody(proc: Path) -> None:
    add_process(proc, "812", "dockerd", "dockerd", network="net:[2]")
    assert find_other_engine((), {}, proc) is None


def test_an_ending_process_is_passed_over(proc: Path) -> None:
    add_process(proc, "812", "dockerd", "", network="net:[1]")
    assert find_other_engine((), {}, proc) is None


def test_our_own_is_no_other(proc: Path) -> None:
    (proc / "net" / "unix").write_text(TABLE)
    command = "dockerd --exec-root /run/holdfast-engine/exec"
    add_process(proc, "9", "dockerd", command, network="net:[1]")
    marks = ("/run/docker.sock", "/run/holdfast-engine/")
    assert find_other_engine(marks, {}, proc) is None
    other_home = ("/run/docker.sock", "/run/holdfast-engine-12ab34cd/")
    assert "process 9" in (find_other_engine(other_home, {}, proc) or "")


def test_our_own_is_no_other_where_docker_host_names_it(proc: Path) -> None:
    socket = "/run/holdfast-1000/docker.sock"
    (proc / "net" / "unix").write_text(TABLE.replace("/run/docker.sock", socket))
    chosen = {"DOCKER_HOST": f"unix://{socket}"}
    assert find_other_engine(("/run/holdfast",), chosen, proc) is None
    assert socket in (find_other_engine(("/run/holdfast-1000-12ab34cd/",), chosen, proc) or "")
