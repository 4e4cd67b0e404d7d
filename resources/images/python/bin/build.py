"""Builds an app's environment inside the builder container: `build.py resolve|install|pack JOB`.

Run as `python3 -E -s build.py …`: its modules lie beside it in a folder that only root writes, and
`-I` would hide them. Each line of output is for the deploy's log; the last one is `RESULT {json}`,
or `ERROR {json}` with the exit status 3.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Any

from build_failures import (
    BuildFailure,
    asked_without_tls,
    explain,
    host_without_tls,
    without_credentials,
)
from build_requirements import Listed, Resolved, mirror, read_listed

_FAILED = 3
#: Long enough for the end of a compiler's output.
_KEPT_LINES = 400
_GRACE_SECONDS = 3.0
#: Packages ship their own tests, which no app runs: nearly half of what Streamlit brings. A file
#: that is not for this Python fails nothing, as with pip.
_COMPILE = """
import compileall, re, sys
compileall.compile_dir(sys.argv[1], quiet=2, rx=re.compile("/tests/"), workers=0)
"""
#: Of a packed environment, in bytes: the mounter keeps some hundred unpacked in its memory.
_BLOCK = "65536"
_PR_SET_CHILD_SUBREAPER = 36
#: Only root could open that port.
_NOWHERE = "http://127.0.0.1:1"


@dataclass(frozen=True)
class Job:
    """What the desktop asks for. kind and file: see `read_listed`; code is not written to."""

    code: Path
    kind: str
    file: str | None
    requirements: tuple[str, ...]
    always: tuple[str, ...]
    python: str
    environment: Path
    output: Path
    scratch: Path
    digest: str | None
    logins: str = field(default="", repr=False)
    """The passwords of package indexes, as a netrc file."""

    @classmethod
    def read(cls, path: Path) -> Job:
        given: dict[str, Any] = json.loads(path.read_text())
        return cls(
            Path(given["code"]),
            given["kind"],
            given.get("file"),
            tuple(given.get("requirements", ())),
            tuple(given.get("always", ())),
            given["python"],
            Path(given["environment"]),
            Path(given["output"]),
            Path(given["scratch"]),
            given.get("digest"),
            _take(path.with_name("netrc")),
        )

    @property
    def resolved(self) -> Path:
        return self.scratch / "resolved.txt"

    @property
    def cache(self) -> Path:
        """On the mount of the environment, so that each file is in RAM once: by hard links."""
        return self.environment / ".uv"

    @property
    def tree(self) -> Path:
        """The writable copy of the code: building a local package writes beside its source."""
        return self.scratch / "code"


def _take(path: Path) -> str:
    """A file's text, once: set-up code of packages shall not find it."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        return ""
    path.unlink()
    return text


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["resolve", "install", "pack"])
    parser.add_argument("job", type=Path)
    given = parser.parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _end)
    _adopt()
    commands = {"resolve": resolve, "install": install, "pack": pack}
    try:
        result = commands[given.command](Job.read(given.job))
    except BuildFailure as failure:
        print("ERROR", json.dumps(failure.told()), flush=True)
        sys.exit(_FAILED)
    except OSError as error:
        print("ERROR", json.dumps(explain([str(error)]).told()), flush=True)
        sys.exit(_FAILED)
    print("RESULT", json.dumps(result), flush=True)


def resolve(job: Job) -> dict[str, object]:
    """Pin all that is to be installed in scratch/resolved.txt."""
    mirror(job.code, job.tree)
    folder = (job.tree / job.file).parent if job.file else job.tree
    listed = read_listed(job.kind, job.tree, job.file, job.requirements)
    if listed.export:
        locked = job.scratch / "exported.txt"
        command = ["uv", "export", "--frozen", "--no-dev", "--no-editable", "--no-header"]
        command += ["--no-annotate", "--python", job.python, *listed.export]
        with locked.open("w") as written:
            run(job, command, folder, written)
        listed = listed.with_lock(locked.read_text(), folder)
    _check_tls(job, (*listed.options, *listed.lines, *listed.read))
    compiled = job.scratch / "compiled.txt"
    with compiled.open("w") as written:
        run(job, _compile(job, listed), folder, written)
    resolved = Resolved.read(compiled.read_text(), listed, folder)
    job.resolved.write_text(resolved.text)
    return {
        "packages": len(resolved.requirements),
        "resolved_sha256": resolved.sha256(job.tree, job.code),
        "streamlit": resolved.version("streamlit") or resolved.version("streamlit-nightly"),
    }


def _check_tls(job: Job, lines: Sequence[str]) -> None:
    """No password goes to a host that is asked without TLS."""
    known = set(re.findall(r"^machine (\S+) ", job.logins, re.MULTILINE))
    for host in re.findall(r"http://(?:[^@/\s]*@)?([^/:\s]+)", "\n".join(lines), re.IGNORECASE):
        if host.lower() in known:
            raise asked_without_tls(host)


def _compile(job: Job, listed: Listed) -> list[str]:
    inputs = list(listed.files)
    missing = [name for name in job.always if not listed.gives(name)]
    for name, lines in (("listed.txt", listed.lines), ("always.txt", missing)):
        if lines or (not inputs and name == "always.txt"):
            path = job.scratch / name
            path.write_text("\n".join(lines) + "\n")
            inputs.append(str(path))
    command = ["uv", "pip", "compile", "--python", job.python, "--generate-hashes"]
    command += ["--no-header", "--no-annotate", *inputs]
    if listed.locked:
        # each pin may lie on any of the lock's indexes; its hashes say which file is meant
        command += ["--index-strategy", "unsafe-best-match"]
        command += [] if missing else ["--no-deps"]
    return command


