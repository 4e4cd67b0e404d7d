"""What an app holds is searched for in every byte that the engine keeps on the disk."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator

import pytest
from at_rest import search, told
from waiting import wait_until
from world import Repository, World

from holdfast.domain.container import ContainerSpec, VolumeMount
from holdfast.domain.marks import Marks, forms
from holdfast.domain.names import AppName

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP = AppName("diary")

#: It keeps, prints and was given marks, and tells what it holds as digests alone.
DIARY = """
import hashlib, http.server, os, pathlib
CODE = "{code}"
print("printed", "{printed}", flush=True)
pathlib.Path("/data/note").write_text("{written}")
pathlib.Path("/tmp/note").write_text("{written}")
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        held = [CODE, pathlib.Path("/data/note").read_text(), os.environ.get("TOKEN", "")]
        upload = pathlib.Path("/data/upload")
        held.append(upload.read_text() if upload.exists() else "")
        self.answer(" ".join(hashlib.sha256(part.encode()).hexdigest() for part in held))
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        pathlib.Path("/data/upload").write_bytes(body)
        self.answer("kept")
    def answer(self, text):
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
"""


@pytest.fixture(scope="module")
def began() -> float:
    return time.time()


@pytest.fixture(scope="module")
def marks(world: World, began: float, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marks]:
    """Those of an app that has them everywhere: it runs."""
    marks = Marks(("code", "printed", "written", "message", "secret", "upload"))
    repository = Repository(tmp_path_factory.mktemp("diary") / "repository")
    code = DIARY.format(code=marks["code"], printed=marks["printed"], written=marks["written"])
    repository.commit(
        {"app.py": code, "Procfile": "web: python app.py\n", "requirements.txt": ""},
        marks["message"],
    )
    world.deploy(repository, APP)
    # the secrets below lie in a file on the node too, then
    world.run(world.desk.create_kit(another=False))
    document = f'TOKEN = "{marks["secret"]}"\n'.encode()
    world.run(world.desk.import_secrets(APP, document, merge=False))
    assert world.visit("diary.localhost", "/", marks["upload"].encode()).text == "kept"
    yield marks
    world.remove(APP)
    world.forget_kit()


def digests(marks: Marks) -> str:
    kinds = ("code", "written", "secret", "upload")
    return " ".join(hashlib.sha256(marks[kind].encode()).hexdigest() for kind in kinds)


def test_an_app_that_has_them_leaves_no_mark_in_the_clear(
    world: World, marks: Marks, began: float
) -> None:
    assert world.visit("diary.localhost").text == digests(marks)
    assert any(marks["printed"] in line for line in world.run(world.desk.read_logs(APP, 100)))
    os.sync()
    assert search(world, marks) == {}
    assert told(world, marks, began) == set()


def test_nor_does_one_that_was_stopped_started_and_removed(
    world: World, marks: Marks, began: float
) -> None:
    world.run(world.desk.stop(APP))
    world.run(world.desk.start(APP))
    wait_until(lambda: world.visit("diary.localhost").text == digests(marks), "it has them again")
    world.run(world.desk.remove(APP))
    os.sync()
    assert search(world, marks) == {}
    assert told(world, marks, began) == set()


def test_the_search_finds_what_lies_in_the_clear(world: World) -> None:
    marks = Marks(())
    written = b"\n".join(form for _, form in forms(marks.stem)).hex()
    spec = ContainerSpec(
        name="tests-clear",
        image=world.node.images.node_image,
        command=("/usr/bin/tini", "--", "/bin/sleep", "infinity"),
        labels={},
        user="0:0",
        memory_bytes=64 << 20,
        read_only=False,
        volumes=(VolumeMount("tests-clear", "/clear"),),
    )
    write = f"open('/clear/a', 'wb').write(bytes.fromhex('{written}'))"
    world.engine.create(spec)
    try:
        world.engine.start(spec.name)
        world.shell(spec.name, f'python3 -c "{write}" && cp /clear/a /etc/in-a-layer')
        world.engine.commit(spec.name, "tests/clear:1", {})
        world.engine.remove(spec.name)
        os.sync()
        found = search(world, marks)
        everything = {form for form, _ in forms(marks.stem)}
        assert [path for path, forms in found.items() if path.endswith("tests-clear/_data/a")]
        assert [path for path in found if path.endswith("/etc/in-a-layer")]
        assert all(forms == everything for forms in found.values())
    finally:
        world.engine.remove(spec.name)
        world.engine.remove_image("tests/clear:1")
        world.engine.remove_volume("tests-clear")
