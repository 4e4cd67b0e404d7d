"""What the builder's script resolves: each kind of file that lists packages, pinned."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from builder_world import PACKAGE, PROJECT, SIX, UV, ZERO, Builder

NIGHTLY = "1.49.1.dev20250827"


def test_requirements_are_pinned_with_their_hashes(builder: Builder) -> None:
    builder.write("app/requirements.txt", "six<2  # for the example\n")
    told = builder.resolve("requirements", "app/requirements.txt")
    assert told["packages"] == 1
    assert told["streamlit"] is None
    assert re.fullmatch(r"six==1\.\S+( --hash=sha256:\w{64})+\n", builder.resolved)


def test_the_digest_knows_neither_the_place_nor_comments(builder: Builder, tmp_path: Path) -> None:
    builder.write("requirements.txt", f"./own\n{SIX}\n")
    builder.write("own/pyproject.toml", PACKAGE)
    builder.write("own/demo.py", "")
    first = builder.resolve("requirements", "requirements.txt")["resolved_sha256"]
    builder.write("requirements.txt", f"# again\n{SIX}\n./own\n")
    moved = Builder(tmp_path / "moved", builder.cache)
    shutil.copytree(builder.code, moved.code)
    assert moved.resolve("requirements", "requirements.txt")["resolved_sha256"] == first
    moved.write("own/demo.py", "changed = True")
    assert moved.resolve("requirements", "requirements.txt")["resolved_sha256"] != first


def test_what_is_always_installed_comes_once(builder: Builder) -> None:
    builder.write("requirements.txt", "six==1.16.0\n")
    told = builder.resolve("requirements", "requirements.txt", always=["six", "colorama"])
    assert told["packages"] == 2
    assert builder.resolved.count("six==") == 1
    assert "six==1.16.0" in builder.resolved
    assert builder.resolve("none", None, always=["six"])["packages"] == 1
    assert builder.resolve("none", None)["packages"] == 0


def test_streamlit_is_told_with_its_version(builder: Builder) -> None:
    text = '{"_meta": {}, "default": {"streamlit": {"version": "==1.50.0"}}}'
    builder.write("Pipfile.lock", text)
    told = builder.resolve("pipfile-lock", "Pipfile.lock", always=["streamlit"])
    assert told["streamlit"] == "1.50.0"


@pytest.mark.parametrize(
    ("kind", "file", "text"),
    [
        ("requirements", "requirements.txt", "streamlit-nightly=={}\n"),
        ("pyproject", "pyproject.toml", PROJECT + 'dependencies = ["streamlit_nightly=={}"]\n'),
        ("pipfile", "Pipfile", '[packages]\nstreamlit-nightly = "=={}"\n'),
        (
            "pipfile-lock",
            "Pipfile.lock",
            '{{"default": {{"streamlit-nightly": {{"version": "=={}"}}}}}}',
        ),
    ],
)
def test_a_nightly_streamlit_is_not_joined_by_a_stable_one(
    builder: Builder, kind: str, file: str, text: str
) -> None:
    builder.write(file, text.format(NIGHTLY))
    assert builder.resolve(kind, file, always=["streamlit"])["streamlit"] == NIGHTLY
    assert "streamlit==" not in builder.resolved


def test_requirements_that_powershell_wrote_are_read(builder: Builder) -> None:
    builder.code.mkdir()
    (builder.code / "requirements.txt").write_text(f"{SIX}\r\n", encoding="utf-16")
    assert builder.resolve("requirements", "requirements.txt")["packages"] == 1


def test_a_pipfile_lock_keeps_its_hashes(builder: Builder) -> None:
    lock = {
        "_meta": {"sources": [{"url": "https://pypi.org/simple"}]},
        "default": {
            "six": {"version": "==1.16.0", "hashes": [f"sha256:{ZERO}"]},
            "pywin32": {"version": "==306", "markers": "sys_platform == 'win32'"},
        },
        "develop": {"colorama": {"version": "==0.4.6"}},
    }
    builder.write("Pipfile.lock", json.dumps(lock))
    assert builder.resolve("pipfile-lock", "Pipfile.lock")["packages"] == 1
    assert builder.resolved == f"six==1.16.0 --hash=sha256:{ZERO}\n"
    # a lock without the framework: it is added and the pin stays
    told = builder.resolve("pipfile-lock", "Pipfile.lock", always=["colorama"])
    assert told["packages"] == 2
    assert f"six==1.16.0 --hash=sha256:{ZERO}\n" in builder.resolved


def test_a_pipfile_is_resolved(builder: Builder) -> None:
    builder.write("own/pyproject.toml", PACKAGE)
    builder.write("own/demo.py", "")
    builder.write(
        "Pipfile",
        '[[source]]\nurl = "https://pypi.org/simple"\n[packages]\nsix = "==1.17.0"\n'
        'demo = {path = "./own", editable = true}\n'
        'pywin32 = {version = "*", sys_platform = "== \'win32\'"}\n',
    )
    assert builder.resolve("pipfile", "Pipfile")["packages"] == 2


def test_a_uv_lock_is_exported_with_its_members(builder: Builder) -> None:
    workspace = (
        '[project]\nname = "app"\nversion = "0"\nrequires-python = ">=3.11"\n'
        'dependencies = ["demo"]\n[dependency-groups]\ndev = ["colorama"]\n'
        '[tool.uv.sources]\ndemo = { workspace = true }\n[tool.uv.workspace]\nmembers = ["own"]\n'
    )
    builder.write("app/pyproject.toml", workspace)
    builder.write(
        "app/own/pyproject.toml", PACKAGE.replace('"1"\n', '"1"\nrequires-python=">=3"\n')
    )
    builder.write("app/own/src/demo/__init__.py", "found = 'it'")
    subprocess.run(
        [UV, "lock", "--quiet", "--python", sys.executable],
        cwd=builder.code / "app",
        check=True,
    )
    told = builder.resolve("uv-lock", "app/uv.lock")
    assert told["packages"] == 2
    assert f"{SIX} --hash=sha256:" in builder.resolved
    builder.install()
    assert builder.python("import demo, six; print(demo.found)") == "it"


def test_lines_of_an_environment_are_resolved(builder: Builder) -> None:
    told = builder.resolve("environment", "environment.yml", requirements=["six==1.16.*"])
    assert told["packages"] == 1
    assert "six==1.16.0" in builder.resolved


def test_poetry_constraints_are_understood(builder: Builder) -> None:
    builder.write(
        "pyproject.toml",
        '[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = "^3.11"\n'
        'six = "~1.16"\ncolorama = {version = "^0.4.4", python = ">=3.8"}\n'
        'pywin32 = {version = "*", optional = true}\n',
    )
    assert builder.resolve("pyproject", "pyproject.toml")["packages"] == 2
    assert "six==1.16.0" in builder.resolved
    assert "colorama==0.4.6" in builder.resolved
