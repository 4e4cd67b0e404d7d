"""Engines that are refused by name, by the answers that they give."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from engine_answers import INFO, VERSION

from holdfast.adapters.docker_answers import engine_facts
from holdfast.domain.errors import EngineUnsupported
from holdfast.domain.supported_engine import check_clock, check_supported

DOCKER_CE: dict[str, Any] = {
    "Platform": {"Name": "Docker Engine - Community"},
    "Components": [{"Name": "Engine", "Version": "27.1.1", "Details": {"ApiVersion": "1.46"}}],
    "ApiVersion": "1.46",
}
FACTS = engine_facts(INFO, VERSION)


@pytest.mark.parametrize(
    ("info", "version"),
    [
        ({}, {}),
        ({"ServerVersion": "27.1.1", "SecurityOptions": None}, DOCKER_CE),
        ({"SecurityOptions": ["name=seccomp,profile=builtin", "name=cgroupns"]}, DOCKER_CE),
    ],
    ids=["docker.io", "docker-ce", "cgroup v2"],
)
def test_dockers_usual_engine_is_not_refused(info: dict[str, Any], version: dict[str, Any]) -> None:
    check_supported(engine_facts({**INFO, **info}, {**VERSION, **version}))


@pytest.mark.parametrize(
    ("info", "version", "name"),
    [
        (
            # a rootless Podman says of itself that it is rootless too
            {
                "ServerVersion": "4.9.3",
                "DockerRootDir": "/home/ada/.local/share/containers/storage",
                "OperatingSystem": "fedora",
                "SecurityOptions": ["name=seccomp,profile=default", "name=rootless"],
                "ProductLicense": "Apache-2.0",
            },
            {
                "Platform": {"Name": "linux/amd64/fedora-39"},
                "Components": [
                    {"Name": "Podman Engine", "Version": "4.9.3"},
                    {"Name": "Conmon", "Version": "conmon version 2.1.10, commit: "},
                    {"Name": "OCI Runtime (crun)", "Version": "crun version 1.14"},
                ],
            },
            "Podman",
        ),
        (
            {
                "ServerVersion": "27.1.1",
                "KernelVersion": "6.10.0-linuxkit",
                "OperatingSystem": "Docker Desktop",
                "SecurityOptions": ["name=seccomp,profile=unconfined", "name=cgroupns"],
            },
            {"Platform": {"Name": "Docker Desktop 4.33.0 (160616)"}, "ApiVersion": "1.46"},
            "Docker Desktop",
        ),
        (
            {"OSType": "windows", "OperatingSystem": "Microsoft Windows Server Version 21H2"},
            {},
            "Windows",
        ),
        (
            {
                "DockerRootDir": "/home/ada/.local/share/docker",
                "SecurityOptions": ["name=seccomp,profile=default", "name=rootless"],
            },
            DOCKER_CE,
            "rootless",
        ),
        (
            {
                "DockerRootDir": "/var/lib/docker/100000.100000",
                "SecurityOptions": ["name=seccomp,profile=default", "name=userns"],
            },
            DOCKER_CE,
            "user namespaces",
        ),
        (
            {
                "DockerRootDir": "/var/snap/docker/common/var-lib-docker",
                "OperatingSystem": "Ubuntu Core 22",
            },
            {},
            "snap",
        ),
        (
            {"SecurityOptions": ["name=seccomp,profile=default", "name=selinux"]},
            DOCKER_CE,
            "SELinux",
        ),
        ({"ServerVersion": "19.03.15"}, {"ApiVersion": "1.40"}, "too old"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_an_engine_that_nobody_tried_is_refused_by_its_name(
    info: dict[str, Any], version: dict[str, Any], name: str
) -> None:
    with pytest.raises(EngineUnsupported, match=name) as refusal:
        check_supported(engine_facts({**INFO, **info}, {**VERSION, **version}))
    assert refusal.value.why
    assert refusal.value.next


def test_clocks_may_differ_by_five_minutes() -> None:
    there = datetime(2026, 11, 24, 21, 24, tzinfo=UTC)
    facts = replace(FACTS, clock=there)
    for near in (timedelta(minutes=5), timedelta(minutes=-5)):
        check_clock(facts, there + near)
    for far in (timedelta(minutes=6), timedelta(minutes=-6)):
        with pytest.raises(EngineUnsupported, match="6 minutes apart"):
            check_clock(facts, there + far)
