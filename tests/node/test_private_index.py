"""A package index that asks for a password: uv is told it, and nothing and nobody else."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import replace

import pytest
from lan import ADDRESS, Lan, serving_git
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.errors import DeployFailed
from holdfast.domain.names import AppName
from holdfast.domain.operation import Line
from holdfast.domain.secret import Secret
from holdfast.operations.node_desk import NodeDesk

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP = AppName("pricing")
PASSWORD = 'k3ttle drum "& \\ more'
DOCUMENT = f"""\
greeting = "good morning"
[holdfast.build."{ADDRESS}"]
username = "reader"
password = '{PASSWORD}'
"""
#: Set-up code that looks wherever a password could lie; what it finds is what it installs.
SETUP = """
import os, pathlib, sys
from setuptools import setup
def texts():
    yield " ".join(f"{name}={value}" for name, value in os.environ.items())
    netrc = os.environ.get("NETRC")
    if netrc and os.path.exists(netrc):
        yield open(netrc).read()
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        for name in ("environ", "cmdline"):
            try:
                yield (process / name).read_text(errors="replace")
            except OSError:
                pass
    for folder in ("/mnt", "/tmp", os.environ["HOME"]):
        for path in pathlib.Path(folder).rglob("*"):
            try:
                if path.is_file():
                    yield path.read_text(errors="replace")
            except OSError:
                pass
everything = "\\n".join(texts())
# put together here: this very text lies in the builder too
marks = ("k3" + "ttle", "machine " + "192.168")
found = [mark for mark in marks if mark in everything]
open("price_list.py", "w").write(f"FOUND = {found!r}; LOOKED = {len(everything)}")
setup(name="price-list", version="1", py_modules=["price_list"])
"""


def source_archive() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, text in (("setup.py", SETUP), ("PKG-INFO", "Name: price-list\nVersion: 1\n")):
            member = tarfile.TarInfo(f"price_list-1/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return made.getvalue()


@pytest.fixture
def lan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lan]:
    with serving_git(tmp_path_factory.mktemp("lan")) as made:
        yield made


def test_the_password_reaches_uv_and_nothing_else(
    world: World, lan: Lan, repository: Repository
) -> None:
    url = lan.private_index(f"reader:{PASSWORD}", price_list=source_archive())
    (lan.folder / "private/simple/price_list").rename(lan.folder / "private/simple/price-list")
    body = """json.dumps({"found": price_list.FOUND, "looked": price_list.LOOKED,
        "secrets": pathlib.Path("/home/app/.streamlit/secrets.toml").read_text()})"""
    wanted = f"--extra-index-url {url}\nprice-list\n"
    repository.commit(plain_app(body, top="import price_list", requirements=wanted))
    trusting = replace(world.node, certificates=world.node.certificates + lan.certificate)
    world.desk = NodeDesk(lambda: trusting, world.desk._host)
    # who does not know it gets nothing, and the password that is wrong is not told
    wrong = Secret(DOCUMENT.replace("k3ttle", "n0-kettle").encode())
    with pytest.raises(DeployFailed) as told:
        world.deploy(repository, APP, secrets=wrong)
    assert "n0-kettle" not in f"{told.value} {told.value.why}"
    assert "pricing" not in str(world.run(world.desk.list()))

    world.deploy(repository, APP, secrets=Secret(DOCUMENT.encode()))
    try:
        output = "\n".join(each.text for each in world.updates if isinstance(each, Line))
        assert "k3ttle" not in output
        wait_until(lambda: world.knows("pricing.localhost"), "it is served")
        seen = json.loads(world.visit("pricing.localhost").text)
        assert seen["found"] == []
        assert seen["looked"] > 1000
        assert seen["secrets"].strip() == 'greeting = "good morning"'
        # neither the engine nor the app's volume holds it, and the build container is gone
        told_by_engine = json.dumps(
            [world.api.inspect_container(each["Id"]) for each in world.api.containers(all=True)]
        )
        assert "k3ttle" not in told_by_engine
        search = "grep -rlF k3ttle /keys/plain 2>/dev/null; true"
        assert world.shell(names.mounter(APP), search) == ""
        assert world.containers(APP, "build") == []
        # a change of it alone reaches no app
        document = DOCUMENT.replace("more", "other").encode()
        done = world.run(world.desk.import_secrets(APP, document, True))
        assert done.applied == "on next deploy"
    finally:
        world.remove(APP)


@pytest.fixture
def repository(new_repository: object) -> Repository:
    return new_repository()  # type: ignore[operator,no-any-return]
