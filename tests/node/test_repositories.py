"""Fetching on a real engine: over https from a server on the LAN, and from folders here."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from lan import Lan, serving_git
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError, RepositoryError
from holdfast.domain.names import AppName
from holdfast.domain.pin import Pin
from holdfast.domain.repository import parse_repository
from holdfast.domain.requests import DeployRequest
from holdfast.node.fetcher import fetching
from holdfast.node.node import Node
from holdfast.node.payloads import EDGE_UID
from holdfast.node.scripts import SCRIPTS
from holdfast.operations.deploy import deploy_app
from holdfast.operations.inspect_repository import inspect_repository

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Place:
    """A node that trusts the LAN's server."""

    world: World
    node: Node
    lan: Lan

    def repository(self, name: str) -> Repository:
        return Repository(self.lan.folder / name)

    def look(self, address: object) -> frozenset[str]:
        """The paths of a checkout of main, made in RAM as for an inspection."""
        place = parse_repository(str(address))
        with fetching(self.node, AppName("looker"), EDGE_UID, place, None) as fetcher:
            fetcher.fetch(fetcher.branches().wanted("main"), "refs/holdfast/look")
            return fetcher.checkout("refs/holdfast/look").paths


@pytest.fixture(scope="module")
def place(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with serving_git(tmp_path_factory.mktemp("lan")) as lan:
        trusted = world.node.certificates + lan.certificate
        yield Place(world, replace(world.node, certificates=trusted), lan)


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    command = ["git", "-c", "protocol.file.allow=always", *who, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit_submodules(parent: Repository, **modules: tuple[str, str]) -> None:
    """Commit submodules by path: (address, commit). Nothing is fetched for it."""
    parent.commit({})
    text = ""
    for path, (url, commit) in modules.items():
        text += f'[submodule "{path}"]\n\tpath = {path}\n\turl = {url}\n'
        git(parent.folder, "update-index", "--add", "--cacheinfo", f"160000,{commit},{path}")
    (parent.folder / ".gitmodules").write_text(text)
    git(parent.folder, "add", ".gitmodules")
    git(parent.folder, "commit", "-q", "-m", "Add submodules")


class TestPages:
    """Of a forge, whose address is pasted."""

    def test_of_a_tag_or_a_commit_are_deployed_and_pinned_to(self, place: Place) -> None:
        code = place.repository("team/sales")
        served = code.commit(plain_app("'at 1.0'"))
        code.tag("release/1.0")
        code.commit(plain_app("'later'"))
        page = f"{place.lan.url('team/sales')}/tree/release/1.0"
        facts = place.world.run(inspect_repository(place.node, page, None))
        tag = Pin(commit=served, tag="release/1.0")
        assert (facts.address, facts.pin) == (place.lan.url("team/sales"), tag)
        try:
            place.world.run(deploy_app(place.node, DeployRequest(page, "sales")))
            assert place.world.visit("sales.localhost").text == "at 1.0"
            assert place.world.run(place.world.desk.branch(AppName("sales"))).pin == tag
            moved = DeployRequest(page.replace("release/1.0", "main"), "sales")
            place.world.run(deploy_app(place.node, moved))
            assert place.world.visit("sales.localhost").text == "later"
            assert place.world.run(place.world.desk.branch(AppName("sales"))).pin is None
            commit = page.replace("tree/release/1.0", f"commit/{served}")
            place.world.run(deploy_app(place.node, DeployRequest(commit, "sales")))
            assert place.world.visit("sales.localhost").text == "at 1.0"
            pinned = place.world.run(place.world.desk.branch(AppName("sales")))
            assert (pinned.pin, pinned.branch) == (Pin(commit=served), "main")
        finally:
            place.world.remove("sales")

    def test_of_nothing_that_is_there_are_told(self, place: Place) -> None:
        place.repository("team/short").commit(plain_app("'short'"))
        with pytest.raises(RepositoryError, match="no branch “v9”") as told:
            place.world.run(
                inspect_repository(place.node, f"{place.lan.url('team/short')}/tree/v9/ui", None)
            )
        assert "It has: main." in told.value.why


class TestSubmodules:
    def test_are_fetched_at_every_depth(self, place: Place) -> None:
        leaf = place.repository("deep/leaf").commit({"leaf.py": "x = 1\n"})
        branch = place.repository("deep/branch")
        branch.commit({"branch.py": "x = 2\n"})
        commit_submodules(branch, inner=("../leaf", leaf))
        pinned = git(branch.folder, "rev-parse", "HEAD")
        branch.commit({"later.py": "not pinned"})
        trunk = place.repository("trunk")
        trunk.commit({"app.py": ""})
        commit_submodules(trunk, libs=("../deep/branch", pinned))
        found = place.look(place.lan.url("trunk"))
        assert found == {
            ".gitmodules",
            "app.py",
            "libs/.gitmodules",
            "libs/branch.py",
            "libs/inner/leaf.py",
        }

    @pytest.mark.parametrize(
        ("url", "why"),
        [
            ("http://192.168.91.2/lib", "neither encrypted"),
            ("file:///mnt/job/ca.pem", "a folder"),
            ("/mnt/fetch/repository.git", "a folder"),
            ("https://192.168.91.2:8443/nowhere", "no such repository"),
            ("https://192.168.91.2:9/lib", "does not answer"),
            ("https://ada:sesame@192.168.91.2:8443/lib", "credential"),
            ("git@192.168.91.2:lib", ""),
        ],
    )
    def test_that_cannot_be_fetched_are_named(self, place: Place, url: str, why: str) -> None:
        parent = place.repository(f"refused-{hashlib.sha256(url.encode()).hexdigest()[:8]}")
        commit_submodules(parent, library=(url, "c" * 40))
        with pytest.raises(HoldfastError, match="The submodule library ") as told:
            place.look(place.lan.url(parent.folder.name))
        assert why in told.value.why
        assert "sesame" not in str(told.value) + told.value.next

    def test_whose_commit_is_gone_are_named(self, place: Place) -> None:
        place.repository("forgetful").commit({"a": ""})
        parent = place.repository("mindful")
        commit_submodules(parent, library=("../forgetful", "c" * 40))
        with pytest.raises(RepositoryError, match="The submodule library ") as told:
            place.look(place.lan.url("mindful"))
        assert "does not have the commit" in told.value.why

    def test_do_not_follow_a_link_out_of_the_checkout(self, place: Place) -> None:
        place.repository("straight").commit({"config": "[core]"})
        address = parse_repository(place.lan.url("straight"))
        user = f"{EDGE_UID}:{EDGE_UID}"
        with fetching(place.node, AppName("looker"), EDGE_UID, address, None) as fetcher:
            fetcher.fetch(fetcher.branches().wanted("main"), "refs/holdfast/look")
            fetcher.checkout("refs/holdfast/look")
            container = names.task(AppName("looker"), "fetch")
            place.world.shell(container, "ln -s ../repository.git /mnt/fetch/checkout/link", user)
            checkout = (f"{SCRIPTS}/fetch.sh", "checkout", "refs/holdfast/look", "", "whole")
            done = place.world.engine.run(container, (*checkout, "link"), user)
            config = place.world.shell(container, "cat /mnt/fetch/repository.git/config", user)
        assert (done.exit_code, b"behind a link" in done.error) == (1, True)
        assert config != "[core]"

    def test_of_a_folder_come_from_its_own_clones(self, place: Place, tmp_path: Path) -> None:
        leaf = Repository(tmp_path / "leaf")
        leaf.commit({"leaf.py": ""})
        library = Repository(tmp_path / "library")
        library.commit({"lib.py": ""})
        git(library.folder, "submodule", "add", "-q", str(leaf), "inner")
        library.commit({})
        parent = Repository(tmp_path / "parent")
        parent.commit({"app.py": ""})
        git(parent.folder, "submodule", "add", "-q", str(library), "library")
        git(parent.folder, "submodule", "update", "-q", "--init", "--recursive")
        parent.commit({})
        found = place.look(parent)
        assert {"app.py", "library/lib.py", "library/inner/leaf.py"} <= found

    def test_of_a_folder_that_has_no_clone_come_from_their_address(
        self, place: Place, tmp_path: Path
    ) -> None:
        commit = place.repository("shared").commit({"shared.py": ""})
        parent = Repository(tmp_path / "parent")
        parent.commit({"app.py": ""})
        commit_submodules(parent, library=(place.lan.url("shared"), commit))
        assert {"app.py", "library/shared.py"} <= place.look(parent)

    def test_of_a_folder_are_not_taken_from_another_folder(
        self, place: Place, tmp_path: Path
    ) -> None:
        private = Repository(tmp_path / "private")
        commit = private.commit({"private.py": ""})
        parent = Repository(tmp_path / "parent")
        commit_submodules(parent, library=(str(private), commit))
        with pytest.raises(RepositoryError, match="The submodule library ") as told:
            place.look(parent)
        assert "git submodule update --init" in told.value.next


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


class TestLargeFiles:
    def files(self, content: bytes) -> dict[str, str]:
        pointer = POINTER.format(hashlib.sha256(content).hexdigest(), len(content))
        app = plain_app("pathlib.Path('large.bin').read_text()")
        return {**app, ".gitattributes": "*.bin filter=lfs -text\n", "large.bin": pointer}

    def test_of_git_lfs_are_fetched(self, place: Place) -> None:
        content = b"what a pointer points to"
        oid = hashlib.sha256(content).hexdigest()
        (place.lan.folder / "lfs" / oid).write_bytes(content)
        place.repository("large").commit(self.files(content))
        request = DeployRequest(place.lan.url("large"), "large")
        place.world.run(deploy_app(place.node, request))
        try:
            assert place.world.visit("large.localhost").text == content.decode()
        finally:
            place.world.remove("large")

    def test_that_were_not_pushed_are_named(self, place: Place) -> None:
        place.repository("small").commit(self.files(b"never pushed"))
        before = place.world.picture()
        request = DeployRequest(place.lan.url("small"), "small")
        with pytest.raises(RepositoryError, match="Git LFS") as told:
            place.world.run(deploy_app(place.node, request))
        assert "large.bin" in told.value.why
        assert place.world.picture() == before

    def test_are_not_needed_to_look_at_a_repository(self, place: Place) -> None:
        place.repository("looked-at").commit(self.files(b"never pushed either"))
        assert "large.bin" in place.look(place.lan.url("looked-at"))

    def test_are_told_with_all_else_that_is_there_before_a_deploy(self, place: Place) -> None:
        library = place.repository("told-library").commit({"lib.py": "x = 1\n"})
        parent = place.repository("told")
        index = "--extra-index-url https://ada:sesame@packages.example.lan/simple\n"
        asking = "import os, streamlit\nos.environ['TOKEN']\n"
        files = {**self.files(b"b" * 5000), "app.py": asking, "requirements.txt": index}
        tagged = parent.commit(files)
        parent.tag("v1.9")
        parent.tag("v1.10", "-a", "-m", "Say so")
        commit_submodules(parent, library=("../told-library", library))
        facts = place.world.run(inspect_repository(place.node, place.lan.url("told"), None))
        held, app = facts.contents, facts.candidate("app.py")
        assert (held.large_files, held.large_bytes) == (1, 5000)
        assert held.size_bytes > 5000 and held.files > len(files)
        assert ([each.name for each in held.asked], held.submodules) == (["TOKEN"], ("library",))
        assert app is not None and app.indexes == ("packages.example.lan",)
        assert "sesame" not in repr(facts)
        assert (facts.tags, facts.pin) == (("v1.10", "v1.9"), None)
        url = place.lan.url("told")
        heavy = place.world.run(inspect_repository(place.node, url, None, pin="v1.10"))
        assert (heavy.commit.id, heavy.contents.submodules) == (tagged, ())
        assert heavy.pin == Pin(commit=tagged, tag="v1.10")
