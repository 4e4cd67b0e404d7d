"""The frameworks an app may be written in: how to tell them, and how each is started."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from holdfast.domain.errors import UsageError


class Framework(StrEnum):
    """In the order of precedence where one file imports several."""

    STREAMLIT = "streamlit"
    GRADIO = "gradio"
    DASH = "dash"
    PANEL = "panel"
    FASTAPI = "fastapi"
    FLASK = "flask"
    COMMAND = "command"


#: The class, or the factory, whose value a server is told to serve.
_SERVED = {Framework.DASH: "Dash", Framework.FASTAPI: "FastAPI", Framework.FLASK: "Flask"}
#: What starts the app and may not stand among its own dependencies.
_ALWAYS = {
    Framework.STREAMLIT: ("streamlit",),
    Framework.FASTAPI: ("uvicorn",),
    Framework.DASH: ("gunicorn",),
    Framework.FLASK: ("gunicorn",),
}


@dataclass(frozen=True, slots=True)
class Entrypoint:
    """The file that is the app.

    application: for frameworks that are served from outside, the variable that holds the app or
    `name()` of the function that makes it; None where the file starts its own server.
    command: the `web:` line of a Procfile (framework COMMAND).
    """

    path: str
    framework: Framework
    application: str | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True)
class StartCommand:
    """What the launcher runs. Nothing in it is secret."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def always_installed(framework: str) -> tuple[str, ...]:
    """The packages an environment needs for `framework`, whatever the project lists."""
    return _ALWAYS.get(Framework(framework), ())


def detect(source: str) -> tuple[Framework, str | None] | None:
    """The framework a file imports and its application, or None if it imports none."""
    imported = _imported(source)
    if "gradio" in imported and "mount_gradio_app" in source:
        # Gradio as a part of a FastAPI app: the outer one listens
        imported.discard("gradio")
    for framework in Framework:
        if framework.value in imported:
            return framework, _application(source, framework)
    return None


def mentioned(dependencies: str) -> Framework | None:
    """The framework that a dependency file names, for an entrypoint that imports none itself."""
    names = {
        canonicalize_name(word) for word in re.findall(r"[A-Za-z][A-Za-z0-9._-]*", dependencies)
    }
    return next((framework for framework in Framework if framework.value in names), None)


