"""The recovery kit on the command line, on a world in memory."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import sample
from own_terminal import Terminal
from shell import Capture, Shell

from holdfast.presenters.kit_page import kit_page


@pytest.fixture
def shell(capsys: Capture) -> Shell:
    return Shell(capsys)


class TestKit:
    def give(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    def test_is_shown_once_as_a_page(self, capsys: Capture) -> None:
        shell = Shell(capsys, "no-kit")
        page = shell.text("kit", "create")
        assert page == kit_page(sample.kit())
        assert "holdfast kit check" in shell.errors
        assert shell.json("kit", "create") == {
            "recipient": sample.kit().recipient,
            "identity": sample.KIT_IDENTITY,
            "saved": None,
        }

    def test_is_saved_for_its_owner_alone(self, capsys: Capture, tmp_path: Path) -> None:
        shell, file = Shell(capsys, "no-kit"), tmp_path / "kit.txt"
        found = shell.json("kit", "create", "--save", str(file))
        assert (found["identity"], found["saved"]) == (None, str(file))
        assert file.read_text() == kit_page(sample.kit())
        assert file.stat().st_mode & 0o777 == 0o600
        assert sample.KIT_IDENTITY not in shell.errors
        before = shell.world.asked.copy()
        assert "exists" in shell.error("kit", "create", "--save", str(file), status=2)["what"]
        shell.error("kit", "create", "--save", str(tmp_path / "no" / "kit.txt"), status=2)
        assert shell.world.asked == before

    def test_is_not_made_again_unasked(self, shell: Shell) -> None:
        assert "was confirmed" in shell.error("kit", "create", status=2)["what"]
        assert shell.json("kit", "create", "--replace")["identity"] == sample.KIT_IDENTITY

    @pytest.mark.parametrize("verb", ["check", "open"])
    def test_is_read_from_standard_input(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch, verb: str
    ) -> None:
        self.give(monkeypatch, kit_page(sample.kit()))
        found = shell.json("kit", verb)
        assert found["recipient"] == sample.kit().recipient
        assert "fleet-map" in found["apps"]

    def test_is_printed_again_for_who_has_it(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.give(monkeypatch, sample.KIT_IDENTITY)
        assert shell.text("kit", "print") == kit_page(sample.kit())

    @pytest.mark.parametrize("verb", ["check", "open", "print"])
    def test_is_refused_with_one_wrong_character(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch, verb: str
    ) -> None:
        wrong = sample.KIT_IDENTITY.replace("SJZGF", "SJZGG", 1)
        self.give(monkeypatch, wrong)
        error = shell.error("kit", verb, status=2)
        assert "checksum" in error["why"]
        assert wrong[20:40] not in str(error) + shell.errors


class TestAdmins:
    def test_are_listed(self, shell: Shell) -> None:
        found = shell.json("kit", "admins")["admins"]
        assert [(admin["name"], admin["here"]) for admin in found] == [
            ("ada on workshop", True),
            ("bo on lab-laptop", False),
        ]
        assert "this workstation" in shell.text("kit", "admins")

    def test_are_revoked_only_if_it_is_meant(self, shell: Shell) -> None:
        error = shell.error("kit", "revoke", "bo on lab-laptop", status=2)
        assert "--yes" in error["next"]
        assert len(shell.json("kit", "admins")["admins"]) == 2

    def test_revoking_tells_the_new_kit_once_and_what_is_left_to_do(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        file = tmp_path / "kit.txt"
        done = shell.json("kit", "revoke", "bo on lab-laptop", "--yes", "--save", str(file))
        assert file.read_text() == kit_page(sample.kit())
        assert done["kit"] == {
            "recipient": sample.kit().recipient,
            "identity": None,
            "saved": str(file),
        }
        assert (done["admin"], len(done["apps"])) == ("bo on lab-laptop", 7)
        told = " ".join(done["still_to_do"])
        for each in ("engine", "secrets", "old one", "kit open", sample.CA_FILE):
            assert each in told
        assert [admin["name"] for admin in shell.json("kit", "admins")["admins"]] == [
            "ada on workshop"
        ]

    def test_the_new_kit_is_saved_before_any_volume_is_copied(
        self, capsys: Capture, tmp_path: Path
    ) -> None:
        shell, file = Shell(capsys, "full-disk"), tmp_path / "kit.txt"
        error = shell.error("kit", "revoke", "bo on lab-laptop", "--yes", "--save", str(file))
        assert "disk is full" in error["what"]
        assert file.read_text() == kit_page(sample.kit())
        assert str(file) in shell.errors.replace("\n", "")
        # the same command once more would make another kit, and this one worthless
        again = ("kit", "revoke", "bo on lab-laptop", "--yes", "--save", str(file))
        assert "holdfast kit check" in shell.error(*again, status=2)["next"]

    def test_where_it_cannot_be_saved_the_revocation_goes_on_and_that_is_told(
        self, shell: Shell
    ) -> None:
        nowhere = "/proc/self/kit.txt"
        error = shell.error("kit", "revoke", "bo on lab-laptop", "--yes", "--save", nowhere)
        assert "could not be written" in error["what"]
        assert "holdfast kit create" in error["next"]
        assert len(shell.json("kit", "admins")["admins"]) == 1

    def test_the_page_and_the_list_are_shown_to_a_person(self, shell: Shell) -> None:
        said = shell.text("kit", "revoke", "bo on lab-laptop", "--yes")
        assert said.startswith(kit_page(sample.kit()))
        assert "Only you can do the rest" in said

    def test_nobody_revokes_themselves(self, shell: Shell) -> None:
        error = shell.error("kit", "revoke", "ada on workshop", "--yes", status=2)
        assert "another admin's workstation" in error["next"]


def test_on_a_terminal_it_is_asked_for_again_unseen() -> None:
    terminal = Terminal("kit", "create", faults="no-kit")
    said = terminal.read_until("AGE-SECRET-KEY-1…): ")
    assert sample.KIT_IDENTITY in said
    terminal.type(sample.KIT_IDENTITY)
    answer = terminal.read_until("It is confirmed.")
    assert sample.KIT_IDENTITY not in answer
    assert terminal.close() == 0
