"""Both proxies as a public TLS scanner sees them: sslyze, in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from proxy_world import ProxyWorld, Sidecar, running_proxies, serve_sales
from uv import find_uv_bin

pytestmark = pytest.mark.node
_SSLYZE = ("tool", "run", "--python", sys.executable, "--from", "sslyze>=6.1,<7", "sslyze")


@pytest.fixture(scope="module")
def world(engine_socket: Path) -> Iterator[ProxyWorld]:
    """An edge, and what the tests put behind it."""
    with running_proxies(engine_socket) as made:
        yield made


@pytest.fixture(scope="module")
def sales(world: ProxyWorld) -> Sidecar:
    return serve_sales(world)


def scan(
    target: str, profile: str, ca: bytes, folder: Path, *more: str
) -> tuple[dict[str, Any], str]:
    """(its findings, its words on Mozilla's profile). It ends with 0 when nothing answered, so
    that is asked first."""
    report, trusted = folder / "report.json", folder / "ca.pem"
    trusted.write_bytes(ca)
    options = ("--mozilla_config", profile, "--json_out", report, "--certinfo_ca_file", trusted)
    done = subprocess.run(
        [find_uv_bin(), *_SSLYZE, *options, *more, target],
        capture_output=True,
        text=True,
        env=dict(os.environ),
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    [found] = json.loads(report.read_text())["server_scan_results"]
    assert found["connectivity_status"] == "COMPLETED", done.stdout
    return found["scan_result"], done.stdout.partition("COMPLIANCE")[2]


def accepted(found: dict[str, Any], version: str) -> bool:
    return bool(found[f"{version}_cipher_suites"]["result"]["accepted_cipher_suites"])


def test_the_edge_keeps_the_intermediate_profile(
    world: ProxyWorld, sales: Sidecar, tmp_path: Path
) -> None:
    target = f"sales.localhost:8443{{{world.edge_address}}}"
    found, told = scan(target, "intermediate", world.authorities.visitors.root, tmp_path)
    assert "OK - Compliant" in told, told
    versions = ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3")
    assert [each for each in versions if accepted(found, each)] == ["tls_1_2", "tls_1_3"]


def test_a_sidecar_keeps_the_modern_profile(
    world: ProxyWorld, sales: Sidecar, tmp_path: Path
) -> None:
    client = tmp_path / "client.pem"
    client.write_bytes(world.authorities.client_certificate().reveal())
    target = f"{sales.server_name}:8443{{{sales.address}}}"
    files = ("--cert", str(client), "--key", str(client))
    found, told = scan(target, "modern", world.authorities.sidecars.root, tmp_path, *files)
    assert "OK - Compliant" in told, told
    assert not accepted(found, "tls_1_2")
    assert accepted(found, "tls_1_3")
