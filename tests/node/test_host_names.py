"""Several host names of an app on the real edge: what each serves, and what stays open when they
change."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from catalogue import Wanted, authority, issue
from proxy_world import APP_PROGRAM
from raw_visitor import Answer, ask, client_trust, echo, open_websocket
from world import Repository, World

from holdfast.domain.certificate import CertificateFiles, CertificateRole
from holdfast.domain.errors import UsageError
from holdfast.domain.host_names import AppNames, parse_change
from holdfast.domain.names import AppName, HostName
from holdfast.domain.operation import CancelToken, Line, Step, Update, drive
from holdfast.domain.secret import Secret
from holdfast.domain.visitor_access import AccessMode
from holdfast.node.certificates import issue_visitor, pem_bundle
from holdfast.node.edge import edge_place, update_edge
from holdfast.node.visitor_access import read_access
from holdfast.operations.import_certificate import drop_certificate, import_certificate
from holdfast.operations.read_certificates import read_certificates

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

APP, OTHER = AppName("mill"), AppName("barn")
MAIN = HostName("mill.localhost")
FLOUR, OLD, NEW = (HostName(f"{name}.localhost") for name in ("flour", "windmill", "bakery"))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    made = Repository(tmp_path_factory.mktemp("mill") / "repository")
    made.commit({"app.py": APP_PROGRAM, "Procfile": "web: python app.py $PORT\n"})
    return made


@pytest.fixture(scope="module", autouse=True)
def mill(world: World, repository: Repository) -> Iterator[None]:
    """An app that tells what it was asked, and sends back what a websocket sends."""
    world.deploy(repository, APP)
    yield
    world.remove(APP)


@pytest.fixture(autouse=True)
def named(world: World) -> Iterator[None]:
    """FLOUR serves it as well, and OLD leads to its main name."""
    change(world, [FLOUR], [OLD])
    yield
    left = world.run(world.desk.names(APP)).further
    change(world, remove=[each.host for each in left])


def change(
    world: World,
    add: list[HostName] | None = None,
    redirect: list[HostName] | None = None,
    remove: list[HostName] | None = None,
    app: AppName = APP,
) -> AppNames:
    wanted = parse_change(list(add or []), list(redirect or []), list(remove or []))
    return world.run(world.desk.change_names(app, wanted))


def connect(world: World, host: str, trust: ssl.SSLContext | None = None) -> ssl.SSLSocket:
    place = edge_place(world.node)
    assert place is not None
    known = trust or ssl.create_default_context(cafile=str(world.node.ca_file))
    client = http.client.HTTPConnection(*place, timeout=10)
    client.connect()
    assert client.sock is not None
    try:
        return known.wrap_socket(client.sock, server_hostname=host)
    except BaseException:
        client.close()
        raise


def visit(world: World, host: str, path: str = "/", trust: ssl.SSLContext | None = None) -> Answer:
    with connect(world, host, trust) as connection:
        return ask(connection, host, path)


def test_each_name_serves_or_redirects_and_no_other_is_known(world: World) -> None:
    port = edge_place(world.node)[1]  # type: ignore[index]
    for host in (MAIN, FLOUR):
        answer = visit(world, host, "/a?b=c%20d")
        assert answer.status == 200
        assert b'"/a?b=c%20d"' in answer.body
        # a name of the app is its own host, for the app and for what its pages may load
        assert answer.seen["host"] == host
    moved = visit(world, OLD, "/a/b?c=d%20e&f")
    assert (moved.status, moved.headers["location"]) == (
        307,
        f"https://{MAIN}:{port}/a/b?c=d%20e&f",
    )
    assert "strict-transport-security" in moved.headers
    assert not world.knows(NEW)
    rows = world.run(read_certificates(world.node)).rows
    served = {row.host: row for row in rows if row.role is CertificateRole.VISITORS}
    assert set(served) == {MAIN, FLOUR, OLD}
    assert all(row.served_matches and row.verified and row.app == APP for row in served.values())
    assert all(row.certificate.names == (host,) for host, row in served.items())


def test_a_change_drops_no_websocket(world: World) -> None:
    with connect(world, MAIN) as one, connect(world, FLOUR) as two:
        open_websocket(one, MAIN)
        open_websocket(two, FLOUR)
        made = change(world, [NEW], remove=[FLOUR, OLD])
        assert made.serving == (MAIN, NEW)
        assert visit(world, NEW).status == 200
        assert not world.knows(FLOUR)
        assert not world.knows(OLD)
        assert echo(one, b"open") == b"open"
        # its name is gone, and it stays until it is closed
        assert echo(two, b"open") == b"open"


def test_a_name_leads_to_one_app_until_that_gives_it_up(
    world: World, repository: Repository
) -> None:
    for host in (FLOUR, OLD):
        with pytest.raises(UsageError, match=f"{host} is taken") as told:
            world.deploy(repository, OTHER, host_name=host)
        assert told.value.why == f"The app {APP} answers there."
    world.deploy(repository, OTHER)
    try:
        for taken in (MAIN, FLOUR, OLD):
            with pytest.raises(UsageError, match=f"{taken} is taken"):
                change(world, [taken], app=OTHER)
        change(world, [NEW], app=OTHER)
        # also while it is stopped
        world.run(world.desk.stop(OTHER))
        for taken in (HostName("barn.localhost"), NEW):
            with pytest.raises(UsageError, match=f"{taken} is taken"):
                change(world, redirect=[taken])
        assert not world.knows(NEW)
        world.run(world.desk.start(OTHER))
        assert visit(world, NEW).status == 200
    finally:
        world.remove(OTHER)
    assert not any("barn" in name for name in world.keychain.names(world.service))
    assert change(world, [NEW]).serving == (MAIN, FLOUR, NEW)
    assert visit(world, NEW).status == 200


def test_a_client_certificate_is_asked_for_at_each(world: World) -> None:
    world.run(world.desk.set_access(APP, AccessMode.CERTIFICATE))
    try:
        kept = read_access(world.node.keys, APP)
        assert kept.authority is not None
        leaf = issue_visitor(kept.authority, "Ada", world.node.clock.now(), 30)
        shown = client_trust(world.node.ca_file.read_bytes(), pem_bundle(leaf))
        for host in (MAIN, FLOUR, OLD):
            assert visit(world, host).status == 403
        assert visit(world, FLOUR, trust=shown).status == 200
        assert visit(world, OLD, trust=shown).status == 307
        with connect(world, FLOUR, shown) as connection:
            open_websocket(connection, FLOUR)
            assert echo(connection, b"hello") == b"hello"
        # a connection is for the name that it was opened with, also among those of one app
        with connect(world, FLOUR, shown) as connection:
            assert ask(connection, MAIN).status == 421
        change(world, [NEW])
        assert visit(world, NEW).status == 403
    finally:
        world.run(world.desk.set_access(APP, AccessMode.PUBLIC))
    assert visit(world, NEW).status == 200


def test_a_certificate_of_ones_own_serves_the_names_that_it_covers(world: World) -> None:
    now = datetime.now(UTC)
    root = authority("Company root", begins=now - timedelta(days=1))
    wanted = Wanted(
        subject="*.example.org",
        names=("*.example.org",),
        begins=now - timedelta(days=1),
        ends=now + timedelta(days=60),
    )
    leaf = issue(wanted, root)
    company = replace(world.node, certificates=root.pem)
    files = CertificateFiles(leaf.pem, Secret(leaf.key_pem()))
    shop = HostName("shop.example.org")
    with pytest.raises(UsageError, match=f"cannot be used for {MAIN}"):
        world.run(import_certificate(company, APP, files))
    change(world, [shop])
    assert any("new CA" in each.text for each in world.updates if isinstance(each, Line))
    imported = world.run(import_certificate(company, APP, files))
    told = [each.text for each in world.updates if isinstance(each, Line)]
    assert told == [f"It does not cover {MAIN}, {FLOUR}, {OLD}: there the node's own CA serves."]
    try:
        rows = world.run(read_certificates(world.node)).rows
        served = {row.host: row for row in rows if row.role is CertificateRole.VISITORS}
        assert served[shop].certificate == imported
        assert {host for host, row in served.items() if row.certificate == imported} == {shop}
        trusted = ssl.create_default_context(cadata=root.pem.decode())
        assert visit(world, shop, trust=trusted).status == 200
        assert visit(world, FLOUR).status == 200
    finally:
        world.run(drop_certificate(world.node, APP))


def test_they_stay_while_it_is_stopped_and_tell_that_it_is_sealed(world: World) -> None:
    world.run(world.desk.stop(APP))
    assert not world.knows(FLOUR)
    assert change(world, [NEW]).serving == (MAIN, FLOUR, NEW)
    world.run(world.desk.start(APP))
    assert visit(world, NEW).status == 200
    world.run(world.desk.seal())
    # also once another app's change has told the edge all of its routes
    for _ in range(2):
        for host in (MAIN, FLOUR):
            assert visit(world, host).status == 503
        update_edge(world.node, {})
    assert world.run(world.desk.names(APP)).all == (MAIN, FLOUR, OLD, NEW)
    world.run(world.desk.unseal())
    assert [visit(world, host).status for host in (MAIN, FLOUR, OLD)] == [200, 200, 307]


def test_a_name_that_becomes_the_main_one_and_is_rolled_back(
    world: World, repository: Repository
) -> None:
    release = world.run(world.desk.releases(APP))[0].id
    world.deploy(repository, APP, host_name=OLD)
    assert world.run(world.desk.names(APP)).all == (OLD, FLOUR)
    change(world, redirect=[MAIN])
    assert visit(world, OLD).status == 200
    assert visit(world, MAIN).headers["location"].startswith(f"https://{OLD}:")
    world.run(world.desk.roll_back(APP, release))
    assert set(world.run(world.desk.names(APP)).all) == {MAIN, FLOUR, OLD}
    assert visit(world, MAIN).status == 200
    assert visit(world, OLD).headers["location"].startswith(f"https://{MAIN}:")
    assert change(world, remove=[OLD]).all == (MAIN, FLOUR)


def test_a_change_that_is_cut_short_leaves_the_names_of_before(world: World) -> None:
    before, cancel = world.run(world.desk.names(APP)), CancelToken()

    def stop(update: Update) -> None:
        if update == Step("Tell the edge"):
            cancel.cancel()

    wanted = parse_change([NEW], remove=[FLOUR])
    assert drive(world.desk.change_names(APP, wanted), cancel, stop).cancelled
    assert world.run(world.desk.names(APP)) == before
    assert visit(world, FLOUR).status == 200
    assert not world.knows(NEW)
