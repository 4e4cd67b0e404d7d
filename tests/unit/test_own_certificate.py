"""A certificate of one's own as it is imported: what is taken, and what is refused and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from catalogue import DAY, HOST, NOW, Made, Wanted, authority, issue, rsa_512, signed_with
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import ExtendedKeyUsageOID

from holdfast.domain.certificate import CertificateFiles
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.secret import Secret
from holdfast.node.own_certificate import OwnCertificate, from_item, read_own, to_item

ROOT = authority("Example Root")
ISSUER = authority("Example Issuing CA", ROOT)
RSA_ISSUER = authority("Example RSA CA", ROOT, key=rsa.generate_private_key(65537, 2048))
EXTRA = authority("Superfluous CA")
LEAF = issue(Wanted(), ISSUER)
PASSPHRASE = Secret(b"kettle-drum")


def pem(*chain: Made, key: Made = LEAF) -> CertificateFiles:
    return CertificateFiles(b"".join(each.pem for each in chain), Secret(key.key_pem()))


def pkcs12(*above: Made, passphrase: Secret | None = PASSPHRASE) -> bytes:
    kept = BestAvailableEncryption(passphrase.reveal()) if passphrase else NoEncryption()
    others = [each.certificate for each in above]
    return serialize_key_and_certificates(b"sales", LEAF.key, LEAF.certificate, others, kept)


def read(files: CertificateFiles, trusted: bytes = ROOT.pem) -> OwnCertificate:
    return read_own(files, [HOST], trusted, NOW)


def refused(files: CertificateFiles, trusted: bytes = ROOT.pem) -> UsageError:
    with pytest.raises(UsageError) as told:
        read(files, trusted)
    assert told.value.next
    assert "PRIVATE" not in str(told.value)
    return told.value


TAKEN = {
    "PEM and its key": pem(LEAF, ISSUER),
    "with the root, which is not served": pem(LEAF, ISSUER, ROOT),
    "all in one file": CertificateFiles(LEAF.pem + ISSUER.pem + LEAF.key_pem()),
    "as openssl writes it": CertificateFiles(
        b"Bag Attributes\n    friendlyName: sales\n" + LEAF.pem + ISSUER.pem + LEAF.key_pem()
    ),
    "an encrypted key": CertificateFiles(
        LEAF.pem + ISSUER.pem,
        Secret(LEAF.key_pem(BestAvailableEncryption(PASSPHRASE.reveal()))),
        PASSPHRASE,
    ),
    "a passphrase that is not needed": replace(pem(LEAF, ISSUER), passphrase=PASSPHRASE),
    "PKCS#12": CertificateFiles(pkcs12(ISSUER), passphrase=PASSPHRASE),
    "PKCS#12 in another order": CertificateFiles(pkcs12(ROOT, ISSUER), passphrase=PASSPHRASE),
    "PKCS#12 without a passphrase": CertificateFiles(pkcs12(ISSUER, passphrase=None)),
}


WITH_MORE = {
    "another CA": pem(LEAF, ISSUER, EXTRA),
    "one in the midst": pem(LEAF, EXTRA, ISSUER),
    "one after the root": pem(LEAF, ISSUER, ROOT, EXTRA),
    "one twice": pem(LEAF, ISSUER, EXTRA, EXTRA),
    "one in PKCS#12": CertificateFiles(pkcs12(EXTRA, ROOT, ISSUER), passphrase=PASSPHRASE),
}


@pytest.mark.parametrize("kind", WITH_MORE)
def test_what_nobody_needs_is_left_out(kind: str) -> None:
    own = read(WITH_MORE[kind])
    assert (own.leaf.certificate, own.leaf.chain) == (LEAF.pem, ISSUER.pem)
    assert own.root == ROOT.pem
    assert own.left_out == ("Superfluous CA",)


def test_what_stands_there_twice_is_served_once() -> None:
    own = read(pem(LEAF, ISSUER, LEAF, ISSUER))
    assert (own.leaf.certificate, own.leaf.chain) == (LEAF.pem, ISSUER.pem)


UNUSUAL = {
    "no subject": Wanted(subject=""),
    "an international name": Wanted(names=("xn--bcher-kva.example.org", HOST)),
    "a thousand names": Wanted(names=(*(f"n{at}.example.org" for at in range(999)), HOST)),
}


@pytest.mark.parametrize("kind", UNUSUAL)
def test_an_unusual_one_is_taken_too(kind: str) -> None:
    made = issue(UNUSUAL[kind], ISSUER)
    own = read(pem(made, ISSUER, key=made))
    assert own.certificate == made.certificate
    assert all(own.covers(name) for name in UNUSUAL[kind].names)


@pytest.mark.parametrize("kind", TAKEN)
def test_it_is_taken_in_every_form(kind: str) -> None:
    own = read(TAKEN[kind])
    assert own.leaf.certificate == LEAF.pem
    assert own.leaf.chain == ISSUER.pem
    assert own.root == ROOT.pem
    assert own.covers(HOST)
    assert not own.covers("other.example.org")
    assert from_item(to_item(own)) == own


def bad(**wanted: object) -> CertificateFiles:
    made = issue(replace(Wanted(), **wanted), ISSUER)  # type: ignore[arg-type]
    return pem(made, ISSUER, key=made)


SELF = issue(Wanted())
REFUSED = {
    "another key": (pem(LEAF, ISSUER, key=ISSUER), "The key belongs to another one of the chain"),
    "a stranger's key": (
        pem(LEAF, ISSUER, key=ROOT),
        "The key does not belong to the certificate.",
    ),
    "another host": (bad(names=("a.test",)), "It is for a.test, and not for sales.example.org."),
    "expired": (bad(begins=NOW - 2 * DAY, ends=NOW - DAY), "It expired on"),
    "not yet valid": (bad(begins=NOW + timedelta(hours=1)), "It is not valid before"),
    "RSA of 1024 bits": (bad(key=rsa.generate_private_key(65537, 1024)), "RSA key of 1024 bits"),
    "RSA of 512 bits": (bad(key=rsa_512()), "RSA key of 512 bits"),
    "no names": (bad(names=()), "It has no subject alternative names"),
    "for clients alone": (bad(purpose=ExtendedKeyUsageOID.CLIENT_AUTH), "It is for a TLS client"),
    "without a purpose": (bad(purpose=None), "It does not say that it may be used by a TLS server"),
    "reversed": (pem(ISSUER, LEAF), "The key belongs to another one of the chain"),
    "reversed, with the first one's key": (
        pem(ISSUER, LEAF, key=ISSUER),
        "the certificate itself has to come first",
    ),
    "self-signed": (pem(SELF, key=SELF), "It is signed by itself"),
    "incomplete": (pem(LEAF), "the certificate of “Example Issuing CA” is missing"),
    "in disorder": (pem(LEAF, ROOT, ISSUER), "Its chain is in the wrong order"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_it_is_refused_in_words(kind: str) -> None:
    files, words = REFUSED[kind]
    told = refused(files)
    assert told.what == f"The certificate cannot be used for {HOST}."
    assert words in told.why


@pytest.mark.parametrize(("digest", "words"), [("sha1", "SHA-1"), ("md5", "MD5")])
def test_one_that_can_be_forged_is_refused(digest: str, words: str) -> None:
    made = signed_with(digest, by=RSA_ISSUER)
    begins = made.certificate.not_valid_before_utc
    with pytest.raises(UsageError) as told:
        read_own(pem(made, RSA_ISSUER, key=made), [HOST], ROOT.pem, begins)
    assert told.value.why == f"It is signed with {words}, which can be forged."


def test_a_root_that_nobody_trusts_here_is_refused() -> None:
    told = refused(pem(LEAF, ISSUER, ROOT), authority("Another Root").pem)
    assert told.why == "Its root “Example Root” is not trusted here."
    assert refused(pem(LEAF, ISSUER), b"no certificates").why.startswith("Its chain is incomplete")
    assert refused(pem(LEAF, ISSUER), b"").why.startswith("Its chain is incomplete")


UNREAD = {
    "no key": (CertificateFiles(LEAF.pem), "The certificate's key is missing."),
    "no certificate": (
        CertificateFiles(b"hello", Secret(LEAF.key_pem())),
        "The file holds no certificate in PEM.",
    ),
    "no key in its file": (
        CertificateFiles(LEAF.pem, Secret(b"hush-hush")),
        "The certificate's key does not read.",
    ),
    "encrypted, no passphrase": (
        CertificateFiles(
            LEAF.pem, Secret(LEAF.key_pem(BestAvailableEncryption(PASSPHRASE.reveal())))
        ),
        "The key needs a passphrase.",
    ),
    "PKCS#12, no passphrase": (
        CertificateFiles(pkcs12(ISSUER)),
        "The PKCS#12 file needs a passphrase.",
    ),
    "PKCS#12, a wrong one": (
        CertificateFiles(pkcs12(ISSUER), passphrase=Secret(b"hush-hush")),
        "The PKCS#12 file does not open.",
    ),
    "garbage, no passphrase": (CertificateFiles(b"hello"), "The file holds no certificate."),
    "garbage": (
        CertificateFiles(b"\x00\x01", passphrase=PASSPHRASE),
        "The file holds no certificate.",
    ),
    "an empty file": (CertificateFiles(b""), "The file holds no certificate."),
}


@pytest.mark.parametrize("kind", UNREAD)
def test_what_cannot_be_read_is_told(kind: str) -> None:
    files, words = UNREAD[kind]
    told = refused(files)
    assert told.what == words
    assert "hush-hush" not in str(told)


def test_a_damaged_item_says_so_and_quotes_nothing() -> None:
    for item in (
        b"hush-hush",
        b"{}",
        b'{"certificate": "hush", "chain": "", "key": "", "root": ""}',
    ):
        with pytest.raises(HoldfastError) as told:
            from_item(Secret(item))
        assert "hush" not in str(told.value)
        assert told.value.__cause__ is None and told.value.__context__ is None
