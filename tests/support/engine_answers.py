"""What an engine says of itself, as its API tells it."""

from __future__ import annotations

from typing import Any

#: What the engine of Debian 12 answers to GET /info and GET /version, without the rest.
INFO: dict[str, Any] = {
    "ID": "36CA:6ROM:4WXX:Q2ZL:WHFO:V7KE:KCDI:K5HJ:TZIU:2ZLL:AEKH:FWEV",
    "SystemTime": "2026-11-24T21:24:31.123456789Z",
    "KernelVersion": "6.1.0-28-amd64",
    "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
    "OSType": "linux",
    "DockerRootDir": "/var/lib/docker",
    "SecurityOptions": ["name=apparmor", "name=seccomp,profile=default", "name=cgroupns"],
    "ServerVersion": "20.10.24+dfsg1",
}
VERSION: dict[str, Any] = {
    "Platform": {"Name": ""},
    "Components": [
        {"Name": "Engine", "Version": "20.10.24+dfsg1", "Details": {"ApiVersion": "1.41"}},
        {"Name": "containerd", "Version": "1.6.20~ds1"},
        {"Name": "runc", "Version": "1.1.5+ds1"},
        {"Name": "docker-init", "Version": "0.19.0"},
    ],
    "Version": "20.10.24+dfsg1",
    "ApiVersion": "1.41",
    "MinAPIVersion": "1.12",
}
