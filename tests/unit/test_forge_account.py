"""Where the APIs of forges may be."""

from __future__ import annotations

import pytest

from holdfast.domain.errors import UsageError
from holdfast.domain.forge_account import ForgeKind, parse_api, web_host, web_root

#: No addresses of servers, or with more than one has to have.
ODD = (
    "https://",
    "https://[",
    "https://git.example:port",
    "https://git.example:99999",
    "https://ada:x@git.example",
    "https://ada@git.example",
    "https://git.example/?token=x",
    "https://git.example/#x",
    "https://git.example/ x",
    "https://git.exa\nmple",
)


def test_apis_to_which_a_token_may_go() -> None:
    assert parse_api("https://git.example/api/v3/") == "https://git.example/api/v3"
    assert parse_api("http://127.0.0.1:4010") == "http://127.0.0.1:4010"
    assert parse_api("http://[::1]:4010") == "http://[::1]:4010"


@pytest.mark.parametrize("text", ["http://git.example", "git.example", "file:///x", *ODD])
def test_apis_to_which_no_token_goes(text: str) -> None:
    with pytest.raises(UsageError, match=r"this machine itself") as told:
        parse_api(text)
    assert told.value.__context__ is None


def test_an_api_and_what_people_see() -> None:
    assert web_host("https://api.github.com") == "github.com"
    assert web_root("https://api.github.com") == "https://github.com"
    assert web_host("https://git.example/api/v3") == "git.example"
    assert web_root("https://git.example/api/v3") == "https://git.example"


def test_where_the_api_of_a_gitlab_is() -> None:
    assert parse_api("https://git.example/x/api/v4/", ForgeKind.GITLAB) == (
        "https://git.example/x/api/v4"
    )
    for wrong in ("https://git.example", "https://git.example/api/v3", "http://git.example/api/v4"):
        with pytest.raises(UsageError, match="no address of a GitLab API"):
            parse_api(wrong, ForgeKind.GITLAB)
