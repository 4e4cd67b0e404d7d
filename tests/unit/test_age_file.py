"""The format of key files: what age wrote, age opens; a wrong character is refused."""

from __future__ import annotations

import io
import string
import tarfile

import pyrage
import pytest
import sample
from hypothesis import given
from hypothesis import strategies as st
from pyrage import x25519

from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret
from holdfast.node.age_file import (
    WrongIdentity,
    decrypt,
    encrypt,
    new_identity,
    parse_identity,
    recipient_of,
)

FILES = {"volume-key": Secret(b"ab" * 32), "secrets.toml": Secret(b'token = "x"\n')}
TEXT = sample.KIT_IDENTITY
IDENTITY = Secret(TEXT.encode())


def test_is_a_tar_archive_in_an_age_file() -> None:
    content = encrypt("sales", FILES, [recipient_of(IDENTITY)])
    assert content.startswith(b"age-encryption.org/v1\n")
    packed = pyrage.decrypt(content, [x25519.Identity.from_str(TEXT)])
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        names = {member.name: member.mode for member in archive}
    assert names == {"sales/volume-key": 0o600, "sales/secrets.toml": 0o600}
    assert b"token" not in content


def test_opens_for_each_recipient_and_nobody_else() -> None:
    other = new_identity()
    content = encrypt("sales", FILES, [recipient_of(IDENTITY), recipient_of(other)])
    assert decrypt("sales", content, IDENTITY) == decrypt("sales", content, other) == FILES
    with pytest.raises(WrongIdentity):
        decrypt("sales", content, new_identity())


@pytest.mark.parametrize(
    "damage",
    [lambda c: c[:-1], lambda c: c[:200], lambda c: b"", lambda c: c[:-1] + bytes([c[-1] ^ 1])],
)
def test_a_damaged_file_is_refused(damage) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(WrongIdentity):
        decrypt("sales", damage(encrypt("sales", FILES, [recipient_of(IDENTITY)])), IDENTITY)


def test_one_apps_file_does_not_pass_for_anothers() -> None:
    content = encrypt("sales", FILES, [recipient_of(IDENTITY)])
    with pytest.raises(WrongIdentity):
        decrypt("payroll", content, IDENTITY)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"{TEXT}\n",
        TEXT.lower(),
        f"  {TEXT[:30]} {TEXT[30:]}\r\n",
        f"# a page\n#\n\n{TEXT}\n#",
    ],
)
def test_an_identity_is_read_as_people_give_it(text: str) -> None:
    assert parse_identity(text.encode()) == IDENTITY


@given(st.integers(0, len(TEXT) - 1), st.sampled_from(string.ascii_uppercase + string.digits))
def test_one_wrong_character_is_refused_and_not_repeated(place: int, character: str) -> None:
    wrong = TEXT[:place] + character + TEXT[place + 1 :]
    if wrong == TEXT:
        return
    with pytest.raises(UsageError) as told:
        parse_identity(wrong.encode())
    assert told.value.__context__ is None
    assert wrong[20:40] not in str(told.value)


@pytest.mark.parametrize(
    "text", [b"", b"\xff\xfe", b"hello", TEXT[:-1].encode(), (TEXT * 2).encode()]
)
def test_what_is_no_identity_is_refused(text: bytes) -> None:
    with pytest.raises(UsageError, match="not the recovery kit's identity"):
        parse_identity(text)


def _entry(name: str, kind: bytes = tarfile.REGTYPE) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, "elsewhere"
        archive.addfile(entry)
    return packed.getvalue()


@pytest.mark.parametrize(
    "packed",
    [b"no archive", _entry("volume-key"), _entry("sales/volume-key", tarfile.SYMTYPE)],
    ids=["no archive", "no folder", "a link"],
)
def test_what_somebody_else_encrypted_is_refused_like_a_damaged_file(packed: bytes) -> None:
    to = x25519.Recipient.from_str(recipient_of(IDENTITY))
    with pytest.raises(WrongIdentity, match="cannot be opened"):
        decrypt("sales", pyrage.encrypt(packed, [to]), IDENTITY)
