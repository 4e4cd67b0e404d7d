"""What the builder's script installs and packs, and what it leaves as it was."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from builder_world import PACKAGE, SIX, Builder


def test_an_environment_is_made_and_packed(builder: Builder) -> None:
    (builder.environment / ".uv").mkdir(parents=True)
    builder.write("requirements.txt", SIX)
    builder.resolve("requirements", "requirements.txt")
    (builder.environment / "left").mkdir()
    assert builder.install() == {"packages": 1}
    assert not (builder.environment / "left").exists()
    site = builder.environment / f"lib/python3.{sys.version_info.minor}/site-packages"
    assert list(site.glob("__pycache__/six.*.pyc"))
    assert builder.python("import six; print(six.__version__)") == "1.17.0"
    assert not (builder.environment / ".uv").exists()

    answer = builder.run("pack", digest="12ab")
    packed = builder.place / "environments/12ab.squashfs"
    assert answer.told == {"size_bytes": packed.stat().st_size}
    assert [file.name for file in packed.parent.iterdir()] == ["12ab.squashfs"]
    listing = subprocess.run(
        ["unsquashfs", "-lls", str(packed)], capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"-rw-r--r-- root/root .*site-packages/six\.py", listing)


def test_what_is_installed_is_in_memory_once(builder: Builder) -> None:
    builder.write("requirements.txt", SIX)
    builder.resolve("requirements", "requirements.txt")
    builder.install()
    (installed,) = builder.environment.glob("lib/python3.*/site-packages/six.py")
    assert installed.stat().st_nlink > 1


def test_the_tests_of_packages_are_installed_and_not_compiled(builder: Builder) -> None:
    setup = "from setuptools import setup\nsetup(name='own', packages=['own', 'own.tests'])\n"
    package = {"setup.py": setup}
    package |= {f"own{folder}/__init__.py": "" for folder in ("", "/tests")}
    # of another Python: pip compiles no such file either, and installs it
    package["own/old.py"] = "print 'Python 2'\n"
    for path, text in package.items():
        builder.write(f"own/{path}", text)
    builder.write("requirements.txt", "./own\n")
    builder.resolve("requirements", "requirements.txt")
    builder.install()
    [own] = builder.environment.glob("lib/python3.*/site-packages/own")
    assert (own / "tests/__init__.py").exists()
    assert [file.parent.parent for file in own.rglob("*.pyc")] == [own]


def test_a_local_package_is_installed_from_code_that_cannot_be_written(builder: Builder) -> None:
    builder.write("requirements.txt", "-e .\n")
    builder.write("pyproject.toml", PACKAGE)
    builder.write("demo.py", "found = 'it'\n" + "#" * 20_000)
    builder.write("made.py", "x = 0")
    setup = "import setuptools; open('made.py', 'w').write('x = 1')"
    builder.write("setup.py", setup + "; setuptools.setup(py_modules=['demo'])")
    before = tree_of(builder.code)
    assert builder.resolve("requirements", "requirements.txt")["packages"] == 2
    builder.install()
    assert builder.python("import demo; print(demo.found, demo.__file__)").startswith(
        f"it {builder.environment}"
    )
    assert tree_of(builder.code) == before


@pytest.mark.parametrize(("path", "count"), [("src/demo/__init__.py", 2), ("demo/__init__.py", 1)])
def test_a_project_is_installed_only_from_a_src_layout(
    builder: Builder, path: str, count: int
) -> None:
    builder.write("pyproject.toml", PACKAGE)
    builder.write(path, "")
    assert builder.resolve("pyproject", "pyproject.toml")["packages"] == count
    assert builder.install() == {"packages": count}


def tree_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
