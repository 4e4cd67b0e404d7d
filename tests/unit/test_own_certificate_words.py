"""A certificate of one's own as the window takes it from files, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret
from holdfast.presenters.own_certificate import NONE, chosen, covered, read_files

CHAIN = b"-----BEGIN CERTIFICATE-----\n"
KEY = b"-----BEGIN EC PRIVATE KEY-----\n"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    made = {"chain.pem": CHAIN, "key.pem": KEY, "large.pem": bytes((1 << 20) + 1)}
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    return {name: tmp_path / name for name in (*made, "nowhere.pem", ".")}


@pytest.mark.parametrize("order", [("chain.pem", "key.pem"), ("key.pem", "chain.pem")])
def test_which_file_is_the_keys_is_told_by_what_it_holds(
    files: dict[str, Path], order: tuple[str, str]
) -> None:
    read = read_files([files[name] for name in order], "kettle-drum")
    assert (read.certificate, read.key) == (CHAIN, Secret(KEY))
    assert read.passphrase == Secret(b"kettle-drum")


def test_one_file_may_hold_all_and_needs_no_passphrase(files: dict[str, Path]) -> None:
    read = read_files([files["chain.pem"]], "")
    assert (read.certificate, read.key, read.passphrase) == (CHAIN, None, None)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("nowhere.pem",), "“nowhere.pem” cannot be read."),
        (("chain.pem", "."), "is no file."),
        (("large.pem",), "“large.pem” is no certificate, and no key."),
        (("chain.pem", "chain.pem", "key.pem"), "3 files are too many."),
    ],
)
def test_what_cannot_be_one_is_refused(
    files: dict[str, Path], names: tuple[str, ...], told: str
) -> None:
    with pytest.raises(UsageError) as refused:
        read_files([files[name] for name in names], "")
    assert told in refused.value.what
    assert refused.value.next


def test_its_files_and_names_are_told_in_one_line() -> None:
    assert chosen([]) == NONE
    assert chosen([Path("/a/chain.pem"), Path("/b/key.pem")]) == "chain.pem and key.pem"
    assert covered(["*.example.org", "example.org"]) == "*.example.org, example.org"
    assert covered([f"{at}.test" for at in range(1000)]).endswith("5.test and 994 more")
