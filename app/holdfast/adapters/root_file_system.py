"""Makes Debian root file systems out of Debian's own packages, with mmdebstrap."""

from __future__ import annotations

import gzip
import hashlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import IO

from holdfast.domain.errors import HoldfastError
from holdfast.domain.operation import CancelToken

MIRROR = "http://deb.debian.org/debian"
SECURITY_MIRROR = "http://deb.debian.org/debian-security"
_CHUNK = 1 << 18
_GRACE_SECONDS = 10.0
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def sources(suite: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The lines of sources.list. They stay in the root file system, for apt in it.

    HOLDFAST_DEBIAN_MIRROR replaces Debian's mirror; HOLDFAST_DEBIAN_SECURITY_MIRROR then names
    that of the security updates (without it, the mirror alone is asked).
    """
    mirror = environment.get("HOLDFAST_DEBIAN_MIRROR")
    security = environment.get("HOLDFAST_DEBIAN_SECURITY_MIRROR", "" if mirror else SECURITY_MIRROR)
    lines = [f"deb {mirror or MIRROR} {suite} main"]
    if not mirror:
        lines.append(f"deb {MIRROR} {suite}-updates main")
    if security:
        lines.append(f"deb {security} {suite}-security main")
    return tuple(lines)


def mmdebstrap_command(
    suite: str, packages: Sequence[str], lines: Sequence[str]
) -> tuple[str, ...]:
    """The command that writes a slim root file system as a tar archive to its output."""
    dropped = (
        *(f"/usr/share/{kind}/*" for kind in ("doc", "info", "locale", "man")),
        "/usr/lib/python3*/config-*/libpython*.a",
    )
    return (
        "mmdebstrap",
        "--variant=minbase",
        "--format=tar",
        f"--keyring={_KEYRING}",
        f"--include={','.join(packages)}",
        "--aptopt=APT::Install-Recommends false",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in dropped),
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        # nobody in a container gains a right by starting a program
        '--customize-hook=find "$1" -xdev -type f -perm /6000 -exec chmod a-s {} +',
        suite,
        "-",
        *lines,
    )


class DebianRootFileSystems:
    """Streams root file systems and keeps them, compressed, for a month.

    cache: the folder to keep them in, None to keep none.
    """

    def __init__(
        self,
        cache: Path | None,
        *,
        environment: Mapping[str, str] = os.environ,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._cache = cache
        self._environment = environment
        self._now = now

    @contextmanager
    def archive(
        self, suite: str, packages: Sequence[str], cancel: CancelToken
    ) -> Iterator[Iterator[bytes]]:
        command = mmdebstrap_command(suite, packages, sources(suite, self._environment))
        if self._cache is None:
            with _made(command, cancel) as chunks:
                yield chunks
            return
        kept = self._cache / self._file_name(suite, command)
        if kept.exists():
            with gzip.open(kept) as stream:
                yield _chunks(stream, cancel)
            return
        with _made(command, cancel) as chunks, _keeping(chunks, kept) as kept_chunks:
            yield kept_chunks
        self._forget_older(kept)

    def _file_name(self, suite: str, command: Sequence[str]) -> str:
        digest = hashlib.sha256("\0".join(command).encode()).hexdigest()[:12]
        return f"debian-{suite}-{digest}-{self._now():%Y-%m}.tar.gz"

    def _forget_older(self, kept: Path) -> None:
        month = len("YYYY-MM.tar.gz")
        for other in kept.parent.glob("debian-*.tar.gz"):
            if other.name[-month:] != kept.name[-month:]:
                other.unlink(missing_ok=True)


def _chunks(stream: gzip.GzipFile, cancel: CancelToken) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        cancel.check()
        yield chunk


@contextmanager
def _keeping(chunks: Iterator[bytes], target: Path) -> Iterator[Iterator[bytes]]:
    """Pass `chunks` on while they are compressed into `target`, which appears when complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".partial-", delete=False) as file:
        partial = Path(file.name)
        complete = False

        def copied(pack: gzip.GzipFile) -> Iterator[bytes]:
            nonlocal complete
            for chunk in chunks:
                pack.write(chunk)
                yield chunk
            complete = True

        try:
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1) as pack:
                yield copied(pack)
            if complete:
                file.flush()
                partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)


class _Session:
    """A process that leads a session of its own. close() tells it and all that it started to end,
    and waits for nobody: who cancels may be the window."""

    def __init__(self, leader: subprocess.Popen[bytes]) -> None:
        self._leader = leader
        self._lock = Lock()
        self._told = False

    def close(self) -> None:
        with self._lock:
            # a second signal would end what clears up after the first
            if not self._told and self._leader.poll() is None:
                os.killpg(self._leader.pid, signal.SIGTERM)
            self._told = True


@contextmanager
def _ending(leader: subprocess.Popen[bytes]) -> Iterator[None]:
    """Wait for its end, and force it if need be."""
    try:
        yield
    finally:
        try:
            leader.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(leader.pid, signal.SIGKILL)


def _start(command: Sequence[str], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise HoldfastError(
            "The node's images cannot be made.",
            "The program mmdebstrap is not installed.",
            "Run: sudo apt install mmdebstrap.",
        ) from error


@contextmanager
def _made(command: Sequence[str], cancel: CancelToken) -> Iterator[Iterator[bytes]]:
    def checked(output: IO[bytes]) -> Iterator[bytes]:
        while chunk := output.read(_CHUNK):
            yield chunk
        if process.wait() != 0:
            # an output cut short by a cancel is no failure of mmdebstrap's
            cancel.check()
            raise _failure(_last_words(errors))

    with (
        tempfile.TemporaryFile() as errors,
        _start(command, errors) as process,
        _ending(process),
        cancel.closing(_Session(process)),
    ):
        assert process.stdout is not None
        yield checked(process.stdout)


def _failure(words: str) -> HoldfastError:
    if "chroot mode" in words:
        return HoldfastError(
            "The node's images cannot be made without root on this machine.",
            f"A user needs newuidmap, and subordinate ids in /etc/subuid and /etc/subgid. {words}",
            "Run: sudo apt install uidmap, then sudo usermod --add-subuids 100000-165535 "
            "--add-subgids 100000-165535 and your name.",
        )
    return HoldfastError(
        "Debian's packages could not be fetched or installed.",
        words,
        "Check the connection to the mirror, or name another in HOLDFAST_DEBIAN_MIRROR.",
    )


def _last_words(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").splitlines()
    telling = [line for line in lines if line.startswith(("E: ", "dpkg: error"))]
    return " | ".join((telling or lines)[-3:])[-500:]
