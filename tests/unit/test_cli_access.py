"""Who may visit an app on the command line, on a world in memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from shell import Capture, Shell

APP = "sales-board"


@pytest.fixture
def shell(capsys: Capture) -> Shell:
    return Shell(capsys)


def test_it_is_shown_and_chosen(shell: Shell) -> None:
    assert shell.json("access", "show", APP) == {"app": APP, "mode": "public", "visitors": []}
    assert "Everybody who reaches" in shell.text("access", "show", APP)
    assert shell.json("access", "set", APP, "certificate")["mode"] == "certificate"
    assert "nobody gets in" in shell.text("access", "show", APP)
    assert "stay open" in shell.text("access", "set", APP, "public")
    shell.error("access", "set", APP, "secret", status=2)
    assert "no app named nowhere" in shell.error("access", "show", "nowhere")["what"]


def test_a_certificate_is_issued_into_a_file_of_ones_own(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "ada.p12"
    made = shell.json("access", "issue", APP, "Ada", "--save", str(file), "--days", "7")
    assert list(made) == ["app", "name", "serial", "not_after", "saved", "passphrase"]
    assert (made["name"], made["saved"]) == ("Ada", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_pkcs12(file.read_bytes(), made["passphrase"].encode()).key is not None
    assert made["passphrase"] not in shell.errors
    [row] = shell.json("access", "show", APP)["visitors"]
    assert list(row) == ["name", "serial", "not_after", "revoked", "state"]
    assert (row["serial"], row["revoked"], row["state"]) == (made["serial"], None, "valid")
    told = shell.error("access", "issue", APP, "Bo", "--save", str(file), status=2)
    assert "exists" in told["what"]
    shell.error("access", "issue", APP, "Bo", status=2)
    assert len(shell.json("access", "show", APP)["visitors"]) == 1
    words = shell.text("access", "issue", APP, "Bo", "--save", str(tmp_path / "bo.p12"))
    assert "The passphrase is shown this once." in " ".join(words.split())


def test_one_is_revoked_by_its_name_or_serial(shell: Shell, tmp_path: Path) -> None:
    for name in ("Ada", "Bo"):
        made = shell.json("access", "issue", APP, name, "--save", str(tmp_path / f"{name}.p12"))
    assert shell.json("access", "revoke", APP, "Ada")["visitors"][0]["state"] == "revoked"
    assert "holdfast app restart" in shell.text("access", "revoke", APP, made["serial"])
    shown = shell.json("access", "show", APP)["visitors"]
    assert [row["state"] for row in shown] == ["revoked", "revoked"]
    assert "Revoked" in shell.text("access", "show", APP)
    shell.error("access", "revoke", APP, "Ada", status=2)
