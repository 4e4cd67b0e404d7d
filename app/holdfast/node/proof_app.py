"""The app of a proof: its files, what it is sent, and whether each mark is where it has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from holdfast.domain import names
from holdfast.domain.app import AppConfiguration, Release
from holdfast.domain.container import PushedFile
from holdfast.domain.errors import HoldfastError
from holdfast.domain.marks import Marks
from holdfast.domain.names import HostName
from holdfast.node import payloads
from holdfast.node.node import Node
from holdfast.node.scripts import PYTHON, SCRIPTS
from holdfast.shipped import RESOURCES

CODE, FILE, LINE, SECRET, UPLOAD, OWN = MARKS = (
    "code",
    "file",
    "line",
    "secret",
    "upload",
    "own file",
)

_UPLOAD_BYTES = 2 << 20
_SENT = "proof-upload"
#: What an app's own data are given for a while; a proof that was killed leaves it to the next.
_OWN_FILE = ".holdfast-proof"
_KEEP = f"cp /tmp/{_OWN_FILE} /data/ && sync /data/{_OWN_FILE}; rm -f /tmp/{_OWN_FILE}"
#: In the mounter: mark to the files of the plain view that hold it.
_PLAIN = {
    CODE: "/keys/plain/releases/*/checkout/app.py",
    FILE: "/keys/plain/data/proof",
    LINE: "/keys/plain/logs/app.log",
}
#: In the app's container: what is in RAM alone.
_RAM = {SECRET: payloads.SECRETS_FILE, UPLOAD: "/tmp/proof"}


def proof_files(marks: Marks) -> dict[str, str]:
    """The files of its repository."""
    half = len(marks.stem) // 2
    parts = {
        "@CODE@": marks[CODE],
        "@FIRST@": marks.stem[:half],
        "@SECOND@": marks.stem[half:],
        "@LINE@": marks[LINE].removeprefix(marks.stem),
        "@FILE@": marks[FILE].removeprefix(marks.stem),
    }
    files = {path.name: path.read_text() for path in (RESOURCES / "proof").iterdir()}
    for place, text in parts.items():
        files["app.py"] = files["app.py"].replace(place, text)
    return files


def proof_secrets(marks: Marks) -> bytes:
    """Its secrets.toml."""
    return f'TOKEN = "{marks[SECRET]}"\n'.encode()


def send_upload(node: Node, host: HostName, marks: Marks) -> None:
    """Through the edge and the sidecar, large enough for a server to put it into a file."""
    pushed = f"/keys/{_SENT}"
    file = PushedFile(_SENT, marks[UPLOAD].encode())
    try:
        node.engine.push(names.EDGE, "/keys", [file], payloads.EDGE_UID)
        script = f"{SCRIPTS}/send_upload.py"
        command = (*PYTHON, script, host, pushed, str(_UPLOAD_BYTES))
        done = node.engine.run(names.EDGE, command)
    finally:
        node.engine.run(names.EDGE, ("/bin/rm", "-f", pushed))
    if done.exit_code or done.output.strip() != str(_UPLOAD_BYTES).encode():
        raise HoldfastError(
            "The upload of the proof did not arrive.",
            done.complaint or done.output.decode(errors="replace").strip()[-300:],
            "Try again; if it stays so, look at the node with: holdfast doctor",
        )


def seen_marks(node: Node, release: Release, marks: Marks) -> frozenset[str]:
    """The marks that were read where the app has them: on its volume's plain view, or in RAM."""
    inside = (
        (names.mounter(names.PROOF), _PLAIN),
        (names.runner(names.PROOF, release.id), _RAM),
    )
    user = f"{release.configuration.uid}:{release.configuration.uid}"
    seen = set()
    for container, places in inside:
        for mark, path in places.items():
            read = ("/bin/sh", "-c", f"cat {path}")
            done = node.engine.run(container, read, user)
            if any(found.mark == mark for found in marks.found_in(done.output)):
                seen.add(mark)
    return frozenset(seen)


@contextmanager
def own_file(
    node: Node, configuration: AppConfiguration, release: str, marks: Marks
) -> Iterator[bool]:
    """A file in the app's own data, written from within its container as its user, and gone
    after the block. Whether it was read through the mounter."""
    runner, mounter = names.runner(configuration.name, release), names.mounter(configuration.name)
    user = f"{configuration.uid}:{configuration.uid}"
    text = marks[OWN].encode()
    try:
        # pushed into RAM first: an argument would be told to whoever listens to the engine
        node.engine.push(runner, "/tmp", [PushedFile(_OWN_FILE, text)], configuration.uid)
        node.engine.run(runner, ("/bin/sh", "-c", _KEEP), user)
        read = node.engine.run(mounter, ("/bin/cat", f"/keys/plain/data/{_OWN_FILE}"), user)
        yield read.output == text
    finally:
        # through the mounter: a new release may have taken the container's place
        node.engine.run(mounter, ("/bin/rm", "-f", f"/keys/plain/data/{_OWN_FILE}"), user)
