"""The script that lets the edge serve what ACME clients show, of which one may be taken over."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from holdfast.node.certificates import new_sidecars_authority
from holdfast.shipped import RESOURCES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it runs in the node's image")

THUMBPRINT = "Ab_-" * 10 + "xyz"
#: In the place of the image's: what stands in a file decides.
HAPROXY = """#!/bin/sh
folder=$(dirname "$3")
! grep -q broken "$3" || exit 1
while read -r file _; do ! grep -q refused "$folder/$file" || exit 1; done <"$folder/certs.list"
"""


class Edge:
    """Its RAM, and the clients' beside it, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.keys, self.shown, self.next = folder / "keys", folder / "acme", folder / "keys/next"
        (folder / "bin").mkdir()
        (folder / "bin/haproxy").write_text(HAPROXY)
        (folder / "bin/haproxy").chmod(0o755)
        self.environment = os.environ | {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
        text = (RESOURCES / "images/node/bin/take_acme.sh").read_text()
        self.script = text.replace("/mnt/acme", str(self.shown)).replace(
            "cd /keys", f"cd {self.keys}"
        )
        (self.next / "certs").mkdir(parents=True)
        for name in ("haproxy.cfg", "certs.list", "apps.list", "visitors-ca.pem"):
            (self.next / name).touch()

    def add(self, app: str, uid: int = os.getuid(), pem: str = "its own") -> Path:
        """An app with a route, and what its client shows."""
        host = f"{app}.test"
        (self.next / f"certs/{host}.pem").write_text("the node's")
        for name, line in {
            "certs.list": f"certs/{host}.pem [verify optional] {host}",
            "apps.list": f"{host} {app} {uid}",
        }.items():
            with (self.next / name).open("a") as file:
                file.write(f"{line}\n")
        (self.shown / app).mkdir(parents=True)
        (self.shown / app / "thumbprint").write_text(THUMBPRINT)
        (self.shown / app / f"{host}.pem").write_text(pem)
        return self.shown / app

    def take(self) -> int:
        command = ["sh", "-c", self.script, "take_acme.sh", "next"]
        return subprocess.run(command, env=self.environment, timeout=60).returncode

    @property
    def answered(self) -> list[str]:
        """The hosts at which challenges are answered."""
        lines = (self.next / "acme.map").read_text().splitlines()
        assert all(line.split()[1:] == [THUMBPRINT] for line in lines)
        return [line.split()[0] for line in lines]

    @property
    def served(self) -> list[str]:
        """The hosts whose certificates are those of their clients."""
        lines = (self.next / "certs.list").read_text().splitlines()
        words = [line.split() for line in lines if line.startswith("acme/")]
        for line in words:
            assert line == [f"acme/{line[-1]}.pem", "[verify", "optional]", line[-1]]
            assert (self.next / line[0]).read_text() == "its own"
        return [line[-1] for line in words]

    @property
    def refused(self) -> list[str]:
        return (self.next / "acme.refused").read_text().split()


@pytest.fixture
def edge(tmp_path: Path) -> Edge:
    """With one app whose client does as it should."""
    made = Edge(tmp_path)
    made.add("good")
    return made


def test_what_clients_show_is_taken(edge: Edge) -> None:
    edge.add("more")
    assert edge.take() == 0
    assert edge.answered == edge.served == ["good.test", "more.test"]
    assert edge.refused == []


@pytest.mark.parametrize(
    "text",
    [
        f"{THUMBPRINT}\ngood.test {THUMBPRINT}",
        f"{THUMBPRINT}\n{THUMBPRINT}",
        f"{THUMBPRINT} x",
        THUMBPRINT[1:],
        THUMBPRINT + "x",
        "." * 43,
        "",
    ],
)
def test_a_thumbprint_is_one_word(edge: Edge, text: str) -> None:
    (edge.add("bad") / "thumbprint").write_text(text)
    assert edge.take() == 0
    assert edge.answered == ["good.test"]


def test_the_folder_of_another_user_is_passed_over(edge: Edge) -> None:
    edge.add("other", os.getuid() + 1)
    folder = edge.add("linked")
    folder.rename(edge.shown / "elsewhere")
    folder.symlink_to("elsewhere")
    edge.add("none").rename(edge.shown / "gone")
    assert edge.take() == 0
    assert edge.answered == edge.served == ["good.test"]


def test_what_is_no_plain_file_is_passed_over(edge: Edge, tmp_path: Path) -> None:
    (tmp_path / "pem").write_text("its own")
    (tmp_path / "thumbprint").write_text(THUMBPRINT)
    pipes, links, folders = (edge.add(app) for app in ("pipes", "links", "folders"))
    for folder in (pipes, links, folders):
        for name in ("thumbprint", f"{folder.name}.test.pem"):
            (folder / name).unlink()
    for name in ("thumbprint", "pipes.test.pem", "root.pem"):
        os.mkfifo(pipes / name)
    (links / "thumbprint").symlink_to(tmp_path / "thumbprint")
    (links / "links.test.pem").symlink_to(tmp_path / "pem")
    for name in ("thumbprint", "folders.test.pem"):
        (folders / name).mkdir()
    assert edge.take() == 0
    assert edge.answered == edge.served == ["good.test"]
    assert edge.refused == ["pipes.test", "links.test", "folders.test"]


def test_no_more_than_64_kib_is_taken(edge: Edge) -> None:
    edge.add("long", pem="x" * 70_000 + "refused")
    assert edge.take() == 0
    assert (edge.next / "acme/long.test.pem").stat().st_size == 65536


def test_one_that_is_refused_takes_no_other_away(edge: Edge) -> None:
    edge.add("bad", pem="refused")
    edge.add("more")
    assert edge.take() == 0
    assert edge.served == ["good.test", "more.test"]
    assert edge.refused == ["bad.test"]
    assert edge.answered == ["good.test", "bad.test", "more.test"]
    # as the next time it is mended
    for name in ("certs.list", "visitors-ca.pem"):
        plain = edge.next / f"{name.partition('.')[0]}.plain"
        plain.replace(edge.next / name)
    (edge.shown / "bad/bad.test.pem").write_text("its own")
    assert edge.take() == 0
    assert edge.served == ["good.test", "bad.test", "more.test"]
    assert edge.refused == []


def test_routes_that_are_refused_anyway_are_left_as_they_are(edge: Edge) -> None:
    (edge.next / "haproxy.cfg").write_text("broken")
    assert edge.take() == 1
    assert edge.served == edge.refused == []


def test_a_root_that_cannot_be_read_spoils_no_other(edge: Edge) -> None:
    root = new_sidecars_authority(datetime.now(UTC)).root.decode()
    (edge.shown / "good/root.pem").write_text(root)
    broken = root.replace("\n", "\n!", 1)
    (edge.add("bad") / "root.pem").write_text(root + broken)
    (edge.next / "visitors-ca.pem").write_text("the node's\n")
    assert edge.take() == 0
    assert edge.served == ["good.test", "bad.test"]
    assert (edge.next / "visitors-ca.pem").read_text() == f"the node's\n{root}\n"


def test_the_list_reads_no_other_file_of_a_client_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(RESOURCES / "images/node/bin")
    script = runpy.run_path(str(RESOURCES / "images/node/bin/read_certificates.py"))
    text_of, uid = script["text_of"], os.getuid()
    plain, link, pipe = (tmp_path / name for name in ("plain", "link", "pipe"))
    plain.write_text("x" * 70_000)
    link.symlink_to(plain)
    os.mkfifo(pipe)
    assert text_of(plain, uid) == "x" * 65536
    others = ((plain, uid + 1), (link, uid), (pipe, uid), (tmp_path, uid), (tmp_path / "no", uid))
    assert [text_of(*each) for each in others] == [""] * 5
