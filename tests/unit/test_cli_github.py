"""holdfast github and its like, and what a sign-in opens, on a world in memory."""

from __future__ import annotations

import io

import pytest
from memory_repositories import HOST_KEY, public_key
from shell import Capture, Shell

from holdfast.domain.forge_account import ForgeKind, wanted_scopes

HTTPS, SSH = "https://github.com/team/sales", "git@github.com:team/sales.git"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """Standard input, which is no terminal."""
    content = io.BytesIO(b"ghp_secret\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(content))
    return content


@pytest.fixture
def shell(capsys: Capture, given: io.BytesIO) -> Shell:
    return Shell(capsys, "empty")


def test_a_token_is_read_told_and_forgotten(capsys: Capture, given: io.BytesIO) -> None:
    shell = Shell(capsys, "empty", "wide-token", "narrow-token")
    account = shell.json("github", "sign-in", "--token")
    assert (account["login"], account["host"]) == ("ada", "github.com")
    assert [(right["name"], right["state"]) for right in account["rights"]] == [
        ("repo", "has"),
        ("read:org", "lacks"),
        ("delete_repo", "need not have"),
    ]
    shown = shell.text("github", "show")
    assert "ada on github.com" in shown
    assert "Nothing here needs it" in shown
    assert account["organisations"] == []
    assert "Not told without read:org, which is not needed" in shown
    assert "ghp_secret" not in f"{account}{shown}{shell.errors}"
    assert shell.json("github", "sign-out") == {"signed_out": True}
    assert shell.json("github", "sign-out") == {"signed_out": False}
    assert shell.error("github", "show")["next"] == "Sign in: holdfast github sign-in"


def test_a_code_is_typed_in_a_browser(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no OAuth app" in shell.error("github", "sign-in")["what"]
    assert shell.json("github", "sign-in", "--client-id", "Iv1.team")["login"] == "ada"
    assert "https://github.com/login/device and type WDJB-MJHT" in shell.errors
    shell.json("github", "sign-out")
    monkeypatch.setenv("HOLDFAST_GITHUB_CLIENT_ID", "Iv1.team")
    assert shell.json("github", "sign-in")["login"] == "ada"


def test_an_api_that_is_not_encrypted_is_refused(shell: Shell) -> None:
    asked = ("github", "sign-in", "--token", "--api", "http://git.example/api/v3")
    assert "no address of a GitHub API" in shell.error(*asked, status=2)["what"]


def test_repositories_are_searched(shell: Shell) -> None:
    assert "not signed in" in shell.error("repository", "search", "sales")["what"]
    shell.json("github", "sign-in", "--token")
    found = shell.json("repository", "search", "sales")
    [only] = found["repositories"]
    assert (only["name"], only["private"], found["more"]) == ("team/sales", True, False)
    assert "private" in shell.text("repository", "search")
    by_ada = shell.json("repository", "search", "--organisation", "ada")["repositories"]
    assert [each["name"] for each in by_ada] == ["ada/notes"]
    assert "No repository" in shell.text("repository", "search", "elsewhere")


def test_a_key_is_installed_and_taken_back(shell: Shell) -> None:
    assert "not signed in" in shell.error("repository", "add", HTTPS, "--install-key")["what"]
    shell.json("github", "sign-in", "--token")
    added = shell.json("repository", "add", HTTPS, "--install-key")
    assert (added["address"], added["installed"], added["reachable"]) == (SSH, True, True)
    assert "Add the public key" not in shell.errors
    rotated = shell.json("repository", "rotate-key", SSH)
    assert (rotated["public_key"], rotated["installed"]) == (public_key(2), True)
    assert "installed" in shell.text("repository", "list")
    assert shell.json("repository", "remove", SSH)["by_hand"] == []
    assert shell.world.memory.github.installed == set()


def test_what_remains_to_be_done_by_hand_is_told(shell: Shell) -> None:
    shell.json("github", "sign-in", "--token")
    shell.json("repository", "add", SSH, "--install-key")
    shell.world.memory.faults.add("no-github")
    removed = shell.text("repository", "remove", SSH)
    assert "by hand" in removed
    assert "cannot be reached" in removed


def test_gitlab_has_a_sign_in_of_its_own(shell: Shell) -> None:
    asked = ("repository", "add", "https://gitlab.com/team/tools/sales", "--install-key")
    refused = shell.error(*asked)
    assert refused["what"] == "You are not signed in to GitLab."
    assert refused["next"] == "Sign in: holdfast gitlab sign-in"
    wrong = ("gitlab", "sign-in", "--api", "https://git.example")
    assert "no address of a GitLab API" in shell.error(*wrong, status=2)["what"]


@pytest.mark.parametrize(
    ("forge", "host", "scopes"),
    [
        ("gitlab", "gitlab.com", ["api"]),
        ("gitea", "gitea.com", ["read:user", "write:repository", "read:organization"]),
        ("forgejo", "codeberg.org", ["read:user", "write:repository", "read:organization"]),
        ("bitbucket", "bitbucket.org", list(wanted_scopes(ForgeKind.BITBUCKET))),
    ],
)
def test_each_forge_is_signed_in_to_searched_and_given_a_key(
    shell: Shell, forge: str, host: str, scopes: list[str]
) -> None:
    search = ("repository", "search", "sales", "--forge", forge)
    assert shell.error(*search)["next"] == f"Sign in: holdfast {forge} sign-in"
    owner = ("--email", "ada@example.org") if forge == "bitbucket" else ()
    account = shell.json(forge, "sign-in", *owner)
    kind = "API token" if owner else "access token"
    assert (account["login"], account["host"], account["token"]) == ("ada", host, kind)
    assert [right["name"] for right in account["rights"]] == scopes
    assert {right["state"] for right in account["rights"]} == {"has"}
    assert f"ada on {host}" in shell.text(forge, "show")
    [found] = shell.json(*search)["repositories"]
    assert (found["address"], found["private"]) == (f"https://{host}/team/sales.git", True)
    known = ("--host-key", HOST_KEY.fingerprint)
    added = shell.json("repository", "add", found["address"], "--install-key", *known)
    assert (added["address"], added["installed"]) == (f"git@{host}:team/sales.git", True)
    assert shell.json(forge, "sign-out") == {"signed_out": True}


@pytest.mark.parametrize(
    ("email", "why"),
    [
        ((), "None was given."),
        (("--email", "ada:x@example.org"), "“ada:x@example.org” is none."),
    ],
)
def test_bitbucket_is_told_whose_token_it_is(shell: Shell, email: list[str], why: str) -> None:
    refused = shell.error("bitbucket", "sign-in", *email)
    assert refused["why"] == why
    assert refused["next"].endswith("holdfast bitbucket sign-in --email ADDRESS")


def test_a_forge_of_ones_own_is_signed_in_to(shell: Shell) -> None:
    there = ("--api", "https://git.lan/api/v1")
    assert shell.json("forgejo", "sign-in", *there)["host"] == "git.lan"
    asked = ("repository", "add", "https://git.lan/team/sales", "--install-key")
    assert HOST_KEY.fingerprint in shell.error(*asked)["why"]
    added = shell.json(*asked, "--host-key", HOST_KEY.fingerprint)
    assert added["installed"] is True


@pytest.mark.parametrize("forge", ["Gitea", "Forgejo"])
def test_the_address_of_an_api_is_asked_for_whole(shell: Shell, forge: str) -> None:
    wrong = shell.error(forge.lower(), "sign-in", "--api", "https://git.lan", status=2)
    assert wrong["what"] == f"This is no address of a {forge} API."
    assert wrong["next"] == "Give it as https://HOST/api/v1."


def test_a_key_is_installed_at_gitlab(capsys: Capture, given: io.BytesIO) -> None:
    shell = Shell(capsys, "empty", "wide-token")
    account = shell.json("gitlab", "sign-in")
    assert (account["login"], account["host"]) == ("ada", "gitlab.com")
    assert [(right["name"], right["state"]) for right in account["rights"]] == [
        ("api", "has"),
        ("delete_repo", "need not have"),
    ]
    assert "Organisations" not in shell.text("gitlab", "show")
    address = "https://gitlab.com/team/tools/sales"
    made = shell.json("repository", "add", address, "--install-key")
    assert made["address"] == "git@gitlab.com:team/tools/sales.git"
    assert shell.json("gitlab", "sign-out") == {"signed_out": True}
    assert shell.json("gitlab", "sign-out") == {"signed_out": False}
