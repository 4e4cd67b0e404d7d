"""Usage statistics: what repositories say, what holds then, and what processes are told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sample

from holdfast.domain.discovery import discover, needed_files
from holdfast.domain.names import AppName
from holdfast.domain.statistics import effective, statistics_said
from holdfast.domain.telemetry import Telemetry
from holdfast.node.page_rules import page_rules
from holdfast.node.payloads import APP_PORT
from holdfast.node.serving import Pair, launch_file

OFF, ON = "[browser]\ngatherUsageStats = false\n", "browser.gatherUsageStats = true\n"
RELEASE = sample.releases(AppName("sales-board"))[0]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], None),
        ([OFF], False),
        ([ON], True),
        ([OFF, ON], True),
        ([OFF, "[theme]\nbase = 'dark'\n"], False),
        ([OFF, "[browser\n"], False),
        (["browser = 1\n"], None),
        (["[browser]\ngatherUsageStats = 'false'\n"], None),
    ],
)
def test_the_last_file_that_says_anything_counts(files: list[str], said: bool | None) -> None:
    assert statistics_said(files) is said


def test_a_file_beside_the_entrypoint_outranks_the_root_s() -> None:
    tree = {
        "apps/a.py": "import streamlit",
        ".streamlit/config.toml": OFF,
        "apps/.streamlit/config.toml": ON,
    }
    texts = {path: tree[path] for path in needed_files(tree, "apps/a.py")}
    assert discover(tree, texts.__getitem__, "apps/a.py").statistics is True
    del tree["apps/.streamlit/config.toml"]
    assert discover(tree, texts.__getitem__, "apps/a.py").statistics is False


@pytest.mark.parametrize("framework", ["streamlit", "gradio", "dash", "command"])
@pytest.mark.parametrize("said", [None, True, False])
def test_off_and_on_hold_whatever_the_repository_says(framework: str, said: bool | None) -> None:
    assert not effective(Telemetry.OFF, framework, said).on
    assert effective(Telemetry.ON, framework, said).on


@pytest.mark.parametrize(
    ("framework", "said", "on", "why"),
    [
        ("streamlit", None, True, "says nothing, and Streamlit sends them"),
        ("streamlit", False, False, "config.toml"),
        ("gradio", None, True, "Gradio"),
        ("dash", None, False, "sends none"),
        ("command", None, True, "start command"),
    ],
)
def test_as_the_repository_says(framework: str, said: bool | None, on: bool, why: str) -> None:
    found = effective(Telemetry.AS_REPOSITORY, framework, said)
    assert found.on is on
    assert why in found.source


def started(choice: Telemetry, framework: str) -> tuple[str, dict[str, str]]:
    configuration = replace(RELEASE.configuration, telemetry=choice)
    pair = Pair(configuration, replace(RELEASE, framework=framework), APP_PORT)
    told = json.loads(launch_file(pair))
    return " ".join(told["command"]), told["environment"]


def test_what_a_process_is_told() -> None:
    command, environment = started(Telemetry.OFF, "streamlit")
    assert command.endswith("--browser.gatherUsageStats=false")
    assert environment["HF_HUB_DISABLE_TELEMETRY"] == environment["DO_NOT_TRACK"] == "1"
    assert started(Telemetry.OFF, "gradio")[1]["GRADIO_ANALYTICS_ENABLED"] == "False"
    command, environment = started(Telemetry.ON, "streamlit")
    assert command.endswith("--browser.gatherUsageStats=true")
    assert "DO_NOT_TRACK" not in environment
    assert started(Telemetry.ON, "gradio")[1]["GRADIO_ANALYTICS_ENABLED"] == "True"
    for framework in ("streamlit", "gradio"):
        command, environment = started(Telemetry.AS_REPOSITORY, framework)
        assert "gatherUsageStats" not in command
        assert not {"GRADIO_ANALYTICS_ENABLED", "DO_NOT_TRACK"} & environment.keys()


def test_a_page_is_quiet_where_streamlit_could_send() -> None:
    def quiet(choice: Telemetry, framework: str, streamlit: str | None) -> bool:
        environment = replace(RELEASE.environment, streamlit=streamlit)
        release = replace(RELEASE, framework=framework, environment=environment)
        return page_rules(replace(RELEASE.configuration, telemetry=choice), release).quiet

    assert quiet(Telemetry.OFF, "streamlit", None)
    assert quiet(Telemetry.OFF, "command", "1.49.0")
    assert not quiet(Telemetry.OFF, "flask", None)
    assert not quiet(Telemetry.ON, "streamlit", "1.49.0")
