"""The authorities and what they issue, judged by OpenSSL: its command and its handshakes."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from forgery import forge

from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.secret import Secret
from holdfast.node.certificates import (
    Authority,
    Leaf,
    from_secret,
    issue_client,
    issue_server,
    new_edge_authority,
    new_sidecars_authority,
    new_visitors_authority,
    pem_bundle,
    to_secret,
)

NOW = datetime.now(UTC).replace(microsecond=0)
LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


@pytest.fixture(scope="module")
def visitors() -> Authority:
    return new_visitors_authority(["localhost", "apps.test"], LOOPBACK, NOW)


def openssl_says(folder: Path, authority: Authority, leaf: Leaf, *options: str) -> str:
    """The words of `openssl verify` in its strict mode; "OK" where it accepts."""
    for name, text in (("root", authority.root), ("chain", leaf.chain), ("leaf", leaf.certificate)):
        (folder / name).write_bytes(text)
    chain = ["-untrusted", "chain"] if leaf.chain else []
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "root", *chain, *options, "leaf"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return "OK" if done.returncode == 0 else done.stderr


def ends_of(certificate: bytes) -> datetime:
    return x509.load_pem_x509_certificate(certificate).not_valid_after_utc


def server_context(folder: Path, leaf: Leaf) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (folder / "bundle.pem").write_bytes(pem_bundle(leaf).reveal())
    context.load_cert_chain(folder / "bundle.pem")
    return context


def client_context(root: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cadata=root.decode())
    return context


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    """A whole handshake in memory, and one byte each way; raises ssl.SSLError."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=name)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    finished = 0
    for _ in range(10):
        for side in (ours, theirs):
            try:
                side.do_handshake()
                finished += 1
            except ssl.SSLWantReadError:
                continue
    assert finished >= 2
    theirs.write(b"x")
    assert ours.read(1) == b"x"
    ours.write(b"y")
    # with TLS 1.3 the server judges the client's certificate only now
    assert theirs.read(1) == b"y"


@pytest.mark.parametrize("name", ["localhost", "sales.localhost", "a.b.apps.test", "127.0.0.1"])
def test_a_visitor_accepts_the_nodes_names(visitors: Authority, tmp_path: Path, name: str) -> None:
    leaf = issue_server(visitors, [name], NOW)
    option = "-verify_ip" if name[0].isdigit() else "-verify_hostname"
    assert openssl_says(tmp_path, visitors, leaf, "-purpose", "sslserver", option, name) == "OK"
    shake_hands(client_context(visitors.root), server_context(tmp_path, leaf), name)


def test_one_certificate_carries_wildcards_and_addresses(
    visitors: Authority, tmp_path: Path
) -> None:
    leaf = issue_server(visitors, ["*.apps.test", "apps.test", "127.0.0.1", "::1"], NOW)
    server = server_context(tmp_path, leaf)
    for name in ("x.apps.test", "apps.test", "127.0.0.1", "::1"):
        shake_hands(client_context(visitors.root), server, name)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(client_context(visitors.root), server, "y.x.apps.test")


FOREIGN = ["bank.example", "notlocalhost", "apps.test.example", "xapps.test", "8.8.8.8", "2001::1"]


@pytest.mark.parametrize("name", FOREIGN)
def test_a_forged_foreign_name_is_refused(visitors: Authority, tmp_path: Path, name: str) -> None:
    leaf = forge(visitors, name)
    assert "permitted subtree violation" in openssl_says(tmp_path, visitors, leaf)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(client_context(visitors.root), server_context(tmp_path, leaf), name)


@pytest.mark.parametrize("name", FOREIGN)
def test_nor_do_we_issue_one(visitors: Authority, name: str) -> None:
    with pytest.raises(UsageError, match="may not vouch"):
        issue_server(visitors, ["localhost", name], NOW)


@pytest.mark.parametrize(
    ("domains", "networks", "name"),
    [
        (["apps.test"], [], "8.8.8.8"),
        (["apps.test"], [], "127.0.0.1"),
        (["apps.test"], ["10.0.0.0/8"], "2001::1"),
        (["apps.test"], ["fd00::/8"], "10.0.0.1"),
        ([], ["10.0.0.0/8"], "bank.example"),
    ],
)
def test_a_kind_of_name_that_the_node_has_none_of_is_excluded(
    tmp_path: Path, domains: list[str], networks: list[str], name: str
) -> None:
    authority = new_visitors_authority(domains, [ip_network(text) for text in networks], NOW)
    assert "subtree violation" in openssl_says(tmp_path, authority, forge(authority, name))


def test_root_and_issuer_are_both_bound_and_the_roots_key_is_gone(visitors: Authority) -> None:
    for text in (visitors.root, visitors.certificate):
        found = x509.load_pem_x509_certificate(text).extensions
        assert found.get_extension_for_class(x509.NameConstraints).critical
    assert b"PRIVATE" not in visitors.root + visitors.certificate
    root = x509.load_pem_x509_certificate(visitors.root)
    issuing = x509.load_pem_x509_certificate(visitors.certificate)
    issuing.verify_directly_issued_by(root)
    for certificate, below in ((root, 1), (issuing, 0)):
        limits = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        assert limits.critical
        assert limits.value == x509.BasicConstraints(ca=True, path_length=below)
    issuing_key = load_pem_private_key(visitors.key.reveal(), None).public_key()
    assert issuing_key == issuing.public_key()
    assert issuing_key != root.public_key()


