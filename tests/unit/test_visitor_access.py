"""Who may visit an app: what is kept and who has it, what the edge is told, and a new CA."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from key_world import NOTES, SALES, KeyWorld

from holdfast.domain.connection import Connection, CredentialKind
from holdfast.domain.container import PushedFile
from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName, HostName
from holdfast.domain.operation import Line
from holdfast.domain.publication import Publication
from holdfast.domain.recovery_kit import choose_admin
from holdfast.domain.repository import parse_repository
from holdfast.domain.secret import Secret
from holdfast.domain.visitor_access import (
    AccessMode,
    Visitor,
    VisitorAccess,
    VisitorState,
    parse_visitor,
)
from holdfast.node.connections import Connections
from holdfast.node.keys import NodeKeys
from holdfast.node.proxy_configuration import (
    CLOSED,
    Doorkeeper,
    Route,
    edge_files,
)
from holdfast.node.publication import keep_publication
from holdfast.node.recovery_kit import create_kit, open_kit
from holdfast.node.revocation import end_admission, list_admins, renew_accesses
from holdfast.node.visitor_access import (
    DamagedAccess,
    KeptAccess,
    access_marks,
    doorkeepers,
    issued,
    keep_access,
    read_access,
    renew_authority,
    with_mode,
)
from holdfast.operations.deploy_access import begin_access

NOW = datetime.now(UTC).replace(microsecond=0)
HOST = HostName("sales.localhost")


@pytest.fixture
def world(tmp_path: Path) -> KeyWorld:
    return KeyWorld(tmp_path)


@pytest.fixture
def keys(world: KeyWorld) -> NodeKeys:
    made = world.workstation()
    world.new_app(made, SALES)
    world.new_app(made, NOTES)
    return made


def close(keys: NodeKeys, app: AppName = SALES, *visitors: str) -> KeptAccess:
    """With a certificate issued for each of these visitors."""
    kept = with_mode(read_access(keys, app), AccessMode.CERTIFICATE, NOW)
    for name in visitors:
        kept, _ = issued(kept, name, 30, NOW)
    keep_access(keys, kept)
    return kept


def openssl(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *words], cwd=cwd, capture_output=True, text=True, check=False)


class TestKept:
    def test_an_app_is_public_at_first_and_has_no_authority(self, keys: NodeKeys) -> None:
        assert read_access(keys, SALES) == KeptAccess(VisitorAccess(SALES))
        assert doorkeepers(keys, [SALES], NOW) == {}

    def test_it_is_read_again_as_it_was(self, keys: NodeKeys) -> None:
        kept = close(keys, SALES, "Ada")
        assert read_access(keys, SALES) == kept
        assert list(doorkeepers(keys, [SALES, NOTES], NOW)) == [SALES]

    def test_public_again_it_keeps_its_authority(self, keys: NodeKeys) -> None:
        before = close(keys, SALES, "Ada")
        keep_access(keys, with_mode(before, AccessMode.PUBLIC, NOW))
        assert doorkeepers(keys, [SALES], NOW) == {}
        assert close(keys).facts == before.facts

    def test_other_admins_have_it_and_it_goes_with_the_app(
        self, world: KeyWorld, keys: NodeKeys
    ) -> None:
        kept = close(keys, SALES, "Ada")
        kit = create_kit(keys, "Ada", world.apps, another=False)
        other = world.workstation()
        open_kit(other, kit, "Bo", world.apps)
        assert read_access(other, SALES) == kept
        gone = close(other, SALES, "Bo")
        assert read_access(keys, SALES) == gone
        assert f"access/{SALES}" in {item.id for item in keys.items(SALES)}
        keys.forget(SALES)
        assert f"access/{SALES}" not in {item.id for item in keys.items(SALES)}

    def test_what_cannot_be_read_lets_in_nobody(self, keys: NodeKeys) -> None:
        close(keys)
        keys.keep_access(SALES, Secret(b"{"))
        assert doorkeepers(keys, [SALES], NOW) == {SALES: CLOSED}

    @pytest.mark.parametrize("part", ["authority", "serial"])
    def test_nor_does_what_can_be_read_in_part_or_stop_a_revocation(
        self, keys: NodeKeys, part: str
    ) -> None:
        close(keys, SALES, "Ada")
        close(keys, NOTES)
        item = json.loads(keys.accesses([SALES])[SALES].reveal())
        if part == "authority":
            item["authority"] = item["authority"].replace("-----BEGIN", "-----BEGUN")
        else:
            item["facts"]["visitors"][0]["serial"] = "no number"
        keys.keep_access(SALES, Secret(json.dumps(item).encode()))
        assert doorkeepers(keys, [SALES], NOW) == {SALES: CLOSED}
        assert set(access_marks(keys, [SALES, NOTES])) == {NOTES}
        renew_authority(keys, SALES, "any", NOW)
        with pytest.raises(DamagedAccess, match="cannot be read"):
            read_access(keys, SALES)


class TestIssued:
    def test_openssl_takes_the_bundle_the_certificate_and_the_list(
        self, keys: NodeKeys, tmp_path: Path
    ) -> None:
        kept, made = issued(close(keys), "Ada Løvelace", 30, NOW)
        (tmp_path / "ada.p12").write_bytes(made.bundle.reveal())
        given = f"pass:{made.passphrase.reveal().decode()}"
        told = openssl(
            "pkcs12", "-in", "ada.p12", "-passin", given, "-info", "-nokeys", "-out", "ada.pem",
            cwd=tmp_path,
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        assert told.stderr.count("AES-256-CBC") == 2
        assert "sha256" in told.stderr.lower()
        keeper = self.told(keys, kept)
        (tmp_path / "ca.pem").write_bytes(keeper.authority)
        (tmp_path / "crl.pem").write_bytes(keeper.revocations)
        verify = ("verify", "-crl_check_all", "-CRLfile", "crl.pem", "-purpose", "sslclient")
        assert openssl(*verify, "-CAfile", "ca.pem", "ada.pem", cwd=tmp_path).returncode == 0
        revoked = kept.facts.with_revoked(kept.facts.find("Ada Løvelace"), NOW)
        keeper = self.told(keys, KeptAccess(revoked, kept.authority))
        (tmp_path / "crl.pem").write_bytes(keeper.revocations)
        told = openssl(*verify, "-CAfile", "ca.pem", "ada.pem", cwd=tmp_path)
        assert "certificate revoked" in told.stderr
        wrong = openssl(
            "pkcs12", "-in", "ada.p12", "-passin", "pass:wrong", "-nokeys", cwd=tmp_path
        )
        assert wrong.returncode != 0

    def told(self, keys: NodeKeys, kept: KeptAccess) -> Doorkeeper:
        keep_access(keys, kept)
        return doorkeepers(keys, [SALES], NOW)[SALES]

    def test_a_revocation_is_seen_in_the_mark(self, keys: NodeKeys) -> None:
        kept = close(keys, SALES, "Ada")
        revoked = kept.facts.with_revoked(kept.facts.find("Ada"), NOW)
        assert kept.doorkeeper_mark != KeptAccess(revoked, kept.authority).doorkeeper_mark

    def test_a_name_is_given_again_when_it_opens_nothing(self, keys: NodeKeys) -> None:
        kept = close(keys, SALES, "Ada")
        with pytest.raises(UsageError, match="has a certificate already"):
            issued(kept, "Ada", 30, NOW)
        issued(kept, "Ada", 30, NOW + timedelta(days=31))

    def test_neither_key_nor_passphrase_is_printed(self, keys: NodeKeys) -> None:
        kept, made = issued(close(keys), "Ada", 30, NOW)
        shown = f"{kept} {made} {doorkeepers(keys, [SALES], NOW)}"
        assert made.passphrase.reveal().decode() not in shown
        assert "PRIVATE" not in shown

    @pytest.mark.parametrize(
        ("name", "days"), [("", 30), (" ", 30), ("a" * 65, 30), ("a\x07", 30), ("a", 0), ("a", 826)]
    )
    def test_a_name_or_a_time_that_cannot_be_is_wrong_usage(self, name: str, days: int) -> None:
        with pytest.raises(UsageError):
            parse_visitor(name, days)


class TestFound:
    old = Visitor("Ada", "aaaaaaaa11", NOW, "ca", revoked=NOW)
    new = Visitor("Ada", "aaaaaaaa22", NOW + timedelta(days=1), "ca")
    bo = Visitor("Bo", "bbbbbbbb33", NOW - timedelta(days=1), "before")
    access = VisitorAccess(SALES, AccessMode.CERTIFICATE, "ca", (old, new, bo))

    def test_by_name_or_serial(self) -> None:
        assert self.access.find("Ada") == self.new
        assert self.access.find("AA:AA:AA:AA:11") == self.old
        assert self.access.find("bbbbbbbb") == self.bo
        for wanted in ("Cy", "bbbb", "aaaaaaaa"):
            with pytest.raises(UsageError):
                self.access.find(wanted)

    def test_their_states(self) -> None:
        states = [self.access.state(visitor, NOW) for visitor in self.access.visitors]
        assert states == [VisitorState.REVOKED, VisitorState.VALID, VisitorState.ENDED]
        assert self.access.state(self.new, NOW + timedelta(days=1)) is VisitorState.EXPIRED


class TestRevokedAdmin:
    def test_a_new_authority_ends_what_the_old_one_issued_once(
        self, world: KeyWorld, keys: NodeKeys
    ) -> None:
        before = close(keys, SALES, "Ada", "Eve")
        kit = create_kit(keys, "Ada", world.apps, another=False)
        open_kit(world.workstation(), kit, "Bo", world.apps)
        end_admission(keys, choose_admin(list_admins(keys), "Bo"), world.apps)
        renew_accesses(keys, world.apps, NOW)
        after = read_access(keys, SALES)
        assert after.authority != before.authority
        assert after.facts.mode is AccessMode.CERTIFICATE
        assert [visitor.name for visitor in after.facts.ended()] == ["Ada", "Eve"]
        assert read_access(keys, NOTES) == KeptAccess(VisitorAccess(NOTES))
        made, _ = issued(after, "Ada", 30, NOW)
        keep_access(keys, made)
        # as it goes on after it was interrupted
        renew_accesses(keys, world.apps, NOW)
        assert read_access(keys, SALES) == made


def edge(keeper: Doorkeeper | None) -> dict[str, str]:
    other = HostName("notes.localhost")
    routes = [
        Route(HOST, SALES, "r1", "10.213.0.3", "s.internal"),
        Route(other, NOTES, "r1", "10.213.0.19", "n.internal"),
    ]
    pem = {HOST: Secret(b"sales"), other: Secret(b"notes")}
    keepers = {HOST: keeper} if keeper else {}
    files: list[PushedFile] = edge_files(
        routes, pem, b"", b"", Secret(b""), 443, doorkeepers=keepers
    )
    return {file.path.removeprefix("next/"): file.content.decode() for file in files}


class TestEdge:
    keeper = Doorkeeper("m1", "ABCD", b"ca", b"crl", Secret(b"probe"))

    def test_asks_at_that_host_alone(self) -> None:
        files = edge(self.keeper)
        assert files["certs.list"].splitlines() == [
            "certs/notes.localhost.pem notes.localhost",
            "certs/sales.localhost.pem [ca-file access/sales.localhost-ca.pem crl-file"
            " access/sales.localhost-crl.pem verify optional] sales.localhost",
        ]
        assert [files[f"access/{HOST}-{kind}.pem"] for kind in ("ca", "crl", "probe")] == [
            "ca",
            "crl",
            "probe",
        ]
        assert "str(ABCD) if { var(txn.host) -m str sales.localhost }" in files["haproxy.cfg"]

    def test_without_a_doorkeeper_nobody_is_asked(self) -> None:
        files = edge(None)
        assert "[" not in files["certs.list"]
        assert "ssl_c_" not in files["haproxy.cfg"]
        assert "ignore-err" not in files["haproxy.cfg"]

    def test_a_closed_one_asks_for_nothing_and_lets_in_nobody(self) -> None:
        files = edge(CLOSED)
        assert "[" not in files["certs.list"]
        assert "str(-) if { var(txn.host) -m str sales.localhost }" in files["haproxy.cfg"]
        assert not [path for path in files if path.startswith("access/")]


class TestNewApp:
    address = parse_repository("https://git.example/team/sales")
    published = Publication("192.0.2.7", 443, 80)

    def begin(self, keys: NodeKeys, *, published: bool, credential: CredentialKind) -> str:
        """What is told of it."""
        keep_publication(keys, self.published if published else Publication())
        Connections(keys).keep(Connection(address=self.address.url, credential=credential))
        told = begin_access(keys, SALES, self.address, NOW)
        return "".join(update.text for update in told if isinstance(update, Line))

    def test_of_a_private_repository_on_a_published_node_takes_certificates(
        self, keys: NodeKeys
    ) -> None:
        told = self.begin(keys, published=True, credential=CredentialKind.TOKEN)
        assert "holdfast access issue sales" in told
        assert doorkeepers(keys, [SALES], NOW)[SALES].authority

    @pytest.mark.parametrize(
        ("published", "credential"),
        [(False, CredentialKind.TOKEN), (True, CredentialKind.NONE)],
    )
    def test_is_public_otherwise(
        self, keys: NodeKeys, published: bool, credential: CredentialKind
    ) -> None:
        assert self.begin(keys, published=published, credential=credential) == ""
        assert doorkeepers(keys, [SALES], NOW) == {}
