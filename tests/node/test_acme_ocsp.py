"""What an ACME server's CA says of a certificate that it gave: a whole run, from the order over the
stapled answer and the renewal to a revocation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from acme_server import AcmeTestServer
from acme_world import APP, HOST, open_shop, reaching, visitors
from catalogue import Made
from cryptography import x509
from ocsp_responder import URL, OcspCa, answer_shown, asked_again
from waiting import wait_until
from world import World

from holdfast.domain import names
from holdfast.domain.acme import AcmeServer
from holdfast.domain.certificate import Certificate, CertificateSource, CertificateState
from holdfast.domain.stapling import Stapling, StaplingState
from holdfast.presenters.certificates import trouble_words

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


@pytest.fixture
def server(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AcmeTestServer]:
    folder = tmp_path_factory.mktemp("acme")
    with reaching(world, folder) as made, open_shop(world, folder):
        made.stop()
        made.responder = URL
        made.start()
        yield made


@pytest.fixture
def ca(server: AcmeTestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OcspCa]:
    """The responder of the server's own CA."""
    made = OcspCa(tmp_path_factory.mktemp("ocsp"), server.namespace, server.issuer)
    yield made
    made.stop()


def given(ca: OcspCa, certificate: Certificate) -> Made:
    """A responder needs no key of it."""
    return Made(x509.load_pem_x509_certificate(certificate.pem.encode()), ca.made.key)


def stapling(world: World) -> Stapling:
    found = visitors(world).stapling
    assert found is not None
    return found


def wait_served(world: World) -> None:
    """The edge's next worker may still be starting."""
    wait_until(lambda: visitors(world).served_matches is True, "it is served")


def test_one_of_an_acme_server_is_stapled_renewed_and_told_when_it_is_revoked(
    world: World, server: AcmeTestServer, ca: OcspCa
) -> None:
    ca.start()
    got = world.run(world.desk.use_acme(APP, AcmeServer(server.directory, "", server.roots)))
    assert f"OCSP {URL}" in [each.value for each in got.extensions]
    wait_served(world)
    asked_again(world)
    found = stapling(world)
    assert (found.state, found.responder) == (StaplingState.UNKNOWN, URL)

    ca.say_good(given(ca, got))
    asked_again(world)
    assert stapling(world).state is StaplingState.STAPLED
    wait_until(lambda: "Cert Status: good" in answer_shown(world, HOST), "it is stapled")
    row = visitors(world)
    assert (row.source, row.verified) == (CertificateSource.ACME, True)
    assert row.state(row.certificate.not_before) is CertificateState.WELL

    # of the next one, nobody is shown what was said of the one before
    newer = world.run(world.desk.renew_acme(APP))
    assert newer.serial != got.serial
    wait_served(world)
    assert "Cert Status: good" not in answer_shown(world, HOST)
    ca.say_good(given(ca, newer))
    asked_again(world)
    wait_until(lambda: "Cert Status: good" in answer_shown(world, HOST), "it is stapled")
    assert stapling(world).state is StaplingState.STAPLED

    ca.say_revoked(given(ca, newer))
    # as once half of the time of that answer is over
    world.shell(names.EDGE, "rm /keys/ocsp.json")
    asked_again(world)
    found = stapling(world)
    assert (found.state, found.reason) == (StaplingState.REVOKED, "key compromise")
    row = visitors(world)
    assert row.state(row.certificate.not_before) is CertificateState.TROUBLE
    told = trouble_words(row, row.certificate.not_before)
    assert told.endswith("Renew it: that gets another one, with another key.")
    assert row.served_matches

    # which helps
    last = world.run(world.desk.renew_acme(APP))
    wait_served(world)
    ca.say_good(given(ca, last))
    asked_again(world)
    wait_until(lambda: stapling(world).state is StaplingState.STAPLED, "it is stapled")
    row = visitors(world)
    assert row.certificate.serial == last.serial != newer.serial
    assert row.state(row.certificate.not_before) is CertificateState.WELL
