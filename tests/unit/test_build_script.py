"""The builder's script as it runs in its container: real uv, real mksquashfs, an unwritten code."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import pytest
from uv import find_uv_bin
from waiting import wait_until

SCRIPTS = Path(__file__).parents[2] / "resources/images/python/bin"
UV = find_uv_bin()
ZERO = "0" * 64
SIX = "six==1.17.0"
NIGHTLY = "1.49.1.dev20250827"
PROJECT = '[project]\nname = "demo"\nversion = "1"\n'
PACKAGE = """[project]
name = "demo"
version = "1"
dependencies = ["six==1.17.0"]
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
"""


@dataclass(frozen=True)
class Answer:
    status: int
    log: str
    word: str
    told: dict[str, Any]


@dataclass(frozen=True)
class Builder:
    """A builder's places below one folder; `cache` is shared by the tests to spare the index."""

    place: Path
    cache: Path

    @property
    def code(self) -> Path:
        return self.place / "code"

    @property
    def environment(self) -> Path:
        return self.place / "environment"

    @property
    def resolved(self) -> str:
        return (self.place / "scratch/resolved.txt").read_text()

    def holds(self, **files: str) -> None:
        for name, text in files.items():
            self.write(name.replace("__", "/").replace("_", "."), text)

    def write(self, path: str, text: str) -> None:
        (self.code / path).parent.mkdir(parents=True, exist_ok=True)
        (self.code / path).write_text(text)

    def command(self, verb: str, **job: object) -> list[str]:
        scratch = self.place / "scratch"
        scratch.mkdir(exist_ok=True)
        self.code.mkdir(exist_ok=True)
        if not (scratch / "uv").exists():
            (scratch / "uv").symlink_to(self.cache)
        given = {
            "code": str(self.code),
            "kind": "none",
            "file": None,
            "requirements": [],
            "always": [],
            "python": sys.executable,
            "environment": str(self.environment),
            "output": str(self.place / "environments"),
            "scratch": str(scratch),
        }
        path = self.place / "job.json"
        path.write_text(json.dumps(given | job))
        return [sys.executable, "-E", "-s", str(SCRIPTS / "build.py"), verb, str(path)]

    def run(self, verb: str, variables: Mapping[str, str] | None = None, **job: object) -> Answer:
        done = subprocess.run(
            self.command(verb, **job),
            env=environment() | (variables or {}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.stderr, done.stderr
        log, _, last = done.stdout.rstrip().rpartition("\n")
        word, _, told = last.partition(" ")
        return Answer(done.returncode, log, word, json.loads(told))

    def resolve(self, kind: str, file: str | None, **job: object) -> dict[str, Any]:
        answer = self.run("resolve", kind=kind, file=file, **job)
        assert (answer.status, answer.word) == (0, "RESULT"), answer
        return answer.told

    def install(self) -> dict[str, Any]:
        answer = self.run("install")
        assert (answer.status, answer.word) == (0, "RESULT"), answer
        return answer.told

    def fails(self, kind: str, file: str | None, **job: object) -> dict[str, str]:
        answer = self.run("resolve", kind=kind, file=file, **job)
        assert (answer.status, answer.word) == (3, "ERROR"), answer
        assert answer.told["what"] and answer.told["next"]
        return answer.told

    def python(self, code: str) -> str:
        """What the environment's own Python prints, run where the app's code is not."""
        command = [str(self.environment / "bin/python"), "-c", code]
        return subprocess.run(
            command, cwd=self.place, capture_output=True, text=True, check=True
        ).stdout.strip()


def environment() -> dict[str, str]:
    return dict(os.environ) | {"PATH": f"{Path(UV).parent}:{os.environ['PATH']}"}


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv")


@pytest.fixture
def builder(uv_cache: Path) -> Iterator[Builder]:
    # as short as in the container: from 3.13 on, what compiles listens on a socket in there
    with TemporaryDirectory() as place:
        yield Builder(Path(place), uv_cache)


# ---- What is resolved --------------------------------------------------------------------------


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


# ---- What is installed -------------------------------------------------------------------------


def test_an_environment_is_made_and_packed(builder: Builder) -> None:
    (builder.place / "scratch/uv").mkdir(parents=True)
    builder.write("requirements.txt", SIX)
    builder.resolve("requirements", "requirements.txt")
    (builder.environment / "left").mkdir(parents=True)
    assert builder.install() == {"packages": 1}
    assert not (builder.environment / "left").exists()
    site = builder.environment / f"lib/python3.{sys.version_info.minor}/site-packages"
    assert list(site.glob("__pycache__/six.*.pyc"))
    assert builder.python("import six; print(six.__version__)") == "1.17.0"
    assert not (builder.place / "scratch/uv").exists()

    answer = builder.run("pack", digest="12ab")
    packed = builder.place / "environments/12ab.squashfs"
    assert answer.told == {"size_bytes": packed.stat().st_size}
    assert [file.name for file in packed.parent.iterdir()] == ["12ab.squashfs"]
    listing = subprocess.run(
        ["unsquashfs", "-lls", str(packed)], capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"-rw-r--r-- root/root .*site-packages/six\.py", listing)


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


# ---- What fails --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("requirements", "what", "why"),
    [
        ("holdfast-no-such-package-xyz", "There is no package holdfast-no-such-package-xyz.", ""),
        ("six==99.0", "There is no version of six==99.0 that the project admits.", "six==99.0"),
        ("six==1.16.0\nsix==1.15.0", "The project's requirements contradict one another.", "1.15"),
        ("six ==== 1", "requirements.txt cannot be read.", "comparison operator"),
        ("this is nonsense", "requirements.txt cannot be read.", "nonsense"),
        ("./nowhere", "There is nothing to install at nowhere.", "repository"),
        ("-r nowhere.txt", "requirements.txt cannot be read.", "nowhere.txt"),
        ("git+https://u:hunter2@127.0.0.1:9/a.git", "127.0.0.1:9 did not give", "connect"),
    ],
)
def test_what_cannot_be_resolved_is_told(
    builder: Builder, requirements: str, what: str, why: str
) -> None:
    builder.write("requirements.txt", requirements + "\n")
    told = builder.fails("requirements", "requirements.txt")
    assert told["what"].startswith(what)
    assert why in told["why"]
    assert "hunter2" not in str(told)


@pytest.mark.parametrize(
    ("kind", "file", "text"),
    [
        ("pyproject", "pyproject.toml", "[project\n"),
        ("pipfile-lock", "Pipfile.lock", '{"default": ["six"]}'),
        ("pipfile", "Pipfile", "[packages]\nsix = 1\n"),
    ],
)
def test_a_malformed_file_is_named(builder: Builder, kind: str, file: str, text: str) -> None:
    builder.write(file, text)
    assert builder.fails(kind, file)["what"].startswith(f"{file} ")


def test_another_python_is_asked_for(builder: Builder) -> None:
    builder.write("requirements.txt", "./own\n")
    builder.write("own/pyproject.toml", PACKAGE.replace('"1"\n', '"1"\nrequires-python=">=4"\n'))
    told = builder.fails("requirements", "requirements.txt")
    assert told["what"] == "demo==1 needs another Python."
    assert ">=4" in told["why"]


def test_the_end_of_a_failed_build_is_told(builder: Builder) -> None:
    builder.write("requirements.txt", "./own\n")
    builder.write("own/setup.py", "raise RuntimeError('no libpq here')\n")
    told = builder.fails("requirements", "requirements.txt")
    assert told["what"].endswith("does not build.")
    assert told["why"].endswith("RuntimeError: no libpq here")
    assert "packages.txt" in told["next"]


def test_a_stated_hash_is_checked(builder: Builder) -> None:
    builder.write("requirements.txt", f"{SIX} \\\n    --hash=sha256:{ZERO}\n")
    builder.resolve("requirements", "requirements.txt")
    answer = builder.run("install")
    assert answer.status == 3
    assert answer.told["what"] == "six==1.17.0 is not the file that the project pinned."


def test_an_index_that_does_not_answer_is_named(builder: Builder) -> None:
    builder.write("requirements.txt", SIX)
    variables = {"UV_DEFAULT_INDEX": "http://u:hunter2@127.0.0.1:9/simple", "UV_HTTP_RETRIES": "0"}
    answer = builder.run("resolve", variables, kind="requirements", file="requirements.txt")
    assert answer.status == 3
    assert answer.told["what"] == "127.0.0.1:9 did not give what the build asked for."
    assert "Connection refused" in answer.told["why"]
    assert "hunter2" not in answer.log + str(answer.told)


def test_a_full_disk_is_told_and_leaves_no_part(builder: Builder) -> None:
    (builder.environment / "lib").mkdir(parents=True)
    (builder.environment / "lib/data").write_bytes(os.urandom(1 << 20))
    output = builder.place / "environments"
    output.mkdir()
    command = builder.command("pack", digest="12ab")
    mount = (
        f'mount -t tmpfs -o size=64k none {output} && "$@"; status=$?; ls {output}; exit $status'
    )
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh", *command],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    last = done.stdout.rstrip().splitlines()[-1]
    assert last.startswith('ERROR {"what": "The build ran out of room."')


def test_what_a_build_started_ends_with_the_script(builder: Builder) -> None:
    started = builder.place / "started"
    builder.write("requirements.txt", "./own\n")
    builder.write(
        "own/setup.py",
        "import os, pathlib, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"part = pathlib.Path({str(started)!r} + '.part')\n"
        "part.write_text(str(os.getpid()))\n"
        f"part.rename({str(started)!r})\n"
        "while True: time.sleep(1)\n",
    )
    command = builder.command("resolve", kind="requirements", file="requirements.txt")
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE) as process:
        wait_until(started.exists, seconds=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM
    child = Path("/proc") / started.read_text() / "status"
    wait_until(lambda: not child.exists() or "State:\tZ" in child.read_text())


def test_set_up_code_that_detaches_itself_does_not_outlive_its_step(builder: Builder) -> None:
    started = builder.place / "started"
    builder.write("requirements.txt", "./own\n")
    # a daemon in a session of its own, whose parent has ended and whose output is closed
    builder.write(
        "own/setup.py",
        "import os, pathlib, signal, time\n"
        "from setuptools import setup\n"
        f"started = pathlib.Path({str(started)!r})\n"
        "if not started.exists() and not os.fork():\n"
        "    os.setsid()\n"
        "    if os.fork(): os._exit(0)\n"
        "    os.closerange(0, 1024)\n"
        "    part = started.with_suffix('.part')\n"
        "    part.write_text(str(os.getpid()))\n"
        "    part.rename(started)\n"
        "    while True: time.sleep(1)\n"
        "while not started.exists(): time.sleep(0.01)\n"
        "setup(name='own', version='1', py_modules=[])\n",
    )
    builder.resolve("requirements", "requirements.txt")
    daemon = int(started.read_text())
    try:
        assert not Path(f"/proc/{daemon}").exists()
    finally:
        with suppress(ProcessLookupError):
            os.kill(daemon, signal.SIGKILL)


def test_no_password_goes_to_an_index_without_tls(builder: Builder) -> None:
    builder.holds(requirements_txt="--index-url http://reader@packages.example.lan/simple\nsix\n")
    logins = builder.place / "netrc"
    logins.write_text('machine packages.example.lan login "reader" password "k3ttle"\n')
    answer = builder.run("resolve", kind="requirements", file="requirements.txt")
    assert (answer.status, answer.word) == (3, "ERROR")
    assert answer.told["what"] == "The package index packages.example.lan is asked without TLS."
    assert "k3ttle" not in answer.log
    # nothing that runs after the script has begun finds it
    assert not logins.exists()


@pytest.fixture
def without_tls() -> Iterator[tuple[str, list[str | None]]]:
    """A host that asks for a password without TLS, and the passwords that it was sent."""
    sent: list[str | None] = []

    class Asking(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent.append(self.headers.get("Authorization"))
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="packages"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Asking) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", sent
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("kind", "file", "files", "listed"),
    [
        ("requirements", "requirements.txt", {"requirements.txt": "six @ {}/six-1.whl"}, []),
        (
            "requirements",
            "requirements.txt",
            {"requirements.txt": "-r more.txt", "more.txt": "-r {}/most.txt"},
            [],
        ),
        ("environment", "environment.yml", {}, ["--extra-index-url {}/simple", "six"]),
        (
            "pyproject",
            "pyproject.toml",
            {
                "pyproject.toml": PROJECT + 'dependencies = ["six"]\n'
                '[tool.uv.sources]\nsix = {{ url = "{}/six-1-py3-none-any.whl" }}\n'
            },
            [],
        ),
        (
            "requirements",
            "requirements.txt",
            {
                "requirements.txt": "./own",
                "own/pyproject.toml": PROJECT + 'dependencies = ["six @ {}/six-1.tar.gz"]\n',
            },
            [],
        ),
    ],
    ids=["address", "included", "environment", "sources", "dependency"],
)
def test_no_request_without_tls_carries_a_password(
    builder: Builder,
    without_tls: tuple[str, list[str | None]],
    kind: str,
    file: str,
    files: dict[str, str],
    listed: list[str],
) -> None:
    address, sent = without_tls
    for path, text in files.items():
        builder.write(path, text.format(address) + "\n")
    (builder.place / "netrc").write_text('machine 127.0.0.1 login "reader" password "k3ttle"\n')
    lines = [line.format(address) for line in listed]
    told = builder.run(
        "resolve", {"UV_HTTP_RETRIES": "0"}, kind=kind, file=file, requirements=lines
    ).told
    assert told["what"] == "The package index 127.0.0.1 is asked without TLS."
    assert sent == []


def test_what_was_resolved_is_not_asked_for_without_tls(
    builder: Builder, without_tls: tuple[str, list[str | None]]
) -> None:
    address, sent = without_tls
    (builder.place / "scratch").mkdir()
    (builder.place / "scratch/resolved.txt").write_text(f"six @ {address}/six-1.tar.gz\n")
    (builder.place / "netrc").write_text('machine 127.0.0.1 login "reader" password "k3ttle"\n')
    told = builder.run("install").told
    assert told["what"] == "The package index 127.0.0.1 is asked without TLS."
    assert sent == []
