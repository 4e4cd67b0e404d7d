"""A real ACME server that is out of its time, or gives no more for a while: what is told, and what
is served on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from acme_server import AcmeTestServer
from acme_world import APP, HOST, open_shop, reaching, visitors
from world import World

from holdfast.domain.acme import AcmeServer
from holdfast.domain.certificate import (
    CertificateSource,
    CertificateState,
)
from holdfast.domain.errors import HoldfastError

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

DAY = timedelta(days=1)
_LIMITED = "The ACME server's limit is reached: it refuses more requests for a while."


@pytest.fixture(scope="module")
def server(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AcmeTestServer]:
    folder = tmp_path_factory.mktemp("acme")
    with reaching(world, folder) as made, open_shop(world, folder):
        yield made


@pytest.mark.parametrize(
    ("begins", "ends"), [(DAY, 9 * DAY), (-9 * DAY, -DAY)], ids=["not yet valid", "expired"]
)
def test_a_server_that_is_out_of_its_time_points_at_the_clock(
    world: World, server: AcmeTestServer, begins: timedelta, ends: timedelta
) -> None:
    picture = world.picture()
    with server.certified(begins, ends) as shown, pytest.raises(HoldfastError) as told:
        world.run(world.desk.use_acme(APP, AcmeServer(server.directory, "", shown)))
    clock = "not valid at this time: look whether the node's clock is right."
    assert told.value.why.startswith(f"The ACME server's own certificate is {clock}")
    row = visitors(world)
    assert (row.source, row.verified, row.last_error) == (CertificateSource.INTERNAL, True, "")
    assert world.picture() == picture


def test_a_server_whose_limit_is_reached_is_told_and_nothing_is_left(
    world: World, server: AcmeTestServer
) -> None:
    picture = world.picture()
    with server.stand_before(limited=True), pytest.raises(HoldfastError) as told:
        world.run(world.desk.use_acme(APP, AcmeServer(server.front, "", server.roots)))
    assert told.value.why == f"{_LIMITED} It says: too many new orders recently"
    assert visitors(world).source is CertificateSource.INTERNAL
    assert world.picture() == picture


def test_what_is_served_lasts_on_while_the_limit_is_reached(
    world: World, server: AcmeTestServer
) -> None:
    with server.stand_before(limited=False):
        got = world.run(world.desk.use_acme(APP, AcmeServer(server.front, "", server.roots)))
    try:
        with (
            server.stand_before(limited=True),
            pytest.raises(HoldfastError, match=f"no new certificate for {HOST}") as told,
        ):
            world.run(world.desk.renew_acme(APP))
        assert told.value.why.startswith(_LIMITED)
        row = visitors(world)
        assert (row.certificate, row.verified, row.served_matches) == (got, True, True)
        assert row.last_error.startswith(_LIMITED)
        assert row.state(row.certificate.not_before) is CertificateState.TROUBLE
        # afterwards it is renewed as ever, and nothing is told any more
        with server.stand_before(limited=False):
            newer = world.run(world.desk.renew_acme(APP))
        row = visitors(world)
        assert (row.certificate, row.last_error) == (newer, "")
        assert newer.serial != got.serial
    finally:
        world.run(world.desk.drop_certificate(APP))