def test_the_issuing_authority_makes_no_further_authority(
    visitors: Authority, tmp_path: Path
) -> None:
    below = new_sidecars_authority(NOW)
    certificate = x509.load_pem_x509_certificate(below.certificate)
    issuer = x509.load_pem_x509_certificate(visitors.certificate)
    signer = load_pem_private_key(visitors.key.reveal(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    builder = x509.CertificateBuilder(
        issuer.subject, certificate.subject, certificate.public_key(), certificate.serial_number
    )
    builder = builder.not_valid_before(NOW - timedelta(hours=1)).not_valid_after(
        NOW + timedelta(days=9)
    )
    for extension in certificate.extensions:
        value = extension.value
        if isinstance(value, x509.AuthorityKeyIdentifier):
            value = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        builder = builder.add_extension(value, extension.critical)
    rogue = builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM)
    leaf = issue_server(replace(below, certificate=rogue), ["localhost"], NOW)
    leaf = replace(leaf, chain=rogue + visitors.certificate)
    assert "path length constraint exceeded" in openssl_says(tmp_path, visitors, leaf)


def test_an_expired_certificate_is_refused(visitors: Authority, tmp_path: Path) -> None:
    old = NOW - timedelta(days=91)
    authority = new_visitors_authority(["localhost"], LOOPBACK, old)
    leaf = issue_server(authority, ["localhost"], old, days=90)
    assert ends_of(leaf.certificate) == NOW - timedelta(days=1)
    assert "certificate has expired" in openssl_says(tmp_path, authority, leaf)
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate has expired"):
        shake_hands(client_context(authority.root), server_context(tmp_path, leaf), "localhost")


def test_a_clock_one_hour_behind_still_accepts_it(visitors: Authority, tmp_path: Path) -> None:
    leaf = issue_server(visitors, ["localhost"], NOW)
    behind = str(int((NOW - timedelta(minutes=59)).timestamp()))
    assert openssl_says(tmp_path, visitors, leaf, "-attime", behind) == "OK"
    before = str(int((NOW - timedelta(minutes=61)).timestamp()))
    assert "not yet valid" in openssl_says(tmp_path, visitors, leaf, "-attime", before)


def test_another_authoritys_visitor_certificate_is_refused(
    visitors: Authority, tmp_path: Path
) -> None:
    other = new_visitors_authority(["localhost"], LOOPBACK, NOW)
    leaf = issue_server(other, ["localhost"], NOW)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(client_context(visitors.root), server_context(tmp_path, leaf), "localhost")


class TestMutualTls:
    """The edge is the client, a sidecar the server; each trusts one authority alone."""

    sidecars = new_sidecars_authority(NOW)
    edge = new_edge_authority(NOW)
    server = issue_server(sidecars, ["sales.sidecar.internal"], NOW)
    client = issue_client(edge, "edge.client.internal", NOW)

    def shake(
        self, folder: Path, client: Leaf | None, server: Leaf, trusted: Authority | None = None
    ) -> None:
        sidecar = server_context(folder, server)
        sidecar.minimum_version = ssl.TLSVersion.TLSv1_3
        sidecar.verify_mode = ssl.CERT_REQUIRED
        sidecar.verify_flags |= ssl.VERIFY_X509_STRICT
        sidecar.load_verify_locations(cadata=(trusted or self.edge).root.decode())
        edge = client_context(self.sidecars.root)
        if client is not None:
            (folder / "client.pem").write_bytes(pem_bundle(client).reveal())
            edge.load_cert_chain(folder / "client.pem")
        shake_hands(edge, sidecar, "sales.sidecar.internal")

    def test_the_two_accept_each_other(self, tmp_path: Path) -> None:
        self.shake(tmp_path, self.client, self.server)

    def test_a_client_without_a_certificate_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ssl.SSLError, match=r"(?i)certificate"):
            self.shake(tmp_path, None, self.server)

    def test_a_client_of_another_authority_is_refused(self, tmp_path: Path) -> None:
        stranger = issue_client(new_edge_authority(NOW), "edge.client.internal", NOW)
        with pytest.raises(ssl.SSLCertVerificationError):
            self.shake(tmp_path, stranger, self.server)

    def test_a_sidecars_own_certificate_opens_no_other_sidecar(self, tmp_path: Path) -> None:
        neighbour = issue_server(self.sidecars, ["hr.sidecar.internal"], NOW)
        with pytest.raises(ssl.SSLCertVerificationError):
            self.shake(tmp_path, neighbour, self.server)
        with pytest.raises(ssl.SSLCertVerificationError, match="purpose"):
            self.shake(tmp_path, neighbour, self.server, trusted=self.sidecars)

    def test_the_edges_certificate_serves_nobody(self, tmp_path: Path) -> None:
        with pytest.raises(ssl.SSLCertVerificationError):
            self.shake(tmp_path, self.client, self.client)

    def test_an_expired_client_is_refused(self, tmp_path: Path) -> None:
        old = issue_client(self.edge, "edge.client.internal", NOW - timedelta(days=60), days=30)
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            self.shake(tmp_path, old, self.server)

    @pytest.mark.parametrize("purpose", ["sslserver", "sslclient"])
    def test_each_serves_its_purpose_alone(self, tmp_path: Path, purpose: str) -> None:
        server, client = (
            openssl_says(tmp_path, authority, leaf, "-purpose", purpose)
            for authority, leaf in ((self.sidecars, self.server), (self.edge, self.client))
        )
        assert (server == "OK") == (purpose == "sslserver")
        assert (client == "OK") == (purpose == "sslclient")


