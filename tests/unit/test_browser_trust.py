"""What a user's browsers trust, in NSS databases made by the real certutil."""

from __future__ import annotations

import subprocess
from pathlib import Path

from memory_certificates import authorities

from holdfast.adapters.browser_trust import BrowserTrust
from holdfast.domain.certificate import CertificateRole

NAME = "Holdfast visitors root 1234abcd"
CA = authorities()[CertificateRole.VISITORS_CA].root


def listed(database: Path) -> str:
    command = ["certutil", "-d", f"sql:{database}", "-L"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def profile(home: Path, name: str, password: str = "") -> Path:
    made = home / ".mozilla/firefox" / name
    made.mkdir(parents=True)
    file = home / "password"
    file.write_text(password)
    kind = ["-f", str(file)] if password else ["--empty-password"]
    subprocess.run(["certutil", "-d", f"sql:{made}", "-N", *kind], check=True)
    return made


def test_every_browser_of_the_user_trusts_it_once(tmp_path: Path) -> None:
    firefox = profile(tmp_path, "a1b2.default")
    for _ in range(2):
        told = BrowserTrust(tmp_path).trust(NAME, CA)
        assert told.stores == ("Chromium, Chrome", "Firefox, a1b2.default")
    for database in (tmp_path / ".pki/nssdb", firefox):
        [line] = [line for line in listed(database).splitlines() if NAME in line]
        assert line.split()[-1] == "C,,"
    assert [step for step in told.steps if "update-ca-certificates" in step]
    assert (tmp_path / ".pki/nssdb").stat().st_mode & 0o777 == 0o700


def test_a_database_that_cannot_be_written_gets_its_steps(tmp_path: Path) -> None:
    (tmp_path / ".pki").write_text("a file, where a folder should be")
    locked = profile(tmp_path, "locked", password="hush-hush")
    told = BrowserTrust(tmp_path).trust(NAME, CA)
    assert told.stores == ()
    assert [step.partition(":")[0] for step in told.steps[:2]] == ["Chromium, Chrome", "Firefox"]
    assert NAME not in listed(locked)


def test_without_certutil_the_steps_are_told(tmp_path: Path) -> None:
    told = BrowserTrust(tmp_path, certutil="/nowhere/certutil").trust(NAME, CA)
    assert told.stores == ()
    assert len(told.steps) == 2
