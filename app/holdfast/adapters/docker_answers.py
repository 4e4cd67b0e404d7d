"""From the engine's own JSON to facts of ours: pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from holdfast.domain.container import ContainerFacts, EngineFacts, Usage


def engine_facts(info: Mapping[str, Any], version: Mapping[str, Any]) -> EngineFacts:
    """The answers of `GET /info` and `GET /version` (Docker Engine API 1.41)."""
    parts = [part.get("Name", "") for part in version.get("Components") or ()]
    platform = (version.get("Platform") or {}).get("Name", "")
    return EngineFacts(
        id=info.get("ID") or "",
        version=info["ServerVersion"],
        api_version=version["ApiVersion"],
        products=tuple(name for name in (platform, *parts) if name),
        data_root=info["DockerRootDir"],
        operating_system=info["OperatingSystem"],
        os_type=info["OSType"],
        kernel=info["KernelVersion"],
        security=tuple(info.get("SecurityOptions") or ()),
        clock=_time(info["SystemTime"]),
    )


def container_facts(row: Mapping[str, Any]) -> ContainerFacts:
    """One row of `GET /containers/json`."""
    networks = (row.get("NetworkSettings") or {}).get("Networks") or {}
    return ContainerFacts(
        id=row["Id"],
        name=row["Names"][0].lstrip("/"),
        image=row["ImageID"],
        labels=row.get("Labels") or {},
        state=row["State"],
        status=row["Status"],
        created=datetime.fromtimestamp(row["Created"], UTC),
        networks={name: facts.get("IPAddress", "") for name, facts in networks.items()},
        ports=tuple(
            (port["IP"], port["PublicPort"], port["PrivatePort"])
            for port in row.get("Ports") or ()
            if "PublicPort" in port
        ),
    )


def usage(row: Mapping[str, Any]) -> Usage:
    """The answer of `GET /containers/ID/stats`."""
    memory = row.get("memory_stats") or {}
    details = memory.get("stats") or {}
    inactive = details.get("total_inactive_file", details.get("inactive_file", 0))
    return Usage(
        cpu_seconds=row["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9,
        memory_bytes=max(0, memory.get("usage", 0) - inactive),
        memory_limit=memory.get("limit", 0),
    )


def network(row: Mapping[str, Any]) -> tuple[str, Mapping[str, str], tuple[str, ...]]:
    """One row of `GET /networks`: name, labels, subnets."""
    pools = row["IPAM"].get("Config") or ()
    return row["Name"], row.get("Labels") or {}, tuple(pool["Subnet"] for pool in pools)


def error_within(lines: str) -> str | None:
    """The error in an answer of JSON lines, which begins before the engine knows how it ends."""
    for line in lines.splitlines():
        if error := json.loads(line).get("error"):
            return str(error).strip()
    return None


def _time(text: str) -> datetime:
    # the engine prints nanoseconds, which Python 3.11 cuts to microseconds
    return datetime.fromisoformat(text).astimezone(UTC)
