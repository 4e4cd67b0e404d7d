"""`holdfast secrets` on a world in memory: what it shows, what it takes, and what it keeps to
itself."""

from __future__ import annotations

import io
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from shell import Capture, Shell

APP = "fleet-map"
MARK = "tr0ub4dor"
DOCUMENT = f"""\
# the warehouse
URL = "postgresql://u:{MARK}@db/x"
DB_PORT = 5432
HOSTS = ["a", "b"]
DEBUG = true
PATH = "/opt"

[mail]
password = "{MARK}"
"""


@pytest.fixture
def shell(capsys: Capture) -> Shell:
    shell = Shell(capsys)
    shell.world.memory.kept_secrets.keep(APP, DOCUMENT)
    return shell


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Puts bytes on standard input."""
    return lambda given: monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))


def kept(shell: Shell) -> str:
    return shell.world.memory.kept_secrets.document(APP).reveal().decode()


def test_list_tells_names_types_and_sizes_and_no_value(shell: Shell) -> None:
    told = shell.json("secrets", "list", APP)
    rows = told["secrets"]
    assert told["bytes"] == len(DOCUMENT.encode())
    assert [tuple(row.values())[:4] for row in rows] == [
        ("URL", "string", True, len(f"postgresql://u:{MARK}@db/x")),
        ("DB_PORT", "integer", True, 4),
        ("HOSTS", "array", False, len('["a", "b"]')),
        ("DEBUG", "boolean", False, 4),
        ("PATH", "string", False, 4),
        ("mail.password", "string", False, len(MARK)),
    ]
    assert list(rows[0]) == ["name", "type", "environment", "bytes", "reason"]
    assert (rows[0]["reason"], rows[3]["reason"]) == (
        None,
        "Only texts and numbers become variables.",
    )
    missing = {each["name"]: each for each in told["missing"]}
    assert missing["mail.server"]["where"] == "report/send.py line 21"
    assert missing["SENTRY_DSN"]["optional"]
    assert missing["WAREHOUSE_URL"]["environment"]
    table = shell.text("secrets", "list", APP)
    assert "mail.password" in table
    assert "Holdfast's own value" in table
    assert MARK not in table + shell.errors


def test_get_shows_a_value_when_that_is_said(shell: Shell) -> None:
    error = shell.error("secrets", "get", APP, "mail.password", status=2)
    assert "--reveal" in error["what"]
    assert MARK not in str(error)
    assert shell.text("secrets", "get", APP, "mail.password", "--reveal") == f"{MARK}\n"
    assert shell.json("secrets", "get", APP, "DB_PORT", "--reveal") == {
        "name": "DB_PORT",
        "value": "5432",
    }


def test_get_keeps_the_lines_of_a_value(
    shell: Shell, give: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    give(b"-----BEGIN-----\nabc=\n")
    shell.text("secrets", "set", APP, "key")
    assert shell.text("secrets", "get", APP, "key", "--reveal") == "-----BEGIN-----\nabc=\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert shell.text("secrets", "get", APP, "key", "--reveal") == "-----BEGIN-----\nabc=\n"


@pytest.mark.parametrize("name", ["absent", "mail", "mail.absent", "URL.x", "a b", "", "a\nb=1"])
def test_a_name_that_is_no_value_is_refused(shell: Shell, name: str) -> None:
    error = shell.error("secrets", "get", APP, name, "--reveal", status=2)
    assert error["next"]
    assert MARK not in str(error)


def test_set_reads_standard_input_without_the_last_line_end(
    shell: Shell, give: Callable[[bytes], None]
) -> None:
    give(b"new \xc3\xa9\n\n")
    assert shell.json("secrets", "set", APP, "mail.password") == {
        "name": APP,
        "secrets": ["URL", "DB_PORT", "HOSTS", "DEBUG", "PATH", "mail.password"],
        "applied": "live",
    }
    assert kept(shell) == DOCUMENT.replace(f'password = "{MARK}"', 'password = "new é\\n"')
    assert "new" not in shell.errors


def test_set_takes_toml_where_that_is_said(shell: Shell, give: Callable[[bytes], None]) -> None:
    give(b"5433\n")
    shell.text("secrets", "set", APP, "DB_PORT", "--toml", "--later")
    assert "DB_PORT = 5433\n" in kept(shell)
    give(b"{ x = 1 }")
    assert "one value" in shell.error("secrets", "set", APP, "made", "--toml", status=2)["what"]
    give(b"1\nother = 2")
    assert "one value" in shell.error("secrets", "set", APP, "made", "--toml", status=2)["what"]
    give(MARK.encode())
    assert MARK not in str(shell.error("secrets", "set", APP, "made", "--toml", status=2))


@pytest.mark.parametrize("name", ["mail", "URL.part", "mail.password.part"])
def test_set_replaces_no_section_and_makes_none_of_a_value(
    shell: Shell, give: Callable[[bytes], None], name: str
) -> None:
    give(b"x")
    assert "unset" in shell.error("secrets", "set", APP, name, status=2)["next"]
    assert kept(shell) == DOCUMENT


def test_bytes_that_are_no_text_are_refused(shell: Shell, give: Callable[[bytes], None]) -> None:
    give(b"\xff\xfe")
    assert "UTF-8" in shell.error("secrets", "set", APP, "key", status=2)["why"]


def test_unset_removes_a_value_or_a_section(shell: Shell) -> None:
    shell.text("secrets", "unset", APP, "HOSTS")
    shell.text("secrets", "unset", APP, "mail")
    assert kept(shell).startswith("# the warehouse\nURL")
    names = [row["name"] for row in shell.json("secrets", "list", APP)["secrets"]]
    assert names == ["URL", "DB_PORT", "DEBUG", "PATH"]
    assert "absent" in shell.error("secrets", "unset", APP, "absent", status=2)["what"]


@pytest.mark.parametrize(("answer", "applied"), [("y", "live"), ("n", "on next start")])
def test_on_a_terminal_a_new_start_is_asked_about(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, answer: str, applied: str
) -> None:
    shell = Shell(capsys, "flask")
    shell.world.memory.kept_secrets.keep(APP, DOCUMENT)
    terminal = io.StringIO(f"{answer}\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    assert applied in shell.text("secrets", "unset", APP, "mail")
    assert "Start it again now?" in shell.errors
    # nobody answers a script's question
    assert shell.json("secrets", "unset", APP, "HOSTS")["applied"] == "live"


def test_undo_returns_to_the_version_before(shell: Shell) -> None:
    shell.text("secrets", "unset", APP, "mail")
    shell.text("secrets", "undo", APP)
    assert kept(shell) == DOCUMENT


def test_import_replaces_or_joins(
    shell: Shell, tmp_path: Path, give: Callable[[bytes], None]
) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text(f'password = "{MARK}"')
    found = shell.json("secrets", "import", APP, str(file))
    assert found == {"name": APP, "secrets": ["password"], "applied": "live"}
    assert MARK not in shell.errors
    give(b"a = 1")
    shell.text("secrets", "import", APP, "-", "--merge")
    assert kept(shell) == f'password = "{MARK}"\na = 1'
    dotenv = tmp_path / ".env"
    dotenv.write_text("export A='1 2'\n")
    shell.text("secrets", "import", APP, str(dotenv))
    assert kept(shell) == 'A = "1 2"\n'
    assert shell.error("secrets", "import", APP, "/does/not/exist", status=2)["next"]


# the editor

#: What stands for a person's editor: FILE is its last argument.
EDITOR = """
import os, stat, sys
file = sys.argv[-1]
folder = os.path.dirname(file)
seen = [file, oct(os.stat(file).st_mode & 0o777), oct(os.stat(folder).st_mode & 0o777)]
print("\\n".join(seen), file=open(sys.argv[1], "w"))
text = open(file).read()
{change}
open(file + "~", "w").write(text)
open(file, "w").write(text)
"""


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Sets EDITOR to one that changes `text`; the file that says what it saw."""

    def set_editor(change: str) -> Path:
        script = tmp_path / "editor.py"
        script.write_text(EDITOR.format(change=change))
        seen = tmp_path / "seen"
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", shlex.join([sys.executable, str(script), str(seen)]))
        return seen

    return set_editor


