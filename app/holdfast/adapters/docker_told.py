"""All that the engine tells to whoever may ask it: of each object that it has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from holdfast.adapters.docker_connection import DockerConnection
from holdfast.ports import NotFound


def read_told(connection: DockerConnection) -> Iterator[tuple[str, bytes]]:
    """As the Engine port describes it. What goes while it is asked is left out."""
    api: Any = connection.api
    with connection.translated():
        containers, images = api.containers(all=True), api.images(all=True)
        volumes = api.volumes()["Volumes"] or []
        networks, facts = api.networks(), api.info()
    for row in containers:
        name = row["Names"][0].lstrip("/")
        with suppress(NotFound), connection.translated():
            yield f"inspect of container {name}", _json(api.inspect_container(row["Id"]))
    for row in volumes:
        with suppress(NotFound), connection.translated():
            yield f"inspect of volume {row['Name']}", _json(api.inspect_volume(row["Name"]))
    for row in networks:
        with suppress(NotFound), connection.translated():
            yield f"inspect of network {row['Name']}", _json(api.inspect_network(row["Id"]))
    for row in images:
        name = (row.get("RepoTags") or [row["Id"][:19]])[0]
        with suppress(NotFound), connection.translated():
            yield f"inspect of image {name}", _json(api.inspect_image(row["Id"]))
            yield f"history of image {name}", _json(api.history(row["Id"]))
    yield "facts of the engine", _json(facts)


def _json(answer: object) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode()
