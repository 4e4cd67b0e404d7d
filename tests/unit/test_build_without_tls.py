"""No index is asked without TLS by a build that has a password."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from builder_world import PROJECT, Builder


def test_no_password_goes_to_an_index_without_tls(builder: Builder) -> None:
    listed = "--index-url http://reader@packages.example.lan/simple\nsix\n"
    builder.write("requirements.txt", listed)
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
