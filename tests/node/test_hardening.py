"""The CIS benchmark's warnings about containers that run: those of the committed list alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hardening import CHECKS, LIST, Warned, expected, warnings_of
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.acme import AcmeServer
from holdfast.domain.names import AppName
from holdfast.node.acme import begin_acme, keep_acme
from holdfast.operations.serving_app import open_app

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP = AppName("hard")
#: The roles that live as long as their app does, and the edge.
ROLES = {"run", "proxy", "volume", "acme", "edge"}
BENCH = os.environ.get("HOLDFAST_DOCKER_BENCH", "")
SECTIONS = "container_images,container_runtime,community_checks"


@pytest.fixture(scope="module")
def running(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[dict[str, Any]]]:
    """Every container of ours that runs while an app does, as the engine describes it."""
    repository = Repository(tmp_path_factory.mktemp("hard") / "repository")
    repository.commit(plain_app("'hard'"))
    world.deploy(repository, APP)
    app = open_app(world.node, APP)
    keep_acme(world.node, app.volume, APP, [app.configuration.host_name], AcmeServer())
    begin_acme(world.node, APP, app.volume)
    found = world.engine.containers({names.LABEL_ROLE: ""})
    yield [world.api.inspect_container(container.id) for container in found]
    world.remove(APP)


@pytest.fixture(scope="module")
def wanted(world: World) -> frozenset[Warned]:
    options = world.api.info()["SecurityOptions"] or ()
    return expected(any("apparmor" in option for option in options))


def test_what_runs_gives_cause_for_the_listed_warnings_alone(
    running: list[dict[str, Any]], wanted: frozenset[Warned]
) -> None:
    assert {each["Config"]["Labels"][names.LABEL_ROLE] for each in running} == ROLES
    found = frozenset().union(*(warnings_of(each) for each in running))
    assert found == {each for each in wanted if each.role in ROLES}


def test_capabilities_are_those_that_were_given(
    world: World, running: list[dict[str, Any]]
) -> None:
    """Read from the first process, not from what was asked for."""
    for container in running:
        status = world.shell(container["Id"], "cat /proc/1/status")
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        mounter = container["Config"]["Labels"][names.LABEL_ROLE] == "volume"
        # SYS_ADMIN, SETUID, SETGID, CHOWN: bits 21, 7, 6 and 0
        allowed = 1 << 21 | 1 << 7 | 1 << 6 | 1 << 0 if mounter else 0
        for kind in ("CapEff", "CapPrm", "CapBnd"):
            assert int(fields[kind], 16) & ~allowed == 0, (container["Name"], kind)
        assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2"), container["Name"]


@pytest.mark.skipif(
    not BENCH, reason="HOLDFAST_DOCKER_BENCH names no checkout of docker-bench-security"
)
def test_the_original_warns_of_the_same(
    running: list[dict[str, Any]],
    wanted: frozenset[Warned],
    engine_socket: Path,
    tmp_path: Path,
) -> None:
    assert shutil.which("docker"), "docker-bench-security needs the program docker"
    log = tmp_path / "bench.log"
    subprocess.run(
        ["bash", "./docker-bench-security.sh", "-b", "-l", str(log), "-c", SECTIONS],
        cwd=BENCH,
        env={**os.environ, "DOCKER_HOST": f"unix://{engine_socket}"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    roles = {
        each["Name"].removeprefix("/"): each["Config"]["Labels"][names.LABEL_ROLE]
        for each in running
    }
    told = json.loads((tmp_path / "bench.log.json").read_text())
    results = [result for section in told["tests"] for result in section["results"]]
    assert {result["id"] for result in results} >= {check for check in CHECKS if check != "5.21"}
    found = set()
    for result in results:
        if result["result"] != "WARN":
            continue
        for item in result.get("items") or ["client"]:
            container = item.partition(":")[0]
            role = "image" if item.startswith("[") else roles.get(container, item)
            found.add(Warned(result["id"], role))
    assert found == wanted, LIST
