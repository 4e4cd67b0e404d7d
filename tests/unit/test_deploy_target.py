"""What a deploy takes over from the app as it is."""

from __future__ import annotations

from typing import cast

from holdfast.domain.app import AppConfiguration, Source
from holdfast.domain.names import AppName, HostName
from holdfast.domain.requests import DeployRequest
from holdfast.node.volume import Contents, Volume
from holdfast.operations.deploy_target import Target

NAME, HOST = AppName("api"), HostName("api.localhost")
SERVER = "python server.py"


def target(command: str | None) -> Target:
    source = Source(repository="https://example.org/api", branch="main", entrypoint="")
    before = AppConfiguration(
        name=NAME, source=source, host_name=HOST, command=command, uid=700_001
    )
    nowhere = cast(Volume, None)
    return Target(NAME, nowhere, Contents(before, ()), HOST)


def test_a_start_command_need_not_be_said_again() -> None:
    request = DeployRequest("https://example.org/api")
    assert target(SERVER).command(request) == SERVER
    assert target(None).command(request) is None


def test_a_start_command_replaces_the_one_of_before() -> None:
    request = DeployRequest("https://example.org/api", command="python other.py")
    assert target(SERVER).command(request) == "python other.py"