def test_a_leaf_says_what_it_is_for(visitors: Authority) -> None:
    for leaf, purpose in (
        (issue_server(visitors, ["localhost"], NOW), ExtendedKeyUsageOID.SERVER_AUTH),
        (issue_client(new_edge_authority(NOW), "e.internal", NOW), ExtendedKeyUsageOID.CLIENT_AUTH),
    ):
        found = x509.load_pem_x509_certificate(leaf.certificate).extensions
        usage = found.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(usage) == [purpose]
        assert not found.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_name_too_long_for_a_subject_is_a_critical_alternative(
    visitors: Authority, tmp_path: Path
) -> None:
    name = "x" * 60 + ".apps.test"
    leaf = issue_server(visitors, [name], NOW)
    certificate = x509.load_pem_x509_certificate(leaf.certificate)
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert not list(certificate.subject)
    assert alternatives.critical
    assert openssl_says(tmp_path, visitors, leaf, "-verify_hostname", name) == "OK"
    short = x509.load_pem_x509_certificate(issue_server(visitors, ["localhost"], NOW).certificate)
    ordinary = short.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert not ordinary.critical
    with pytest.raises(ValueError, match="too long"):
        issue_client(visitors, name, NOW)


@pytest.mark.parametrize("days", [0, -1, 91, 3650])
def test_a_leaf_lasts_ninety_days_at_most(visitors: Authority, days: int) -> None:
    with pytest.raises(ValueError, match="90 days"):
        issue_server(visitors, ["localhost"], NOW, days=days)


def test_a_leaf_never_outlives_its_authority(visitors: Authority) -> None:
    ends = ends_of(visitors.certificate)
    leaf = issue_server(visitors, ["localhost"], ends - timedelta(days=5))
    assert ends_of(leaf.certificate) == ends
    with pytest.raises(HoldfastError, match="has expired"):
        issue_server(visitors, ["localhost"], ends)


def test_a_time_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        new_edge_authority(datetime(2026, 1, 1))


@pytest.mark.parametrize("name", ["", "büro.localhost", "a b.localhost", "a\n.localhost"])
def test_what_cannot_stand_in_a_certificate_is_refused(visitors: Authority, name: str) -> None:
    with pytest.raises(UsageError):
        issue_server(visitors, [name], NOW)


@pytest.mark.parametrize("domains", [[], [""], ["*.apps.test"], [".apps.test"], ["büro.test"]])
def test_what_is_no_domain_is_refused(domains: list[str]) -> None:
    with pytest.raises(UsageError):
        new_visitors_authority(domains, [], NOW)


def test_a_certificate_needs_a_name(visitors: Authority) -> None:
    with pytest.raises(UsageError):
        issue_server(visitors, [], NOW)


def test_the_bundle_is_leaf_chain_key(visitors: Authority) -> None:
    leaf = issue_server(visitors, ["localhost"], NOW)
    blocks = pem_bundle(leaf).reveal().split(b"-----BEGIN ")[1:]
    kinds = [block.split(b"-----")[0] for block in blocks]
    assert kinds == [b"CERTIFICATE", b"CERTIFICATE", b"PRIVATE KEY"]
    assert b"-----BEGIN " + blocks[1] == visitors.certificate


@pytest.mark.parametrize("make", [new_sidecars_authority, new_edge_authority])
def test_an_authority_comes_back_from_the_keychain(make: object) -> None:
    assert callable(make)
    authority = make(NOW)
    assert from_secret(to_secret(authority)) == authority


def test_a_visitors_authority_does_too(visitors: Authority) -> None:
    assert from_secret(to_secret(visitors)) == visitors
    assert "PRIVATE" not in repr(visitors)


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"certificate": 1, "key": 2, "root": 3}',
        b'{"certificate": "x", "key": "marker-of-a-key", "root": "z"}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_item_is_named_without_being_quoted(damage: bytes) -> None:
    with pytest.raises(HoldfastError, match="damaged") as raised:
        from_secret(Secret(damage))
    assert raised.value.__context__ is None
    assert "marker-of-a-key" not in str(raised.value)


def test_a_key_of_another_authority_is_damage(visitors: Authority) -> None:
    stranger = new_edge_authority(NOW)
    with pytest.raises(HoldfastError, match="damaged"):
        from_secret(to_secret(replace(visitors, key=stranger.key)))
