"""Keys that are made, and keys of the admin's: as ssh-keygen and openssl write them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from holdfast.domain.connection import PassphraseNeeded
from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret
from holdfast.node.deploy_keys import KeyPair, new_key_pair, read_key_pair

KINDS = [("ed25519", "256"), ("ecdsa", "384"), ("rsa", "2048")]


def keygen(folder: Path, *arguments: str) -> Secret:
    file = folder / "key"
    subprocess.run(["ssh-keygen", "-q", *arguments, "-f", str(file)], check=True)
    return Secret(file.read_bytes())


def public_of(pair: KeyPair, folder: Path) -> str:
    """As ssh-keygen derives it from the private half."""
    file = folder / "derived"
    file.touch(0o600)
    file.write_bytes(pair.private.reveal())
    told = subprocess.run(
        ["ssh-keygen", "-y", "-P", "", "-f", str(file)], check=True, capture_output=True, text=True
    )
    return told.stdout.strip()


def test_a_new_key_is_ed25519_and_openssh_reads_it(tmp_path: Path) -> None:
    pair = new_key_pair("holdfast team/books")
    kind, key, *comment = pair.public.split()
    assert (kind, comment) == ("ssh-ed25519", ["holdfast", "team/books"])
    assert public_of(pair, tmp_path).split()[:2] == [kind, key]
    assert new_key_pair("x").public.split()[1] != key
    assert "PRIVATE" not in repr(pair)


@pytest.mark.parametrize(("kind", "bits"), KINDS)
@pytest.mark.parametrize("form", ["RFC4716", "PEM", "PKCS8"])
@pytest.mark.parametrize("passphrase", ["", "open sesame"])
def test_an_existing_key_is_taken_without_its_passphrase(
    tmp_path: Path, kind: str, bits: str, form: str, passphrase: str
) -> None:
    given = ("-t", kind, "-b", bits, "-m", form, "-N", passphrase, "-a", "1")
    file = keygen(tmp_path, *given)
    if passphrase:
        with pytest.raises(PassphraseNeeded):
            read_key_pair(file, None, "c")
        with pytest.raises(PassphraseNeeded) as told:
            read_key_pair(file, Secret(b"another"), "c")
        assert "another" not in f"{told.value}{told.value.__cause__}"
    pair = read_key_pair(file, Secret(passphrase.encode()), "c")
    public = (tmp_path / "key.pub").read_text().split()[:2]
    assert pair.public.split() == [*public, "c"]
    assert public_of(pair, tmp_path).split()[:2] == public


@pytest.mark.parametrize(
    "content",
    [b"", b"ssh-ed25519 AAAA", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", b"\xff\xfe"],
)
def test_what_is_no_private_key_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError) as told:
        read_key_pair(Secret(content), None, "c")
    assert told.value.next


def test_a_short_rsa_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        read_key_pair(keygen(tmp_path, "-t", "rsa", "-b", "1024", "-N", ""), None, "c")
    assert "1024 bits" in told.value.why
