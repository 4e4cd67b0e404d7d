"""What the builder's script cannot do is told with its reason, and nothing goes on running."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from builder_world import PACKAGE, SIX, ZERO, Builder, environment
from waiting import wait_until


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
    wait_until(lambda: "State:\tZ" in state_of(child))


def state_of(process: Path) -> str:
    """As the kernel tells it; of one that is gone, that of one that has ended."""
    try:
        return process.read_text()
    except OSError:
        return "State:\tZ"


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
