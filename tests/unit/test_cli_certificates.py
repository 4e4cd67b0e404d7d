"""The certificates on the command line, on a world in memory."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from catalogue import DAY, Wanted, authority, issue
from shell import Capture, Shell

KEYS = [
    "role",
    "host",
    "names",
    "issuer",
    "not_before",
    "not_after",
    "days_left",
    "key",
    "verified",
    "reason",
    "served_matches",
    "source",
    "next_renewal",
    "renewal_from",
    "renewal_explanation",
    "last_error",
    "stapling",
]


@pytest.fixture
def shell(capsys: Capture) -> Shell:
    return Shell(capsys)


def test_each_is_a_row_with_the_promised_keys(shell: Shell) -> None:
    found = shell.json("certificate", "list")
    assert list(found) == ["certificates", "accounts", "engine"]
    assert found["accounts"] == []
    assert (found["engine"]["role"], found["engine"]["source"]) == ("engine", "unix-socket")
    rows = found["certificates"]
    assert all(list(row) == KEYS for row in rows)
    visitors = next(row for row in rows if row["host"] == "sales-board.localhost")
    assert visitors["role"] == "visitors"
    assert visitors["names"] == ["sales-board.localhost"]
    assert (visitors["key"], visitors["source"]) == ("ECDSA P-256", "internal")
    assert 55 < visitors["days_left"] < 62
    assert (visitors["verified"], visitors["served_matches"]) == (True, True)
    assert visitors["stapling"] == {
        "state": "not-offered",
        "responder": None,
        "until": None,
        "since": None,
        "required": False,
        "reason": "Not offered: it names nobody to ask.",
    }
    root = next(row for row in rows if row["role"] == "visitors-root")
    assert root["stapling"] is None
    assert (root["host"], root["served_matches"], root["next_renewal"]) == (None, None, None)
    assert "localhost" in root["names"]


def test_a_person_reads_for_how_long_nobody_has_to_come(shell: Shell) -> None:
    text = shell.text("certificate", "list")
    assert "sales-board.localhost" in text
    assert "The node can go without a desktop for 60 d" in text


def test_a_monitor_is_told_by_the_status(capsys: Capture) -> None:
    well = Shell(capsys)
    assert "verified, none near the end" in well.text("certificate", "check")
    assert well.json("certificate", "check")["lasts_until"]
    assert Shell(capsys, "offline").error("certificate", "check", status=3)["what"]
    old = Shell(capsys, "old-certificates")
    found = old.json("certificate", "check", status=2)
    assert found["error"]["what"].endswith("1 in trouble and 1 near the end.")
    assert "Connection refused" in found["error"]["why"]
    assert len(found["certificates"]) > 4
    human = old.text("certificate", "check", status=2)
    assert "It ends in 8 d. Its renewal is overdue." in human
    stuck = Shell(capsys, "stuck-renewal").json("certificate", "check", status=2)
    assert "GNOME Keyring is locked" in stuck["error"]["why"]


def test_one_that_is_near_its_end_is_a_warning(capsys: Capture) -> None:
    shell = Shell(capsys, "old-certificates")
    desk = shell.world.memory
    desk.faults.add("only-old")
    assert shell.json("certificate", "check", status=1)["error"]["what"].endswith("1 near the end.")


def test_what_is_due_or_everything_is_renewed(capsys: Capture) -> None:
    shell = Shell(capsys, "old-certificates")
    assert len(shell.json("certificate", "renew", "--due")["renewed"]) == 1
    assert shell.text("certificate", "renew", "--due") == "No certificate had to be renewed.\n"
    assert len(shell.json("certificate", "renew")["renewed"]) > 4
    assert (
        "could not be renewed"
        in Shell(capsys, "stuck-renewal").error("certificate", "renew")["what"]
    )


def test_one_of_ones_own_is_imported_and_dropped(shell: Shell, tmp_path: Path) -> None:
    host = "sales-board.localhost"
    now = datetime.now(UTC)
    root = authority("Company Root", begins=now - DAY, ends=now + DAY)
    leaf = issue(Wanted(host, (host,), now - 99 * DAY, now + 9 * DAY), root)
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(leaf.pem + root.pem)
    key.write_bytes(leaf.key_pem())
    found = shell.json("certificate", "import", "sales-board", str(chain), str(key))
    assert (found["names"], found["issuer"]) == ([host], "Company Root")

    def row() -> dict[str, object]:
        rows: list[dict[str, object]] = shell.json("certificate", "list")["certificates"]
        return next(each for each in rows if each["host"] == host)

    assert (row()["source"], row()["next_renewal"]) == ("own", None)
    assert "Import the next one." in shell.text("certificate", "list")
    told = shell.error("certificate", "import", "lab-notes", str(chain), str(key), status=2)
    assert told["what"] == "The certificate cannot be used for lab-notes.localhost."
    missing = ("certificate", "import", "sales-board", str(tmp_path / "nowhere.pem"))
    assert "cannot be read" in shell.error(*missing, status=2)["what"]
    assert shell.json("certificate", "drop", "sales-board") == {"app": "sales-board"}
    assert row()["source"] == "internal"


def test_one_that_its_ca_has_revoked_is_trouble_with_a_next_step(capsys: Capture) -> None:
    shell = Shell(capsys, "revoked-certificate")
    found = _visitors(shell)["stapling"]
    assert (found["state"], found["responder"]) == ("revoked", "http://ocsp.example.org/")
    assert found["reason"].startswith("Its CA has revoked it on 20")
    told = shell.error("certificate", "check", status=2)
    assert told["why"].endswith("Browsers may refuse it, as Firefox does. Import another one.")
    assert "Revoked" in shell.text("certificate", "list")


def test_the_ca_is_written_where_it_shall_go(shell: Shell, tmp_path: Path) -> None:
    text = shell.text("certificate", "export-ca")
    assert text.startswith("-----BEGIN CERTIFICATE-----\n")
    file = tmp_path / "ca.pem"
    found = shell.json("certificate", "export-ca", "--save", str(file))
    assert (found["certificate"], found["saved"]) == (text, str(file))
    assert file.read_text() == text
    nowhere = tmp_path / "no" / "ca.pem"
    assert shell.error("certificate", "export-ca", "--save", str(nowhere))["next"]


def test_one_of_an_acme_server_is_got_renewed_and_dropped(shell: Shell) -> None:
    server = ("--directory", "https://acme.example.org/dir", "--agree-tos")
    got = shell.json("certificate", "acme", "sales-board", *server)
    assert got["names"] == ["sales-board.localhost"]
    row = _visitors(shell)
    assert (row["source"], row["last_error"]) == ("acme", None)
    assert row["next_renewal"] > row["not_before"]
    assert shell.json("certificate", "renew", "sales-board")["names"] == ["sales-board.localhost"]
    again = shell.error("certificate", "acme", "sales-board", *server, status=2)
    assert "comes from an ACME server already" in again["what"]
    shell.json("certificate", "drop", "sales-board")
    assert _visitors(shell)["source"] == "internal"
    assert (
        "does not come from" in shell.error("certificate", "renew", "sales-board", status=2)["what"]
    )


def test_when_its_server_would_renew_it_is_told_with_why(capsys: Capture) -> None:
    shell = Shell(capsys, "suggesting-acme")
    before = _visitors(shell)
    assert (before["renewal_from"], before["renewal_explanation"]) == ("lifetime", None)
    shell.json("certificate", "acme", "sales-board", "--agree-tos")
    row = _visitors(shell)
    told = ("acme-server", "https://acme.example.org/why")
    assert (row["renewal_from"], row["renewal_explanation"]) == told
    assert f"{row['next_renewal'][:10]}, suggested" in shell.text("certificate", "list")


def test_an_account_is_a_row_of_its_own(shell: Shell) -> None:
    server = ("--directory", "https://acme.example.org/directory", "--email", "ada@example.org")
    shell.json("certificate", "acme", "sales-board", "--agree-tos", *server)
    [account] = shell.json("certificate", "list")["accounts"]
    assert account["last_contact"]
    assert account | {"last_contact": None} == {
        "role": "acme-account",
        "app": "sales-board",
        "directory": "https://acme.example.org/directory",
        "contact": "ada@example.org",
        "url": "https://acme.example.org/acct/1234567",
        "key": "RSA 2048 bits",
        "state": "valid",
        "last_contact": None,
        "last_error": None,
        "reason": None,
    }
    shown = shell.text("certificate", "list")
    assert re.search("ACME account +sales-board +Valid +– +acme.example.org", shown)
    assert re.search("Docker engine +Unix socket +Not needed", shown)


def test_a_lost_account_is_a_failure_to_a_monitor(capsys: Capture) -> None:
    shell = Shell(capsys, "lost-account")
    shell.json("certificate", "acme", "sales-board", "--agree-tos")
    told = shell.json("certificate", "check", status=2)
    assert "1 ACME account in trouble" in told["error"]["what"]
    assert "holdfast certificate drop sales-board" in told["error"]["why"]
    assert told["accounts"][0]["state"] == "lost"
    assert "no such account" in told["accounts"][0]["last_error"]
    assert "ACME account, sales-board: The server does not know it" in shell.text(
        "certificate", "check", status=2
    )


def test_terms_that_nobody_agreed_to_are_not_agreed_to(shell: Shell) -> None:
    refused = shell.error("certificate", "acme", "sales-board", status=2)
    assert "terms of the ACME server at https://acme-v02.api.letsencrypt.org" in refused["what"]
    assert "--agree-tos" in refused["next"]
    assert _visitors(shell)["source"] == "internal"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--directory", "http://acme.example.org/dir"), "is not the address of an ACME server"),
        (("--email", "nobody"), "is not an e-mail address"),
    ],
)
def test_what_cannot_be_an_acme_server_is_refused(
    shell: Shell, given: tuple[str, str], told: str
) -> None:
    refused = shell.error("certificate", "acme", "sales-board", "--agree-tos", *given, status=2)
    assert told in refused["what"]


def _visitors(shell: Shell) -> dict[str, Any]:
    rows = shell.json("certificate", "list")["certificates"]
    found: dict[str, Any] = next(row for row in rows if row["host"] == "sales-board.localhost")
    return found
