"""The Engine port over docker-py."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cached_property
from typing import Any

from requests.exceptions import JSONDecodeError

from holdfast.adapters import docker_answers as answers
from holdfast.adapters.docker_commands import DockerCommands
from holdfast.adapters.docker_connection import DockerConnection, reading
from holdfast.adapters.docker_payload import archive, container_payload, ram_volume_options
from holdfast.adapters.docker_told import read_told
from holdfast.domain.container import (
    Completed,
    ContainerFacts,
    ContainerSpec,
    EngineFacts,
    PushedFile,
    RamVolume,
    Usage,
)
from holdfast.domain.errors import DiskFull, HoldfastError
from holdfast.domain.names import LABEL_ROLE
from holdfast.domain.operation import CancelToken, Closable
from holdfast.ports import EngineError, Joined, NotFound

_NOT_RUNNING = "is not running"


class DockerEngine:
    """A Docker engine behind a socket. `url`: unix:///path/docker.sock."""

    def __init__(self, url: str, timeout: int = 120) -> None:
        self._connection = DockerConnection(url, timeout)
        self._translated = self._connection.translated
        self._commands = DockerCommands(self._connection)

    @property
    def _api(self) -> Any:
        return self._connection.api

    @cached_property
    def _kernel(self) -> str:
        with self._translated():
            return str(self._api.info()["KernelVersion"])

    def facts(self) -> EngineFacts:
        with self._translated():
            return answers.engine_facts(self._api.info(), self._api.version())

    # containers

    def containers(self, labels: Mapping[str, str] | None = None) -> list[ContainerFacts]:
        with self._translated():
            rows = self._api.containers(all=True, filters={"label": _label_filter(labels)})
        return [answers.container_facts(row) for row in rows]

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

    def kill(self, container: str) -> None:
        with self._translated():
            self._api.kill(container)

    def remove(self, container: str) -> None:
        with suppress(NotFound):
            try:
                self._remove(container)
            except EngineError as error:
                if _NOT_RUNNING not in error.message:
                    raise
                # it ended by itself when the engine was about to kill it
                self._remove(container)

    def _remove(self, container: str) -> None:
        with self._translated():
            self._api.remove_container(container, v=True, force=True)

    def push(self, container: str, folder: str, files: Sequence[PushedFile], uid: int) -> None:
        try:
            with self._translated():
                self._api.put_archive(container, folder, archive(files, uid))
        except DiskFull:
            raise HoldfastError(
                "What was sent to the node is too large.",
                f"It is kept in RAM there, and {folder} of {container} is full.",
                "Send less: what is large belongs to the data that the app keeps.",
            ) from None

    def run(self, container: str, command: Sequence[str], user: str = "") -> Completed:
        return self._commands.run(container, command, user)

    def stream(
        self, container: str, command: Sequence[str], cancel: CancelToken, user: str = ""
    ) -> Generator[str, None, None]:
        return self._commands.stream(container, command, cancel, user)

    def joined(
        self, container: str, command: Sequence[str], user: str = ""
    ) -> AbstractContextManager[Joined]:
        return self._commands.joined(container, command, user)

    @contextmanager
    def held(self, spec: ContainerSpec) -> Iterator[Closable]:
        # by its id from here on: the name may be somebody else's by now
        made = self._create_reading(spec)
        try:
            with self._commands.held(made) as running:
                yield running
        finally:
            self.remove(made)

    def complete(self, spec: ContainerSpec, given: bytes) -> Completed:
        made = self._create_reading(spec)
        try:
            return self._commands.complete(made, given)
        finally:
            self.remove(made)

    def _create_reading(self, spec: ContainerSpec) -> str:
        """A container whose program reads what we write; its id."""
        payload = {**container_payload(spec), "OpenStdin": True, "StdinOnce": True}
        with self._translated():
            made = self._api.create_container_from_config(payload, name=spec.name)
        return str(made["Id"])

    def usage(self, container: str) -> Usage:
        with self._translated():
            try:
                told = self._api.stats(container, stream=False, one_shot=True)
            except JSONDecodeError:
                # the engine's answer has no body where the container ends while it is asked
                raise NotFound(404, f"{container} ended while it was measured.") from None
        return answers.usage(told)

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
        return [answers.network(row) for row in rows]

    def create_network(self, name: str, subnet: str, labels: Mapping[str, str]) -> None:
        with self._translated():
            self._api.create_network(
                name,
                driver="bridge",
                ipam={"Driver": "default", "Config": [{"Subnet": subnet}]},
                options=self._packet_size,
                labels=dict(labels),
                check_duplicate=True,
            )

    @cached_property
    def _packet_size(self) -> dict[str, str]:
        """The engine gives the MTU that it was told to its own bridge alone."""
        key = "com.docker.network.driver.mtu"
        own = self._api.networks(names=["bridge"])
        options = own[0].get("Options") or {} if own else {}
        return {key: options[key]} if key in options else {}

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
            told = self._api.import_image_from_stream(
                checked(),
                repository=repository,
                tag=version,
                changes=[f"LABEL {LABEL_ROLE}=image"],
            )
        if reason := answers.error_within(told):
            raise self._connection.refusal(reason)

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
        with reading(stream, cancel) as chunks:
            for chunk in chunks:
                if "error" in chunk:
                    raise self._connection.refusal(str(chunk["error"]).strip())
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
    def events(
        self, actions: Sequence[str], cancel: CancelToken
    ) -> Iterator[Iterator[Mapping[str, str]]]:
        with self._translated():
            stream: Any = self._api.events(decode=True, filters={"event": list(actions)})
        with reading(stream, cancel) as chunks:
            yield (chunk["Actor"]["Attributes"] for chunk in chunks)

    @contextmanager
    def raw_events(self, cancel: CancelToken) -> Iterator[Iterator[bytes]]:
        with self._translated():
            stream: Any = self._api.events(decode=False)
        with reading(stream, cancel) as chunks:
            yield chunks

    def told(self) -> Iterator[tuple[str, bytes]]:
        yield from read_told(self._connection)


def _label_filter(labels: Mapping[str, str] | None) -> list[str]:
    return [f"{key}={value}" if value else key for key, value in (labels or {}).items()]
