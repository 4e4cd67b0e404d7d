"""From a container as we ask for it to the engine's own JSON: pure, and strict by default."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from typing import Any

from holdfast.domain.container import Bind, ContainerSpec, PushedFile, RamVolume, VolumeMount

#: 0 does not stop a core handler behind a pipe, exactly 1 does.
_CORE_LIMIT = 1
_SECOND = 1_000_000_000
#: Linux knows tmpfs `noswap` since 6.4.
_NOSWAP_SINCE = (6, 4)


def container_payload(spec: ContainerSpec) -> dict[str, Any]:
    """The body of `POST /containers/create` (Docker Engine API 1.41)."""
    return {
        "Image": spec.image,
        "Entrypoint": list(spec.command),
        "Cmd": [],
        "Labels": dict(spec.labels),
        "User": spec.user,
        "Env": [f"{key}={value}" for key, value in spec.environment.items()],
        "WorkingDir": spec.working_dir or "/",
        "ExposedPorts": {f"{port}/tcp": {} for port in spec.ports},
        "Healthcheck": {
            "Test": ["CMD", *(spec.health or ("/bin/true",))],
            "Interval": (3 if spec.health else 60) * _SECOND,
            "Timeout": 5 * _SECOND,
            "Retries": 1,
        },
        "HostConfig": _host_config(spec),
        "NetworkingConfig": _endpoints(spec),
    }


def _host_config(spec: ContainerSpec) -> dict[str, Any]:
    return {
        "ReadonlyRootfs": spec.read_only,
        "CapDrop": ["ALL"],
        "CapAdd": list(spec.capabilities),
        "SecurityOpt": ["no-new-privileges", *spec.security],
        "Memory": spec.memory_bytes,
        "MemorySwap": spec.memory_bytes,
        "NanoCpus": int(spec.cpus * 1e9) if spec.cpus else 0,
        "CpuShares": spec.cpu_shares,
        "PidsLimit": spec.pids,
        "Ulimits": [
            {"Name": "core", "Soft": _CORE_LIMIT, "Hard": _CORE_LIMIT},
            {"Name": "nofile", "Soft": spec.open_files, "Hard": spec.open_files},
        ],
        "LogConfig": {"Type": spec.log},
        "RestartPolicy": {"Name": "no"},
        "NetworkMode": spec.network,
        "Sysctls": {}
        if spec.connect_retries is None
        else {"net.ipv4.tcp_syn_retries": f"{spec.connect_retries}"},
        "PidMode": "host" if spec.host_processes else "",
        "Devices": [
            {"PathOnHost": path, "PathInContainer": path, "CgroupPermissions": permissions}
            for paths, permissions in ((spec.devices, "rw"), (spec.read_devices, "r"))
            for path in paths
        ],
        "Binds": [_bind(bind) for bind in spec.binds if bind.recursive],
        "Mounts": [
            *(_volume(mount) for mount in spec.volumes),
            *(_bind_alone(bind) for bind in spec.binds if not bind.recursive),
        ],
        "PortBindings": {
            f"{port}/tcp": [{"HostIp": host, "HostPort": str(host_port)}]
            for port, (host, host_port) in spec.ports.items()
        },
    }


def _bind(bind: Bind) -> str:
    access = "ro" if bind.read_only else "rw"
    return f"{bind.source}:{bind.target}:{access},{bind.propagation}"


def _bind_alone(bind: Bind) -> dict[str, Any]:
    """A bind without what is mounted below its source, which the short form cannot ask for."""
    return {
        "Type": "bind",
        "Source": bind.source,
        "Target": bind.target,
        "ReadOnly": bind.read_only,
        "BindOptions": {"NonRecursive": True, "Propagation": bind.propagation},
    }


def _volume(mount: VolumeMount) -> dict[str, Any]:
    return {
        "Type": "volume",
        "Source": mount.volume,
        "Target": mount.target,
        "ReadOnly": mount.read_only,
    }


def _endpoints(spec: ContainerSpec) -> dict[str, Any]:
    if spec.address is None:
        return {}
    return {"EndpointsConfig": {spec.network: {"IPAMConfig": {"IPv4Address": spec.address}}}}


def ram_volume_options(volume: RamVolume, kernel: str) -> dict[str, str]:
    """Driver options of the local driver. kernel: the engine's host's, `6.1.0-18-amd64`."""
    options = [
        f"size={volume.size_bytes}",
        f"mode={volume.mode}",
        f"uid={volume.uid}",
        f"gid={volume.uid}",
        "nosuid",
        "nodev",
    ]
    if not volume.executable:
        options.append("noexec")
    if _kernel_version(kernel) >= _NOSWAP_SINCE:
        options.append("noswap")
    return {"type": "tmpfs", "device": "tmpfs", "o": ",".join(options)}


def _kernel_version(text: str) -> tuple[int, int]:
    major, _, rest = text.partition(".")
    minor = "".join(digit for digit in rest.split(".")[0] if digit.isdigit())
    return (int(major), int(minor)) if major.isdigit() and minor else (0, 0)


def archive(files: Sequence[PushedFile], uid: int) -> bytes:
    """A tar archive of these files, in this order, owned by `uid`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        folders: set[str] = set()
        for file in files:
            for parent in _parents(file.path):
                if parent not in folders:
                    folders.add(parent)
                    entry = tarfile.TarInfo(parent)
                    entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, 0o700, uid, uid
                    tar.addfile(entry)
            entry = tarfile.TarInfo(file.path)
            entry.size, entry.mode, entry.uid, entry.gid = len(file.content), file.mode, uid, uid
            tar.addfile(entry, io.BytesIO(file.content))
    return buffer.getvalue()


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
