"""The Engine port over docker-py: one client per thread, every stream can be closed."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import requests
from docker import APIClient
from docker.errors import APIError, DockerException
from docker.types import CancellableStream

from holdfast.adapters.docker_payload import archive, container_payload, ram_volume_options
from holdfast.domain.container import (
    Completed,
    ContainerFacts,
    ContainerSpec,
    EngineEvent,
    EngineFacts,
    PushedFile,
    RamVolume,
    Usage,
)
from holdfast.domain.errors import NodeUnreachable
from holdfast.domain.names import LABEL_APP, LABEL_ROLE
from holdfast.domain.operation import CancelToken
from holdfast.ports import CommandFailed, Conflict, EngineError, NotFound

_TAIL = 40
#: What engines before 25 print as the output of a command that never began; later ones refuse it.
_NOT_STARTED = b"OCI runtime exec failed: "


class _Client(APIClient):
    """docker-py, except that a build's stream can be closed from another thread too."""

    def _stream_helper(self, response: Any, decode: bool = False) -> Any:
        stream = super()._stream_helper(response, decode)  # type: ignore[misc]
        return CancellableStream(stream, response)


class DockerEngine:
    """A Docker engine behind a socket. `url`: unix:///path/docker.sock."""

    def __init__(self, url: str, timeout: int = 120) -> None:
        self._url = url
        self._timeout = timeout
        self._threads = threading.local()

    @property
    def _api(self) -> Any:  # docker-py's published types miss half of the calls used here
        api: APIClient | None = getattr(self._threads, "api", None)
        if api is None:
            with self._translated():
                api = _Client(base_url=self._url, timeout=self._timeout, version="auto")
            self._threads.api = api
        return api

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Vendor exceptions end here."""
        try:
            yield
        except APIError as error:
            status = error.response.status_code if error.response is not None else 500
            kind = {404: NotFound, 409: Conflict}.get(status, EngineError)
            raise kind(status, str(error.explanation or error)) from None
        except (DockerException, requests.exceptions.RequestException, OSError) as error:
            raise NodeUnreachable(
                "The node's engine does not answer.",
                f"{self._url}: {type(error).__name__}",
                "Start it with: holdfast node start",
            ) from None

    @cached_property
    def _kernel(self) -> str:
        with self._translated():
            return str(self._api.info()["KernelVersion"])

    def facts(self) -> EngineFacts:
        with self._translated():
            info = self._api.info()
        return EngineFacts(
            version=info["ServerVersion"],
            data_root=info["DockerRootDir"],
            operating_system=info["OperatingSystem"],
            security=tuple(info.get("SecurityOptions") or ()),
            clock=_time(info["SystemTime"]),
        )

    # containers

    def containers(self, labels: Mapping[str, str] | None = None) -> list[ContainerFacts]:
        with self._translated():
            rows = self._api.containers(all=True, filters={"label": _label_filter(labels)})
        return [_container_facts(row) for row in rows]

    def create(self, spec: ContainerSpec) -> str:
        with self._translated():
            made = self._api.create_container_from_config(container_payload(spec), name=spec.name)
        return str(made["Id"])

    def start(self, container: str) -> None:
        with self._translated():
            self._api.start(container)

    def stop(self, container: str, grace: int = 1) -> None:
        with self._translated():
            self._api.stop(container, timeout=grace)

    def kill(self, container: str, signal: str = "SIGKILL") -> None:
        with self._translated():
            self._api.kill(container, signal)

    def remove(self, container: str) -> None:
        try:
            with self._translated():
                self._api.remove_container(container, v=True, force=True)
        except NotFound:
            return

    def push(self, container: str, folder: str, files: Sequence[PushedFile], uid: int) -> None:
        with self._translated():
            self._api.put_archive(container, folder, archive(files, uid))

    def run(self, container: str, command: Sequence[str], user: str = "") -> Completed:
        with self._translated():
            made = self._api.exec_create(container, list(command), user=user)["Id"]
            output, error = self._api.exec_start(made, demux=True)
            code = self._exit_code(made)
        if code and (output or b"").startswith(_NOT_STARTED):
            raise EngineError(500, output.decode(errors="replace").strip())
        return Completed(code, output or b"", error or b"")

    def stream(
        self, container: str, command: Sequence[str], cancel: CancelToken, user: str = ""
    ) -> Iterator[str]:
        with self._translated():
            made = self._api.exec_create(container, list(command), user=user, stdin=True)["Id"]
            chunks = self._api.exec_start(made, stream=True)
        tail: list[str] = []
        with _reading(chunks, cancel) as open_chunks:
            for line in _lines(open_chunks):
                tail = [*tail[-_TAIL:], line]
                yield line
        with self._translated():
            code = self._exit_code(made)
        if code:
            raise CommandFailed(code, tail)

    def _exit_code(self, execution: str) -> int:
        """Output may end a moment before the engine knows how the command did."""
        deadline = time.monotonic() + self._timeout
        while (code := self._api.exec_inspect(execution)["ExitCode"]) is None:
            if time.monotonic() > deadline:
                raise EngineError(500, "A command closed its output and does not end.")
            time.sleep(0.01)
        return int(code)

    @contextmanager
    def held(self, spec: ContainerSpec) -> Iterator[None]:
        payload = {**container_payload(spec), "OpenStdin": True, "StdinOnce": True}
        with self._translated():
            self._api.create_container_from_config(payload, name=spec.name)
        connection = None
        try:
            with self._translated():
                connection = self._api.attach_socket(spec.name, params={"stdin": 1, "stream": 1})
                self._api.start(spec.name)
            yield
        finally:
            if connection is not None:
                connection._response.close()
            self.remove(spec.name)

    def usage(self, container: str) -> Usage:
        with self._translated():
            row = self._api.stats(container, stream=False, one_shot=True)
        memory = row.get("memory_stats") or {}
        details = memory.get("stats") or {}
        inactive = details.get("total_inactive_file", details.get("inactive_file", 0))
        return Usage(
            cpu_seconds=row["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9,
            memory_bytes=max(0, memory.get("usage", 0) - inactive),
            memory_limit=memory.get("limit", 0),
        )

    # volumes and networks

    def volumes(
        self, labels: Mapping[str, str] | None = None
    ) -> list[tuple[str, Mapping[str, str]]]:
        with self._translated():
            rows = self._api.volumes(filters={"label": _label_filter(labels)})["Volumes"] or []
        return [(row["Name"], row.get("Labels") or {}) for row in rows]

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        with self._translated():
            self._api.create_volume(name, driver="local", labels=dict(labels))

    def create_ram_volume(self, volume: RamVolume) -> None:
        options = ram_volume_options(volume, self._kernel)
        with self._translated():
            self._api.create_volume(
                volume.name, driver="local", driver_opts=options, labels=dict(volume.labels)
            )

    def remove_volume(self, name: str) -> None:
        try:
            with self._translated():
                self._api.remove_volume(name, force=True)
        except NotFound:
            return

    def networks(self) -> list[tuple[str, Mapping[str, str], tuple[str, ...]]]:
        with self._translated():
            rows = self._api.networks()
        return [
            (
                row["Name"],
                row.get("Labels") or {},
                tuple(pool["Subnet"] for pool in (row["IPAM"].get("Config") or ())),
            )
            for row in rows
        ]

    def create_network(self, name: str, subnet: str, labels: Mapping[str, str]) -> None:
        with self._translated():
            self._api.create_network(
                name,
                driver="bridge",
                ipam={"Driver": "default", "Config": [{"Subnet": subnet}]},
                labels=dict(labels),
                check_duplicate=True,
            )

    def connect(self, network: str, container: str, address: str) -> None:
        with self._translated():
            self._api.connect_container_to_network(container, network, ipv4_address=address)

    def remove_network(self, name: str) -> None:
        try:
            with self._translated():
                attached = self._api.inspect_network(name).get("Containers") or {}
                for container in attached:
                    self._api.disconnect_container_from_network(container, name, force=True)
                self._api.remove_network(name)
        except NotFound:
            return

    # images

    def images(self, labels: Mapping[str, str] | None = None) -> list[tuple[str, tuple[str, ...]]]:
        with self._translated():
            rows = self._api.images(filters={"label": _label_filter(labels)})
        return [(row["Id"], tuple(row.get("RepoTags") or ())) for row in rows]

    def image_id(self, tag: str) -> str | None:
        try:
            with self._translated():
                return str(self._api.inspect_image(tag)["Id"])
        except NotFound:
            return None

    def import_image(self, archive: Iterator[bytes], tag: str, cancel: CancelToken) -> None:
        def checked() -> Iterator[bytes]:
            for chunk in archive:
                cancel.check()
                yield chunk

        repository, _, version = tag.partition(":")
        with self._translated():
            self._api.import_image_from_stream(
                checked(),
                repository=repository,
                tag=version,
                changes=[f"LABEL {LABEL_ROLE}=image"],
            )

    def build_image(
        self, context: bytes, tag: str, labels: Mapping[str, str], cancel: CancelToken
    ) -> Iterator[str]:
        with self._translated():
            stream: Any = self._api.build(
                fileobj=io.BytesIO(context),
                custom_context=True,
                tag=tag,
                labels=dict(labels),
                rm=True,
                forcerm=True,
                network_mode="none",
                decode=True,
            )
        with _reading(stream, cancel) as chunks:
            for chunk in chunks:
                if "error" in chunk:
                    raise EngineError(500, str(chunk["error"]).strip())
                if line := str(chunk.get("stream", "")).rstrip():
                    yield line

    def commit(self, container: str, tag: str, labels: Mapping[str, str]) -> str:
        repository, _, version = tag.partition(":")
        with self._translated():
            changes = [f"LABEL {key}={value}" for key, value in labels.items()]
            made = self._api.commit(container, repository, version, changes=changes)
        return str(made["Id"])

    def remove_image(self, image: str) -> None:
        try:
            with self._translated():
                self._api.remove_image(image, force=True)
        except NotFound:
            return

    @contextmanager
    def events(self, cancel: CancelToken) -> Iterator[Iterator[EngineEvent]]:
        with self._translated():
            stream: Any = self._api.events(decode=True)
        with _reading(stream, cancel) as chunks:
            yield (_event(chunk) for chunk in chunks)


@contextmanager
def _reading(stream: Any, cancel: CancelToken) -> Iterator[Any]:
    """Read a stream of docker-py until its end or a cancel."""
    try:
        with cancel.closing(stream) as chunks:
            yield chunks
    finally:
        # its own close() leaves the descriptor to the garbage collector
        stream._response.close()


def _label_filter(labels: Mapping[str, str] | None) -> list[str]:
    return [f"{key}={value}" if value else key for key, value in (labels or {}).items()]


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace").rstrip("\r")
    if rest:
        yield rest.decode(errors="replace")


def _time(text: str) -> datetime:
    # the engine prints nanoseconds, which Python 3.11 cuts to microseconds
    return datetime.fromisoformat(text).astimezone(UTC)


def _container_facts(row: Mapping[str, Any]) -> ContainerFacts:
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


def _event(chunk: Mapping[str, Any]) -> EngineEvent:
    attributes = chunk.get("Actor", {}).get("Attributes", {})
    return EngineEvent(
        kind=chunk.get("Type", ""),
        action=chunk.get("Action", ""),
        name=attributes.get("name", ""),
        app=attributes.get(LABEL_APP),
    )