def test_edit_works_on_a_file_in_ram_that_is_gone_afterwards(
    shell: Shell, editor: Callable[[str], Path]
) -> None:
    seen = editor('text = text.replace("5432", "5433")')
    assert shell.json("secrets", "edit", APP)["applied"] == "live"
    assert kept(shell) == DOCUMENT.replace("5432", "5433")
    file, mode, folder_mode = seen.read_text().split()
    assert (mode, folder_mode) == ("0o600", "0o700")
    kind = subprocess.run(
        ["stat", "-f", "-c", "%T", "/dev/shm"], capture_output=True, text=True, check=True
    )
    assert file.startswith("/dev/shm/")
    assert kind.stdout.strip() == "tmpfs"
    assert not Path(file).parent.exists()


def test_a_mistake_in_the_editor_saves_nothing_and_quotes_nothing(
    shell: Shell, editor: Callable[[str], Path], give: Callable[[bytes], None]
) -> None:
    give(b"")
    seen = editor(f'text = "a = 1\\nb = {MARK}"')
    error = shell.error("secrets", "edit", APP, status=2)
    assert "line 2, column 5" in error["what"]
    assert MARK not in str(error) + shell.errors
    assert kept(shell) == DOCUMENT
    assert not Path(seen.read_text().split()[0]).parent.exists()


@pytest.mark.parametrize("change", ["sys.exit(3)", "os.kill(os.getppid(), 15); os.pause()"])
def test_an_editor_that_is_left_or_killed_saves_nothing(
    shell: Shell, editor: Callable[[str], Path], change: str
) -> None:
    change = change.replace("os.pause()", "__import__('signal').pause()")
    seen = editor(change)
    left = "exit" in change
    assert shell.error("secrets", "edit", APP, status=1 if left else 128 + signal.SIGTERM)["what"]
    assert kept(shell) == DOCUMENT
    assert not Path(seen.read_text().split()[0]).parent.exists()


def test_an_editor_that_cannot_start_is_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "/no/such/editor")
    assert "/no/such/editor" in shell.error("secrets", "edit", APP, status=2)["what"]
    assert kept(shell) == DOCUMENT


def test_the_password_of_an_index_is_kept_beside_the_others(
    shell: Shell, give: Callable[[bytes], None]
) -> None:
    give(f"{MARK}-index\n".encode())
    done = shell.json("secrets", "index", APP, "packages.example.lan", "--username", "reader")
    assert 'holdfast.build."packages.example.lan".password' in done["secrets"]
    assert kept(shell).startswith("# the warehouse\n")
    assert f'password = "{MARK}-index"' in kept(shell)
    give(b"x\n")
    error = shell.error("secrets", "index", APP, "https://packages.example.lan", status=2)
    assert "without https://" in error["why"]
