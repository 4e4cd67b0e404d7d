"""Which framework a file is written in, and what each is started with."""

from __future__ import annotations

import pytest

from holdfast.domain.errors import UsageError
from holdfast.domain.frameworks import (
    Framework,
    always_installed,
    detect,
    mentioned,
    start_command,
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import streamlit as st", (Framework.STREAMLIT, None)),
        ("import pandas\nfrom streamlit.web import cli", (Framework.STREAMLIT, None)),
        ("def page():\n    import streamlit", (Framework.STREAMLIT, None)),
        ("import gradio as gr\ndemo = gr.Blocks()", (Framework.GRADIO, None)),
        ("import panel as pn", (Framework.PANEL, None)),
        ("from fastapi import FastAPI\napi = FastAPI()", (Framework.FASTAPI, "api")),
        ("import fastapi\napi: object = fastapi.FastAPI(x=1)", (Framework.FASTAPI, "api")),
        ("from flask import Flask\ndef create_app(): ...", (Framework.FLASK, "create_app()")),
        ("import flask\nfrom x import create_app\nsite = create_app()", (Framework.FLASK, "site")),
        ("from dash import Dash, html\napp = Dash(__name__)", (Framework.DASH, "app.server")),
        ("import dash, flask\nx = dash.Dash(server=flask.Flask(''))", (Framework.DASH, "x.server")),
        (
            "import gradio as gr\nfrom fastapi import FastAPI\napp = FastAPI()\n"
            "app = gr.mount_gradio_app(app, demo, path='/ui')",
            (Framework.FASTAPI, "app"),
        ),
        ("import streamlit\nprint 'Python 2'", (Framework.STREAMLIT, None)),
        ("# import streamlit\nx = 'import flask'", None),
        ("from .streamlit import x", None),
        ("import streamlit_extras", None),
        ("\0", None),
    ],
)
def test_a_framework_is_told_by_its_imports(
    source: str, expected: tuple[Framework, str | None] | None
) -> None:
    assert detect(source) == expected


def test_a_dependency_file_may_name_the_framework() -> None:
    assert mentioned("pandas\nGradio[oauth]>=5\n") is Framework.GRADIO
    assert mentioned("streamlit-extras") is None


def test_streamlit_is_started_from_the_root_with_our_settings() -> None:
    start = start_command("streamlit", "apps/a.py", 8501, streamlit_version="1.57.0")
    environment = "/mnt/app/environment"
    assert start.command[:4] == (
        f"{environment}/bin/python",
        f"{environment}/bin/streamlit",
        "run",
        "apps/a.py",
    )
    assert "--server.address=127.0.0.1" in start.command
    assert "--server.port=8501" in start.command
    assert "--browser.gatherUsageStats=false" in start.command
    assert "--server.baseUrlPath=" in start.command
    assert start.environment["STREAMLIT_CLIENT_SHOW_ERROR_DETAILS"] == "none"
    assert start.environment["STREAMLIT_SECRETS_FILES"] == "/home/app/.streamlit/secrets.toml"
    assert start.environment["STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION"] == "true"


@pytest.mark.parametrize("version", ["1.12.0", "1.19.0", None, "not a version"])
def test_an_old_or_unknown_streamlit_gets_no_flag_it_may_not_know(version: str | None) -> None:
    start = start_command("streamlit", "app.py", 8501, streamlit_version=version)
    assert not any("ssl" in flag for flag in start.command)
    assert start.environment["STREAMLIT_CLIENT_SHOW_ERROR_DETAILS"] == "false"


@pytest.mark.parametrize("version", ["1.20.0", "1.44.2.dev20250415"])
def test_a_release_that_knows_tls_is_told_to_use_none(version: str) -> None:
    start = start_command("streamlit", "app.py", 1, streamlit_version=version)
    assert "--server.sslCertFile=" in start.command


@pytest.mark.parametrize(
    ("framework", "application", "part"),
    [
        ("fastapi", "api", "main:api --host 127.0.0.1 --port 7000 --app-dir src/web"),
        ("fastapi", "create_app()", "main:create_app --factory"),
        ("fastapi", None, "python src/web/main.py"),
        ("flask", "create_app()", "main:create_app() --bind 127.0.0.1:7000"),
        ("dash", "app.server", "main:app.server --bind 127.0.0.1:7000"),
        ("dash", None, "python src/web/main.py"),
        ("gradio", None, "python src/web/main.py"),
        ("panel", None, "panel serve src/web/main.py --address 127.0.0.1 --port 7000"),
    ],
)
def test_the_other_frameworks(framework: str, application: str | None, part: str) -> None:
    start = start_command(
        framework,
        "src/web/main.py",
        7000,
        application=application,
        authorities=["x.localhost:8443", "y.localhost"],
    )
    assert part in " ".join(start.command)
    assert start.environment["PORT"] == "7000"
    if framework == "panel":
        assert start.environment["BOKEH_ALLOW_WS_ORIGIN"] == "x.localhost:8443,y.localhost"
    if framework == "gradio":
        assert start.environment["GRADIO_SERVER_PORT"] == "7000"


def test_a_command_is_run_by_a_shell_with_the_environments_programs_first() -> None:
    start = start_command("command", "Procfile", 7000, command="gunicorn app:app -b :$PORT")
    assert start.command == ("/bin/sh", "-c", "gunicorn app:app -b :$PORT")
    assert start.environment["PATH"].startswith("/mnt/app/environment/bin:")
    with pytest.raises(UsageError):
        start_command("command", "Procfile", 7000)


def test_what_starts_the_app_is_always_installed() -> None:
    assert always_installed("streamlit") == ("streamlit",)
    assert always_installed("command") == ()