def install(job: Job) -> dict[str, object]:
    """Make the environment at the very path where the app will see it."""
    _check_tls(job, job.resolved.read_text().splitlines())
    job.environment.mkdir(parents=True, exist_ok=True)
    for left in set(job.environment.iterdir()) - {job.cache}:
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    # allow-existing: the path is a mount point, which cannot be replaced
    venv = ["uv", "venv", "--python", job.python, "--relocatable", "--allow-existing", "--quiet"]
    run(job, [*venv, str(job.environment)], job.scratch)
    command = ["uv", "pip", "install", "--python", str(job.environment / "bin/python")]
    command += ["--no-deps", "--index-strategy", "unsafe-best-match"]
    run(job, [*command, "--requirements", str(job.resolved)], job.scratch)
    python = str(job.environment / "bin/python")
    run(job, [python, "-I", "-c", _COMPILE, str(job.environment / "lib")], job.scratch)
    # what has been installed needs no cache, and packing needs the memory
    shutil.rmtree(job.cache, ignore_errors=True)
    installed = job.environment.glob("lib/python*/site-packages/*.dist-info")
    return {"packages": sum(1 for _ in installed)}


def pack(job: Job) -> dict[str, object]:
    """Write the environment as one file, which appears complete or not at all."""
    job.output.mkdir(parents=True, exist_ok=True)
    packed = job.output / f"{job.digest}.squashfs"
    part = packed.with_suffix(".squashfs.part")
    command = ["mksquashfs", str(job.environment), str(part), "-noappend", "-no-progress"]
    command += ["-quiet", "-all-root", "-no-xattrs", "-b", _BLOCK]
    command += ["-comp", "zstd", "-Xcompression-level", "1"]
    try:
        run(job, command, job.output)
        size = part.stat().st_size
        _synchronise(part)
        part.replace(packed)
        _synchronise(job.output)
    finally:
        part.unlink(missing_ok=True)
    return {"size_bytes": size}


def _synchronise(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def run(job: Job, command: Sequence[str], folder: Path, answer: IO[str] | None = None) -> None:
    """Run a program in a process group of its own and print its lines; BuildFailure if it fails.

    answer: where its standard output goes, if that is not for the log.
    """
    last: deque[str] = deque(maxlen=_KEPT_LINES)
    asks = job.logins if command[:2] == ["uv", "pip"] else ""
    with (
        once_readable(asks) as logins,
        subprocess.Popen(
            command,
            cwd=folder,
            env=_with_logins(_variables(job), logins) if asks else _variables(job),
            pass_fds=(logins,) if asks else (),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if answer is None else answer,
            stderr=subprocess.STDOUT if answer is None else subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process,
    ):
        try:
            for line in process.stdout or process.stderr or ():
                text = without_credentials(line.rstrip())
                last.append(text)
                print(text, flush=True)
            process.wait()
        finally:
            _end_group(process)
    if process.returncode:
        if asks and (host := host_without_tls(last)):
            raise asked_without_tls(host)
        raise explain(last, process.returncode)


def _with_logins(variables: Mapping[str, str], logins: int) -> Mapping[str, str]:
    """uv sends a host's password whether it asks with TLS or without, and no option forbids the
    latter: a proxy that does not exist does. Exceptions from it stay only beside a real one."""
    given = dict(variables)
    if not {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} & given.keys():
        given.pop("NO_PROXY", None)
        given.pop("no_proxy", None)
    nowhere = {name: _NOWHERE for name in ("HTTP_PROXY", "http_proxy")}
    return given | nowhere | {"NETRC": f"/dev/fd/{logins}"}


@contextmanager
def once_readable(text: str) -> Iterator[int]:
    """A descriptor from which the text is read once: what uv has read, nobody reads after it."""
    reading, writing = os.pipe()
    try:
        os.write(writing, text.encode())
        os.close(writing)
        yield reading
    finally:
        os.close(reading)


def _variables(job: Job) -> Mapping[str, str]:
    home, temporary = job.scratch / "home", job.scratch / "tmp"
    for made in (home, temporary, job.cache):
        made.mkdir(parents=True, exist_ok=True)
    return os.environ | {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "NO_COLOR": "1",
        "UV_CACHE_DIR": str(job.cache),
        "UV_LINK_MODE": "hardlink",
        "UV_NO_CONFIG": "1",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _end_group(process: subprocess.Popen[str]) -> None:
    """End a program and all that it started: a build's compilers outlive uv otherwise."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    while True:
        for child in _children():
            os.kill(child, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _adopt() -> None:
    """What set-up code starts becomes a child of this process when its own parent has ended,
    whichever session it made itself: none waits for the next step, and for the passwords in it."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "Set-up code could not be kept in sight")


def _children() -> Iterator[int]:
    """Ended ones that nobody has waited for, too."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            _state, parent, *_ = status.read_text(errors="replace").rpartition(")")[2].split()
            if int(parent) == os.getpid():
                yield int(status.parent.name)


if __name__ == "__main__":
    main()
