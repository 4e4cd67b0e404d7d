"""Certificates of the kinds that badssl.com serves, each refused in its own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from catalogue import DAY, HOST, NOW, Made, Wanted, authority, issue, rsa_512, signed_with
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from holdfast.node.certificate_facts import read_certificate
from holdfast.node.certificate_faults import client_fault, server_fault, superfluous_words

ROOT = authority("Example Root")
ISSUER = authority("Example Issuing CA", ROOT)
RSA_ISSUER = authority("Example RSA CA", ROOT, key=rsa.generate_private_key(65537, 2048))
EXTRA = authority("Superfluous CA")
DOUBLE = issue(Wanted(), ISSUER)
#: The root's key once more, under a CA that nobody trusts any more, and expired.
CROSSED = authority(
    "Example Root", authority("Old Root"), key=ROOT.key, begins=NOW - 9 * DAY, ends=NOW - DAY
)


def fault(*chain: Made, host: str = HOST, roots: tuple[Made, ...] = (ROOT,)) -> str:
    certificates = [made.certificate for made in chain]
    return server_fault(certificates, [root.certificate for root in roots], host, NOW)


def leaf(**wanted: object) -> Made:
    return issue(replace(Wanted(), **wanted), ISSUER)  # type: ignore[arg-type]


SOUND: dict[str, Callable[[], str]] = {
    "a whole chain": lambda: fault(leaf(), ISSUER),
    "with its root": lambda: fault(leaf(), ISSUER, ROOT),
    "a star": lambda: fault(leaf(names=("*.example.org",)), ISSUER),
    "many names": lambda: fault(
        leaf(names=(*(f"n{at}.example.org" for at in range(1000)), HOST)), ISSUER
    ),
    "no subject": lambda: fault(leaf(subject=""), ISSUER),
    "an international name": lambda: fault(
        leaf(names=("xn--bcher-kva.example.org",)), ISSUER, host="xn--bcher-kva.example.org"
    ),
    "a superfluous CA": lambda: fault(leaf(), ISSUER, EXTRA),
    "a superfluous CA in the midst": lambda: fault(leaf(), EXTRA, ISSUER),
    "a superfluous CA after the root": lambda: fault(leaf(), ISSUER, ROOT, EXTRA),
    "its issuer twice": lambda: fault(leaf(), ISSUER, ISSUER),
    "itself twice": lambda: fault(DOUBLE, DOUBLE, ISSUER),
    "a cross certificate above its root": lambda: fault(leaf(), ISSUER, CROSSED),
    "RSA of 2048 bits": lambda: fault(leaf(key=rsa.generate_private_key(65537, 2048)), ISSUER),
}


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_one_is_taken(kind: str) -> None:
    assert SOUND[kind]() == ""


BAD: dict[str, tuple[Callable[[], str], str]] = {
    "expired": (
        lambda: fault(leaf(begins=NOW - 9 * DAY, ends=NOW - DAY), ISSUER),
        "It expired on 2026-02-28 12:00 UTC.",
    ),
    "not yet valid": (
        lambda: fault(leaf(begins=NOW + DAY), ISSUER),
        "It is not valid before 2026-03-02 12:00 UTC.",
    ),
    "wrong host": (
        lambda: fault(leaf(names=("a.test", "b.test", "c.test", "d.test")), ISSUER),
        "It is for a.test, b.test, c.test and 1 more, and not for sales.example.org.",
    ),
    "a star too high": (
        lambda: fault(leaf(names=("*.org",)), ISSUER),
        "It is for *.org, and not for sales.example.org.",
    ),
    "self-signed": (
        lambda: fault(issue(Wanted())),
        "It is signed by itself: no authority vouches for it.",
    ),
    "untrusted root": (
        lambda: fault(leaf(), ISSUER, ROOT, roots=(authority("Another Root"),)),
        "Its root “Example Root” is not trusted here.",
    ),
    "incomplete chain": (
        lambda: fault(leaf()),
        "Its chain is incomplete: the certificate of “Example Issuing CA” is missing.",
    ),
    "reversed chain": (
        lambda: fault(ROOT, ISSUER, leaf()),
        "Its chain is in the wrong order: the certificate itself has to come first.",
    ),
    "chain in disorder": (
        lambda: fault(leaf(), ROOT, ISSUER),
        "Its chain is in the wrong order: each certificate has to come before its issuer's.",
    ),
    "foreign chain": (
        lambda: fault(leaf(), EXTRA),
        "Its chain is incomplete: “Superfluous CA” did not issue what stands before it, and the"
        " certificate of “Example Issuing CA” is missing.",
    ),
    "expired issuer": (
        lambda: fault(*_below(authority("Old CA", ROOT, begins=NOW - 9 * DAY, ends=NOW - DAY))),
        "Its issuer “Old CA” expired on 2026-02-28 12:00 UTC.",
    ),
    "no names": (
        lambda: fault(leaf(names=()), ISSUER),
        "It has no subject alternative names, and nothing else tells whom it is for.",
    ),
    "SHA-1": (
        lambda: _signed_with("sha1"),
        "It is signed with SHA-1, which can be forged.",
    ),
    "MD5": (
        lambda: _signed_with("md5"),
        "It is signed with MD5, which can be forged.",
    ),
    "RSA of 1024 bits": (
        lambda: fault(leaf(key=rsa.generate_private_key(65537, 1024)), ISSUER),
        "It has an RSA key of 1024 bits, and 2048 are the least.",
    ),
    "RSA of 512 bits": (
        lambda: fault(leaf(key=rsa_512()), ISSUER),
        "It has an RSA key of 512 bits, and 2048 are the least.",
    ),
    "for clients alone": (
        lambda: fault(leaf(purpose=ExtendedKeyUsageOID.CLIENT_AUTH), ISSUER),
        "It is for a TLS client, and does not say that it may be used by a TLS server.",
    ),
    "without a purpose": (
        lambda: fault(leaf(purpose=None), ISSUER),
        "It does not say that it may be used by a TLS server.",
    ),
    "an authority's own": (
        lambda: fault(ISSUER, ROOT),
        "It is an authority's own certificate, which no server or client should use.",
    ),
    "issued by a server": (
        lambda: fault(*_below(leaf(subject="another server"))),
        "Its issuer “another server” is no authority.",
    ),
}


def _below(issuer: Made) -> tuple[Made, ...]:
    above = () if issuer.certificate.issuer == ROOT.certificate.subject else (ISSUER,)
    return issue(Wanted(), issuer), issuer, *above


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_one_is_refused_in_its_own_words(kind: str) -> None:
    tell, words = BAD[kind]
    assert tell() == words


def test_no_two_kinds_that_differ_are_told_alike() -> None:
    told = [words for _, words in BAD.values()]
    assert len(set(told)) == len(told)


def test_what_a_chain_does_not_need_is_named() -> None:
    made = leaf()
    chain = [each.certificate for each in (made, ISSUER, ROOT)]
    assert superfluous_words(chain) == ""
    more = [*chain, EXTRA.certificate, made.certificate, EXTRA.certificate]
    told = "Its chain holds more than it needs: “Superfluous CA”, “sales.example.org”."
    assert superfluous_words(more) == told


def test_a_client_is_judged_by_its_purpose() -> None:
    client = leaf(purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    roots = [ROOT.certificate]
    assert client_fault([client.certificate, ISSUER.certificate], roots, NOW) == ""
    told = client_fault([leaf().certificate, ISSUER.certificate], roots, NOW)
    assert told == "It is for a TLS server, and does not say that it may be used by a TLS client."


def test_a_certificate_is_read_into_words() -> None:
    told = read_certificate(leaf(key=rsa.generate_private_key(65537, 2048)).certificate)
    assert (told.subject, told.issuer, told.key) == (HOST, "Example Issuing CA", "RSA 2048 bits")
    assert told.signature == "ECDSA with SHA-256"
    assert [(each.name, each.value) for each in told.extensions if ":" not in each.value] == [
        ("Basic constraints", "no authority"),
        ("Names", HOST),
        ("Purpose", "TLS server"),
    ]
    asked = read_certificate(leaf(responder="http://ocsp.example.org/").certificate)
    said = {each.name: each.value for each in asked.extensions}
    assert said["Of its issuer"] == "OCSP http://ocsp.example.org/"


def _signed_with(digest: str) -> str:
    made = signed_with(digest, by=RSA_ISSUER).certificate
    chain = [made, RSA_ISSUER.certificate]
    return server_fault(chain, [ROOT.certificate], HOST, made.not_valid_before_utc)
