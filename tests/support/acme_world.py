"""A node that an ACME server reaches, with an app that may get a certificate from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acme_server import HTTP_PORT, AcmeTestServer, acme_server
from lan import HOST as LAN_HOST
from world import Repository, World, plain_app

from holdfast.domain.certificate import CertificateRole, WatchedCertificate
from holdfast.domain.names import AppName, HostName
from holdfast.domain.publication import Publication
from holdfast.node.edge import update_edge
from holdfast.node.publication import keep_publication
from holdfast.operations.read_certificates import read_certificates

APP, HOST = AppName("shop"), HostName("shop.localhost")


@contextmanager
def reaching(world: World, folder: Path) -> Iterator[AcmeTestServer]:
    """The server, while the node is where it looks for challenges."""
    with acme_server(folder) as made:
        keep_publication(world.node.keys, Publication(LAN_HOST, 8443, HTTP_PORT))
        update_edge(world.node, {})
        try:
            yield made
        finally:
            keep_publication(world.node.keys, Publication())
            update_edge(world.node, {})


@contextmanager
def open_shop(world: World, folder: Path) -> Iterator[Repository]:
    """The app, while it runs."""
    repository = Repository(folder / "repository")
    repository.commit(plain_app("'open'"))
    world.deploy(repository, APP)
    try:
        yield repository
    finally:
        world.remove(APP)


def visitors(world: World) -> WatchedCertificate:
    """What the app's visitors get."""
    found = world.run(read_certificates(world.node))
    [row] = [each for each in found.rows if each.role is CertificateRole.VISITORS]
    return row
