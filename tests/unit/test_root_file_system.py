"""Root file systems are streamed, kept for a month, and never kept in part."""

from __future__ import annotations

import http.server
import os
import socketserver
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from waiting import wait_until

from holdfast.adapters.root_file_system import (
    DebianRootFileSystems,
    mmdebstrap_command,
    sources,
)
from holdfast.domain.errors import HoldfastError
from holdfast.domain.operation import Cancelled, CancelToken

NOVEMBER = datetime(2026, 11, 24, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


class Mmdebstrap:
    """A program of that name, in front of the real one, that counts its runs."""

    def __init__(self, folder: Path) -> None:
        self._program = folder / "mmdebstrap"
        self._runs = folder / "runs"

    def does(self, script: str) -> None:
        self._program.write_text(f"#!/bin/sh\necho $$ >>{self._runs}\n{script}\n")
        self._program.chmod(0o755)

    @property
    def pids(self) -> list[int]:
        return [int(pid) for pid in self._runs.read_text().split()] if self._runs.exists() else []


@pytest.fixture
def mmdebstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mmdebstrap:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return Mmdebstrap(folder)


def read(source: DebianRootFileSystems, cancel: CancelToken | None = None) -> bytes:
    with source.archive("trixie", ["tini"], cancel or CancelToken()) as chunks:
        return b"".join(chunks)


def living(session: int) -> list[str]:
    command = ["ps", "--sid", str(session), "--format", "stat="]
    states = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return [state for state in states if not state.startswith("Z")]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_security_updates_come_from_debian_unless_a_mirror_is_named() -> None:
    assert sources("trixie", {}) == (
        "deb http://deb.debian.org/debian trixie main",
        "deb http://deb.debian.org/debian trixie-updates main",
        "deb http://deb.debian.org/debian-security trixie-security main",
    )
    mirror = {"HOLDFAST_DEBIAN_MIRROR": "http://mirror.lan/debian"}
    assert sources("trixie", mirror) == ("deb http://mirror.lan/debian trixie main",)
    both = mirror | {"HOLDFAST_DEBIAN_SECURITY_MIRROR": "http://mirror.lan/security"}
    assert sources("trixie", both)[1] == "deb http://mirror.lan/security trixie-security main"


def test_set_uid_programs_lose_their_bit() -> None:
    command = mmdebstrap_command("trixie", ["tini"], ["deb x"])
    assert any(part.startswith("--customize-hook=") and "chmod a-s" in part for part in command)
    assert command[-3:] == ("trixie", "-", "deb x")


def test_it_is_made_once_a_month(mmdebstrap: Mmdebstrap, tmp_path: Path) -> None:
    mmdebstrap.does("head -c 1000000 /dev/zero")
    cache = tmp_path / "cache"
    november = DebianRootFileSystems(cache, environment={}, now=lambda: NOVEMBER)
    first = read(november)
    assert first == bytes(1_000_000)
    assert read(november) == first
    assert len(mmdebstrap.pids) == 1
    december = DebianRootFileSystems(cache, environment={}, now=lambda: DECEMBER)
    assert read(december) == first
    assert len(mmdebstrap.pids) == 2
    assert [name[-len("2026-12.tar.gz") :] for name in files(cache)] == ["2026-12.tar.gz"]


def test_another_mirror_or_package_is_another_archive(
    mmdebstrap: Mmdebstrap, tmp_path: Path
) -> None:
    mmdebstrap.does("echo content")
    cache = tmp_path / "cache"
    read(DebianRootFileSystems(cache, environment={}))
    read(DebianRootFileSystems(cache, environment={"HOLDFAST_DEBIAN_MIRROR": "http://m"}))
    assert len(files(cache)) == 2


def test_without_a_cache_nothing_is_kept(mmdebstrap: Mmdebstrap) -> None:
    mmdebstrap.does("echo content")
    source = DebianRootFileSystems(None, environment={})
    assert read(source) == read(source) == b"content\n"
    assert len(mmdebstrap.pids) == 2


def test_a_failure_is_told_in_its_own_words_and_keeps_nothing(
    mmdebstrap: Mmdebstrap, tmp_path: Path
) -> None:
    mmdebstrap.does("echo half; echo 'I: noise' >&2; echo 'E: no such package' >&2; exit 25")
    with pytest.raises(HoldfastError) as failure:
        read(DebianRootFileSystems(tmp_path / "cache", environment={}))
    assert failure.value.why == "E: no such package"
    assert "HOLDFAST_DEBIAN_MIRROR" in failure.value.next
    assert files(tmp_path / "cache") == []


def test_a_user_who_has_no_ids_to_make_it_with_is_told_what_gives_them(
    mmdebstrap: Mmdebstrap,
) -> None:
    mmdebstrap.does("echo 'E: unable to pick chroot mode automatically' >&2; exit 1")
    with pytest.raises(HoldfastError, match="without root") as failure:
        read(DebianRootFileSystems(None, environment={}))
    assert "uidmap" in failure.value.next


def test_what_is_not_read_to_its_end_is_not_kept(mmdebstrap: Mmdebstrap, tmp_path: Path) -> None:
    mmdebstrap.does("head -c 4000000 /dev/zero")
    source = DebianRootFileSystems(tmp_path / "cache", environment={})
    with source.archive("trixie", ["tini"], CancelToken()) as chunks:
        next(chunks)
    assert files(tmp_path / "cache") == []


def test_a_cancel_ends_it_and_keeps_nothing(mmdebstrap: Mmdebstrap, tmp_path: Path) -> None:
    # dd writes a whole chunk, so that the reader gets it before the end
    mmdebstrap.does("dd if=/dev/zero bs=1M count=1 status=none; sleep 60")
    cancel = CancelToken()
    source = DebianRootFileSystems(tmp_path / "cache", environment={})
    with pytest.raises(Cancelled), source.archive("trixie", ["tini"], cancel) as chunks:
        for _ in chunks:
            threading.Thread(target=cancel.cancel).start()
    (session,) = mmdebstrap.pids
    wait_until(lambda: living(session) == [])
    assert files(tmp_path / "cache") == []


def test_what_ends_is_not_told_again_while_it_clears_up(
    mmdebstrap: Mmdebstrap, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    mmdebstrap.does(
        f"trap 'echo told >>{told}' TERM\n"
        "dd if=/dev/zero bs=1M count=1 status=none\n"
        f"until [ -s {told} ]; do sleep 0.05; done\n"
        "for step in $(seq 20); do sleep 0.05; done"
    )
    cancel = CancelToken()
    source = DebianRootFileSystems(tmp_path / "cache", environment={})
    with pytest.raises(Cancelled), source.archive("trixie", ["tini"], cancel) as chunks:
        next(chunks)
        threading.Thread(target=cancel.cancel).start()
        wait_until(told.exists)
        # as whoever reads it may notice the cancel by other ways meanwhile
        raise ConnectionError
    (session,) = mmdebstrap.pids
    assert living(session) == []
    assert told.read_text() == "told\n"


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HoldfastError, match="mmdebstrap is not installed"):
        read(DebianRootFileSystems(None, environment={}))


def mirror(server: socketserver.TCPServer) -> dict[str, str]:
    return {"HOLDFAST_DEBIAN_MIRROR": f"http://127.0.0.1:{server.server_address[1]}/debian"}


def test_the_real_program_says_what_a_mirror_lacks() -> None:
    class Empty(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            with pytest.raises(HoldfastError) as failure:
                read(DebianRootFileSystems(None, environment=mirror(server)))
        finally:
            server.shutdown()
    assert "does not have a Release file" in failure.value.why


def test_the_real_program_is_cancelled_while_a_mirror_is_silent() -> None:
    cancel = CancelToken()

    class Silent(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            cancel.cancel()

    with socketserver.TCPServer(("127.0.0.1", 0), Silent) as server:
        asked = threading.Thread(target=server.handle_request)
        asked.start()
        with pytest.raises(Cancelled):
            read(DebianRootFileSystems(None, environment=mirror(server)), cancel)
        asked.join()
