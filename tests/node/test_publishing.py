"""A node with apps that is published later: who may visit them then, on a real engine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest
from forge import TOKEN, USER, Forge, forge
from free_ports import free_ports
from world import World, plain_app

from holdfast.domain.connection import ConnectionRequest
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.publication import Publication
from holdfast.domain.secret import Secret
from holdfast.domain.visitor_access import AccessMode

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def place() -> Iterator[Forge]:
    with forge() as made:
        yield made


def test_an_app_of_a_private_repository_is_closed(world: World, place: Forge) -> None:
    address = place.https("books")
    place.repository("books").commit(plain_app("'read'"))
    other = place.repository("leaflet")
    other.commit(plain_app("'for all'"))
    app = AppName("books")

    def everywhere() -> Publication:
        https, http = free_ports(2)
        return Publication("0.0.0.0", https, http)

    def visited(name: str) -> int:
        return world.visit(f"{name}.localhost").status

    try:
        wanted = ConnectionRequest(
            address=address,
            token=Secret(TOKEN.encode()),
            user=USER,
            certificates=place.certificates.encode(),
        )
        world.run(world.desk.connect_repository(wanted))
        world.deploy(address, app)
        world.deploy(str(other), "leaflet")
        assert world.run(world.desk.publication()).private_open == (app,)
        # where nothing comes of it, nothing is changed
        with socket.socket() as taken:
            taken.bind(("0.0.0.0", 0))
            taken.listen()
            taken_place = replace(everywhere(), https_port=taken.getsockname()[1])
            with pytest.raises(HoldfastError):
                world.run(world.desk.publish(taken_place))
        assert (visited(app), visited("leaflet")) == (200, 200)
        assert world.run(world.desk.access(app)).mode is AccessMode.PUBLIC

        published = world.run(world.desk.publish(everywhere()))
        assert (published.closed, published.private_open) == ((app,), ())
        assert (visited(app), visited("leaflet")) == (403, 200)
        # what was opened on purpose stays so on a node that is published already
        world.run(world.desk.set_access(app, AccessMode.PUBLIC))
        moved = world.run(world.desk.publish(everywhere()))
        assert (moved.closed, moved.private_open, visited(app)) == ((), (app,), 200)

        # another repository in the place of one that everybody could read
        place.repository("books").commit({"app.py": "1 / 0\n"})
        with pytest.raises(HoldfastError):
            world.deploy(address, "leaflet", replace=True)
        assert visited("leaflet") == 200
        assert world.run(world.desk.access(AppName("leaflet"))).mode is AccessMode.PUBLIC
        place.repository("books").commit(plain_app("'read'"))
        world.deploy(address, "leaflet", replace=True)
        assert visited("leaflet") == 403
        # and what was opened since stays so with each further deploy
        world.run(world.desk.set_access(AppName("leaflet"), AccessMode.PUBLIC))
        world.deploy(address, "leaflet")
        assert visited("leaflet") == 200
        world.deploy(str(other), "leaflet", replace=True)

        world.run(world.desk.publish(Publication()))
        left = world.run(world.desk.publish(everywhere(), leave_open=True))
        assert (left.closed, left.private_open, visited(app)) == ((), (app,), 200)
    finally:
        world.run(world.desk.publish(Publication()))
        world.remove(app)
        world.remove("leaflet")
        world.run(world.desk.disconnect_repository(address, anyway=True))
