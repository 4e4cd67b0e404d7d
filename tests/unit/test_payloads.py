"""What every container is granted, and what it must not be denied."""

from __future__ import annotations

import pytest

from holdfast.domain import names
from holdfast.domain.app import AppConfiguration, Source
from holdfast.domain.container import ContainerSpec
from holdfast.domain.names import AppName, HostName
from holdfast.node import payloads

APP = AppName("sales-board")
UID = payloads.APP_UIDS[0]
CONFIGURATION = AppConfiguration(
    name=APP,
    source=Source(repository="https://example.org/sales", branch="main", entrypoint="app.py"),
    host_name=HostName("sales-board.localhost"),
    uid=UID,
    release="261124210000",
)

SPECS: list[ContainerSpec] = [
    payloads.mounter(APP, UID, "node").container,
    payloads.lock(APP, "node", "deploy", "Ada", "now"),
    payloads.seal(APP, "node", "Ada", "now", "sales-board.localhost", ["cipher-2"]),
    payloads.fetcher(APP, UID, "node", {}, "fetch").container,
    payloads.builder(APP, UID, "python", {}, "build").container,
    payloads.packages(APP, "python").container,
    payloads.sidecar(APP, "1", UID, "node", "10.213.0.19").container,
    payloads.firewall(APP, names.sidecar(APP, "1"), "node"),
    payloads.runner(CONFIGURATION, "1", "python").container,
    payloads.acme(APP, UID, "node", {}).container,
    payloads.edge("node", "10.213.0.3", "127.0.0.1", (8443, 8080)).container,
    payloads.sweeper(APP, "node"),
    payloads.host_probe("node"),
    payloads.view_probe("node", "view"),
    payloads.rules_probe("node"),
    payloads.searcher("node", ["/var/lib/docker"]).container,
    payloads.control("node").container,
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_leaves_the_engines_runtime_room_to_start_commands(spec: ContainerSpec) -> None:
    assert spec.pids >= 32