def _imported(source: str) -> set[str]:
    """Top names of all imports; by pattern where this Python cannot parse the file."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return set(re.findall(r"^\s*(?:from|import)\s+(\w+)", source, re.MULTILINE))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _application(source: str, framework: Framework) -> str | None:
    if framework not in _SERVED:
        return None
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        return None
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            called = ast.unparse(node.value.func).rpartition(".")[2]
            made = called in ("create_app", "make_app", "mount_gradio_app")
            for target in targets:
                if isinstance(target, ast.Name) and (called == _SERVED[framework] or made):
                    return target.id + (".server" if framework is Framework.DASH else "")
    functions = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    return next((f"{name}()" for name in ("create_app", "make_app") if name in functions), None)


def start_command(
    framework: str,
    entrypoint: str,
    port: int,
    *,
    application: str | None = None,
    command: str | None = None,
    authorities: Sequence[str] = (),
    streamlit_version: str | None = None,
    upload_megabytes: int = 200,
    statistics: bool | None = False,
    environment: str = "/mnt/app/environment",
    secrets: str = "/home/app/.streamlit/secrets.toml",
) -> StartCommand:
    """How to start the app from the repository's root, listening on 127.0.0.1:`port`.

    command: the admin's own or a Procfile's, run by a shell. authorities: the hosts as visitors
    type them, which Panel compares with a websocket's Origin. streamlit_version: what the build
    installed; it decides which options are known. statistics: None leaves them to the repository.
    """
    common = {
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
        # the checkout is renewed file by file: no stale bytecode, no writes beside the code
        "PYTHONDONTWRITEBYTECODE": "1",
        "VIRTUAL_ENV": environment,
        "PATH": f"{environment}/bin:/usr/local/bin:/usr/bin:/bin",
    }
    if command is not None:
        return StartCommand(("/bin/sh", "-c", command), common)
    python = f"{environment}/bin/python"
    listen = f"127.0.0.1:{port}"
    match Framework(framework):
        case Framework.STREAMLIT:
            flags, settings = _streamlit(port, streamlit_version, upload_megabytes, secrets)
            if statistics is not None:
                flags += (f"--browser.gatherUsageStats={str(statistics).lower()}",)
            # the script, not `-m`: `-m` would put the root before the standard library
            run = (python, f"{environment}/bin/streamlit", "run", entrypoint, *flags)
            return StartCommand(run, common | settings)
        case Framework.GRADIO:
            return StartCommand((python, entrypoint), common | _gradio(port))
        case Framework.PANEL:
            origin = {"BOKEH_ALLOW_WS_ORIGIN": ",".join(authorities)} if authorities else {}
            serve = ("-m", "panel", "serve", entrypoint, "--address", "127.0.0.1", "--port")
            return StartCommand((python, *serve, str(port)), common | origin)
        case Framework.FASTAPI if application:
            factory = ("--factory",) if application.endswith("()") else ()
            folder, module = _module(entrypoint)
            target = f"{module}:{application.removesuffix('()')}"
            where = ("--host", "127.0.0.1", "--port", str(port), "--app-dir", folder)
            return StartCommand((python, "-m", "uvicorn", target, *factory, *where), common)
        case Framework.DASH | Framework.FLASK if application:
            folder, module = _module(entrypoint)
            run = (python, "-m", "gunicorn", f"{module}:{application}", "--bind", listen)
            # one process: an app keeps state in it, as it does under its own development server
            workers = ("--workers", "1", "--threads", "8", "--pythonpath", folder)
            return StartCommand((*run, *workers), common)
        case Framework.COMMAND:
            raise UsageError(
                "The app has no start command.",
                "Its framework is “command”, and neither a Procfile nor the admin gave one.",
                "Give one with --command.",
            )
        case _:
            return StartCommand((python, entrypoint), common)


def _module(entrypoint: str) -> tuple[str, str]:
    folder, _, name = entrypoint.rpartition("/")
    return folder or ".", name.removesuffix(".py")


def _gradio(port: int) -> dict[str, str]:
    return {
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_TEMP_DIR": "/tmp/gradio",
    }


#: First releases that know an option; found by starting them.
_KNOWS_NONE = Version("1.42")
_KNOWS_TLS = Version("1.20")


def _streamlit(
    port: int, version_text: str | None, upload_megabytes: int, secrets: str
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Flags and environment of Streamlit.

    Both outrank every config.toml. A flag that a release does not know aborts it, an unknown
    variable is ignored: so what not every release knows is a variable. An empty variable changes
    nothing, so what has to become empty is a flag, given to releases that know it.
    """
    try:
        version = Version(version_text) if version_text else None
    except InvalidVersion:
        version = None
    flags = ["--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true"]
    # empty: “/” would do for new releases and answers 404 in those up to 1.40
    flags += ["--server.baseUrlPath="]
    if version is not None and version >= _KNOWS_TLS:
        flags += ["--server.sslCertFile=", "--server.sslKeyFile="]
    settings = {
        # releases before 1.42 end at start when they read “none”
        "STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": (
            "none" if version is not None and version >= _KNOWS_NONE else "false"
        ),
        "STREAMLIT_GLOBAL_DEVELOPMENT_MODE": "false",
        "STREAMLIT_RUNNER_FAST_RERUNS": "true",
        "STREAMLIT_SECRETS_FILES": secrets,
        "STREAMLIT_SERVER_ENABLE_CORS": "true",
        "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "true",
        # the code lies on FUSE and is renewed by rename
        "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "poll",
        "STREAMLIT_SERVER_MAX_UPLOAD_SIZE": str(upload_megabytes),
        "STREAMLIT_SERVER_RUN_ON_SAVE": "true",
    }
    return tuple(flags), settings
