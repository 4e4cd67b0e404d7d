"""When an ACME server would have a certificate renewed (ARI): asked for, kept to, and told. The
pebble of Debian knows nothing of that: a small server before its directory answers in its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from acme_server import AcmeTestServer
from acme_world import APP, open_shop, reaching, visitors
from ari_front import EXPLANATION, AriFront, ari_front
from catalogue import Wanted, issue
from cryptography.hazmat.primitives.serialization import Encoding
from waiting import wait_until
from world import World

from holdfast.domain.acme import AcmeServer, SuggestedRenewal, renewal_by_life

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

_LOOK = "/usr/bin/python3 -I /usr/lib/holdfast/acme.py obtain"
_KEPT = "/mnt/app/acme/ari.json"


@pytest.fixture(scope="module")
def server(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AcmeTestServer]:
    folder = tmp_path_factory.mktemp("acme")
    with reaching(world, folder) as made, open_shop(world, folder):
        yield made


@pytest.fixture
def front(
    world: World, server: AcmeTestServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AriFront]:
    with ari_front(server, tmp_path_factory.mktemp("ari")) as made:
        yield made
        world.run(world.desk.drop_certificate(APP))


def asked(server: AcmeTestServer) -> AcmeServer:
    return AcmeServer(server.directory, "", server.roots)


def look(world: World) -> None:
    """As the client does by itself."""
    [client] = world.containers(APP, "acme")
    uid = world.shell(client, "id -u")
    told = json.loads(world.shell(client, _LOOK, user=f"{uid}:{uid}").splitlines()[-1])
    assert told["kind"] == ""


def forget_when_to_ask(world: World) -> None:
    """As when the time has come that the server had named."""
    [client] = world.containers(APP, "acme")
    script = f'sed -i \'s/"again": "[^"]*"/"again": "2020-01-01T00:00:00+00:00"/\' {_KEPT}'
    uid = world.shell(client, "id -u")
    world.shell(client, script, user=f"{uid}:{uid}")


def test_the_suggested_time_is_drawn_once_told_and_kept_to(
    world: World, server: AcmeTestServer, front: AriFront
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    begins, ends = now + timedelta(days=20), now + timedelta(days=21)
    front.suggest(begins, ends)
    got = world.run(world.desk.use_acme(APP, front.through(asked(server))))
    row = visitors(world)
    assert row.suggested is not None
    assert row.suggested.explanation == EXPLANATION
    assert begins <= row.suggested.at <= ends
    assert row.next_renewal == row.suggested.at
    # not before the server wants to be asked again, and the same moment in the same window
    questions = len(front.asked)
    look(world)
    assert len(front.asked) == questions
    forget_when_to_ask(world)
    look(world)
    assert len(front.asked) == questions + 1
    again = visitors(world)
    assert (again.suggested, again.certificate) == (row.suggested, got)

    # as after an incident: at once
    front.suggest(now - timedelta(days=2), now - timedelta(days=1))
    forget_when_to_ask(world)
    look(world)
    wait_until(lambda: visitors(world).certificate.serial != got.serial, "it is renewed")
    assert len(set(front.asked)) == 2


@pytest.mark.parametrize(
    ("status", "begins", "ends"),
    [(404, 1, 2), (500, 1, 2), (200, 2, 1), (200, 1, 99999), (200, None, None)],
)
def test_what_is_of_no_use_leaves_it_to_its_life(
    world: World,
    server: AcmeTestServer,
    front: AriFront,
    status: int,
    begins: int | None,
    ends: int | None,
) -> None:
    now = datetime.now(UTC)
    if begins is not None and ends is not None:
        front.suggest(now + timedelta(days=begins), now + timedelta(days=ends))
        told = json.loads((front.folder / "answer.json").read_text())
        front.answer(told["body"], status)
    else:
        front.answer("<html>")
    got = world.run(world.desk.use_acme(APP, front.through(asked(server))))
    row = visitors(world)
    assert row.suggested is None
    assert row.next_renewal == renewal_by_life(got.not_before, got.not_after)
    assert row.last_error == ""
    assert front.asked


def test_a_suggestion_outlives_a_server_that_is_gone(
    world: World, server: AcmeTestServer, front: AriFront
) -> None:
    now = datetime.now(UTC)
    front.suggest(now + timedelta(days=20), now + timedelta(days=21), "not a number")
    world.run(world.desk.use_acme(APP, front.through(asked(server))))
    before = visitors(world).suggested
    assert isinstance(before, SuggestedRenewal)
    front.answer("", status=503)
    forget_when_to_ask(world)
    look(world)
    assert visitors(world).suggested == before


def test_a_certificate_is_named_as_the_standard_has_it(
    world: World, server: AcmeTestServer, front: AriFront
) -> None:
    """RFC 9773, section 4.1 and appendix A."""
    world.run(world.desk.use_acme(APP, front.through(asked(server))))
    issuer = bytes.fromhex("69885B6B87464041E1B37B847BA0AE2CDE01C8D4")
    made = issue(Wanted(serial=0x87654321, issuer_key=issuer)).certificate
    pem = made.public_bytes(Encoding.PEM).decode()
    read = "x509.load_pem_x509_certificate(sys.stdin.buffer.read())"
    script = f"print(runpy.run_path('/usr/lib/holdfast/ari.py')['name_of']({read}))"
    command = f'/usr/bin/python3 -I -c "import runpy, sys; from cryptography import x509; {script}"'
    [client] = world.containers(APP, "acme")
    told = world.shell(client, f"{command} <<'END'\n{pem}END")
    assert told == "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"
