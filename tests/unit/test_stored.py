"""What lies on volumes and in Holdfast's folder stays readable, and damage is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from holdfast.adapters.home import Home, NodeSettings
from holdfast.domain.app import AppConfiguration, Commit, Environment, Limits, Release, Source
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName, HostName
from holdfast.domain.page_sources import Allowed, PageSources
from holdfast.domain.stored import Damaged, from_json, to_json
from holdfast.domain.telemetry import Telemetry
from holdfast.node.inventory import LaunchStatus

#: As 0.1.0 wrote them. A later Holdfast has to read them, so do not change what is here.
_CONFIGURATION = """{
 "name": "sales-board",
 "source": {
  "repository": "https://git.example.lan/team/sales",
  "branch": "main",
  "entrypoint": "pages/Übersicht.py"
 },
 "host_name": "sales.example.lan",
 "limits": {
  "memory_bytes": 2147483648,
  "cpus": 0.5,
  "pids": 256
 },
 "python": null,
 "command": null,
 "uid": 231004,
 "wanted": true,
 "release": "r-20261120-101500",
 "telemetry": "on",
 "page": {
  "allowed": "listed",
  "hosts": [
   "*.example.org"
  ]
 }
}"""
_RELEASE = (
    """{
 "id": "r-20261120-101500",
 "commit": {
  "id": "a41f9c2000000000000000000000000000000000",
  "message": "Fix “totals” of Q3",
  "author": "Åsa Berg",
  "created": "2026-11-20T09:03:04+02:00"
 },
 "created": "2026-11-20T10:15:00.123456Z",
 "configuration": """
    + _CONFIGURATION.replace("\n", "\n ")
    + """,
 "entrypoint": "pages/Übersicht.py",
 "dependency_file": "requirements.txt",
 "python": "3.13",
 "framework": "streamlit",
 "application": null,
 "command": null,
 "environment": {
  "digest": "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f",
  "packages": 41,
  "size_bytes": 151000000,
  "cached": false,
  "inputs": "abababab",
  "streamlit": "1.49.0"
 },
 "image": "sha256:cdcdcdcd",
 "statistics": false
}"""
)
CONFIGURATION = AppConfiguration(
    name=AppName("sales-board"),
    source=Source(
        repository="https://git.example.lan/team/sales",
        branch="main",
        entrypoint="pages/Übersicht.py",
    ),
    host_name=HostName("sales.example.lan"),
    limits=Limits(memory_bytes=2 << 30, cpus=0.5),
    uid=231_004,
    release="r-20261120-101500",
    telemetry=Telemetry.ON,
    page=PageSources(Allowed.LISTED, ("*.example.org",)),
)
RELEASE = Release(
    id="r-20261120-101500",
    commit=Commit(
        id="a41f9c2" + "0" * 33,
        message="Fix “totals” of Q3",
        author="Åsa Berg",
        created=datetime(2026, 11, 20, 9, 3, 4, tzinfo=timezone(timedelta(hours=2))),
    ),
    created=datetime(2026, 11, 20, 10, 15, 0, 123456, tzinfo=UTC),
    configuration=CONFIGURATION,
    entrypoint="pages/Übersicht.py",
    dependency_file="requirements.txt",
    python="3.13",
    framework="streamlit",
    environment=Environment(
        digest="0f" * 16,
        packages=41,
        size_bytes=151_000_000,
        inputs="ab" * 4,
        streamlit="1.49.0",
    ),
    image="sha256:cdcdcdcd",
    statistics=False,
)


@pytest.mark.parametrize(("fact", "text"), [(CONFIGURATION, _CONFIGURATION), (RELEASE, _RELEASE)])
def test_stored_text_is_read_and_written_as_ever(fact: Any, text: str) -> None:
    assert from_json(type(fact), text.encode()) == fact
    written = to_json(fact)
    assert written.startswith(text[:50])
    assert _holds(json.loads(written), json.loads(text))


def _holds(written: Any, known: Any) -> bool:
    """Whether all that is known is there unchanged; what came later may be there too."""
    if not isinstance(known, dict):
        return bool(written == known)
    return all(name in written and _holds(written[name], known[name]) for name in known)


def test_what_a_newer_holdfast_added_is_passed_over() -> None:
    fields = json.loads(_CONFIGURATION) | {"colour": {"on": False}}
    assert from_json(AppConfiguration, json.dumps(fields).encode()) == CONFIGURATION


def test_what_an_older_holdfast_did_not_know_has_its_default() -> None:
    fields = json.loads(_CONFIGURATION)
    del fields["limits"], fields["python"], fields["command"], fields["wanted"]
    del fields["telemetry"], fields["page"]
    found = from_json(AppConfiguration, json.dumps(fields).encode())
    assert (found.limits, found.python, found.command, found.wanted) == (Limits(), None, None, True)
    assert (found.telemetry, found.page) == (Telemetry.OFF, PageSources())


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"uid": "231004"}, "$.uid"), ({"uid": None}, "$.uid"), ({"limits": {"cpus": "1"}}, "cpus")],
)
def test_a_value_of_another_type_is_damage_and_its_place_is_told(
    changes: dict[str, Any], told: str
) -> None:
    fields = json.loads(_CONFIGURATION) | changes
    with pytest.raises(Damaged) as damage:
        from_json(AppConfiguration, json.dumps(fields).encode())
    assert told in str(damage.value)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"state": "\xff"}',
        b'{"state": "\\ud800"}',
        b'{"restarts": 1e400}',
        b'{"restarts": ' + b"1" * 9000 + b"}",
        b'{"other": ' + b"[" * 200_000,
    ],
)
def test_whatever_an_app_writes_as_its_status_is_read_or_called_damaged(text: bytes) -> None:
    with pytest.raises(Damaged):
        from_json(LaunchStatus, text)


def test_the_engine_that_was_chosen_is_remembered(tmp_path: Path) -> None:
    home = Home({"HOLDFAST_HOME": str(tmp_path / "new")})
    assert home.node() == NodeSettings()
    home.remember(NodeSettings("/run/docker.sock"))
    assert (home.folder / "node.json").read_text() == '{\n "engine": "/run/docker.sock"\n}'
    assert home.node() == NodeSettings("/run/docker.sock")
    home.forget()
    assert home.node() == NodeSettings()


def test_damaged_settings_are_told_with_a_way_out(tmp_path: Path) -> None:
    file = tmp_path / "node.json"
    file.write_text('{"engine": 1}')
    with pytest.raises(HoldfastError) as told:
        Home({"HOLDFAST_HOME": str(tmp_path)}).node()
    assert str(file) in told.value.why
    assert "Delete that file" in told.value.next
