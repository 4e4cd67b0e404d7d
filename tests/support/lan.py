"""A machine beyond the engine's host, in a network namespace, that serves git repositories and a
private package index."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import count
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

_NUMBERS = count()
_CABLE = "hf-lan"
HOST, ADDRESS = "192.168.91.1", "192.168.91.2"
#: What is sent there arrives, and nobody ever answers.
SILENT = "192.168.91.9"
_NOBODY = "02:00:00:00:00:09"
PORT = 8443

#: FOLDER CERTIFICATE ADDRESS PORT: git's own program behind TLS, and LFS objects of FOLDER/lfs.
_SERVER = """
import hashlib, http.server, json, os, pathlib, ssl, subprocess, sys
folder, certificate, address, port = sys.argv[1:]

class Git(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if pathlib.Path(folder, "down").exists():
            return self.answer(503, b"")
        path, _, query = self.path.partition("?")
        if path.startswith("/moved/"):
            place = f"https://{address}:{port}{self.path.removeprefix('/moved')}"
            return self.answer(301, b"", Location=place)
        if path.startswith("/lfs/"):
            return self.answer(200, pathlib.Path(folder, path[1:]).read_bytes())
        if path.startswith("/private/"):
            return self.index(pathlib.Path(folder, path[1:]))
        if path.endswith("/info/refs"):
            with open(f"{folder}.asked", "a") as log:
                print(path, file=log)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if path.endswith("/info/lfs/objects/batch"):
            return self.batch(json.loads(body))
        environment = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": folder, "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], env=environment, input=body,
                              capture_output=True)
        head, _, content = done.stdout.partition(b"\\r\\n\\r\\n")
        if b"packfile\\n" in content[:4096]:
            with open(f"{folder}.fetched", "a") as log:
                print(path, file=log)
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
        status = int(fields.pop("Status", "200").split()[0])
        self.answer(status, content, **fields)

    do_POST = do_GET

    def index(self, place):
        wanted = pathlib.Path(folder, "private", "authorization").read_text()
        if self.headers.get("Authorization") != wanted:
            return self.answer(401, b"", **{"WWW-Authenticate": 'Basic realm="packages"'})
        if place.is_dir():
            links = "".join(f'<a href="{each.name}">{each.name}</a>' for each in place.iterdir())
            return self.answer(200, links.encode(), **{"Content-Type": "text/html"})
        content = place.read_bytes() if place.exists() else b""
        self.answer(200 if content else 404, content)

    def batch(self, wanted):
        objects = []
        for item in wanted["objects"]:
            there = pathlib.Path(folder, "lfs", item["oid"]).exists()
            place = f"https://{address}:{port}/lfs/{item['oid']}"
            found = ({"actions": {"download": {"href": place}}} if there
                     else {"error": {"code": 404, "message": "no such object"}})
            objects.append({**item, **found})
        text = json.dumps({"transfer": "basic", "objects": objects}).encode()
        self.answer(200, text, **{"Content-Type": "application/vnd.git-lfs+json"})

    def answer(self, status, content, **fields):
        self.send_response(status)
        for name, value in {**fields, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words):
        pass

server = http.server.ThreadingHTTPServer((address, int(port)), Git)
def secured():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context

def show_the_latest(connection, *asked):
    connection.context = secured()

secure = secured()
secure.sni_callback = show_the_latest
server.socket = secure.wrap_socket(server.socket, server_side=True)
print("ready", flush=True)
server.serve_forever()
"""


@dataclass(frozen=True)
class Lan:
    """folder: a repository in it is served under its name, to which `moved/` and that leads.
    certificate: PEM, to be trusted. keys: the file that it is in, with its private key."""

    folder: Path
    certificate: bytes
    keys: Path

    def url(self, name: str) -> str:
        return f"https://{ADDRESS}:{PORT}/{name}"

    def certify(self, begins: timedelta, ends: timedelta) -> bytes:
        """Show another certificate from now on, of that time from now; PEM, to be trusted."""
        return certify(self.keys, begins, ends)

    def fetches(self, name: str) -> int:
        """How often commits of a repository were sent; one is asked for in several questions."""
        return self._logged("fetched").count(f"/{name}/git-upload-pack")

    def visits(self, name: str) -> int:
        """How often somebody came to a repository, to ask for branches or for commits."""
        return self._logged("asked").count(f"/{name}/info/refs")

    def _logged(self, what: str) -> list[str]:
        log = self.folder.with_name(f"{self.folder.name}.{what}")
        return log.read_text().splitlines() if log.exists() else []

    @contextmanager
    def down(self) -> Iterator[None]:
        """As behind a proxy whose server is not there."""
        sign = self.folder / "down"
        sign.touch()
        try:
            yield
        finally:
            sign.unlink()

    def private_index(self, login: str, **packages: bytes) -> str:
        """Its address. login: USER:PASSWORD, which it asks for. packages: an archive of each,
        version 1."""
        served = self.folder / "private"
        for name, archive in packages.items():
            (served / "simple" / name).mkdir(parents=True)
            (served / "simple" / name / f"{name}-1.tar.gz").write_bytes(archive)
        token = b64encode(login.encode()).decode()
        (served / "authorization").write_text(f"Basic {token}")
        return self.url("private/simple/")


@contextmanager
def machine_beyond() -> Iterator[str]:
    """The name of its network namespace. Needs root. The engine's host reaches ADDRESS over a
    cable of its own."""
    name = f"hf-lan-{os.getpid()}-{next(_NUMBERS)}"
    # of a run that was killed: it would take what is sent to ADDRESS
    subprocess.run(["ip", "link", "delete", _CABLE], check=False, capture_output=True)
    run("ip", "netns", "add", name)
    try:
        run("ip", "link", "add", _CABLE, "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "address", "add", f"{HOST}/24", "dev", _CABLE)
        run("ip", "link", "set", _CABLE, "up")
        nobody = (SILENT, "lladdr", _NOBODY, "dev", _CABLE, "nud", "permanent")
        run("ip", "neighbor", "replace", *nobody)
        run("ip", "-n", name, "address", "add", f"{ADDRESS}/24", "dev", "eth0")
        run("ip", "-n", name, "link", "set", "eth0", "up")
        run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", name, "route", "add", "default", "via", HOST)
        yield name
    finally:
        run("ip", "netns", "delete", name)


@contextmanager
def serving_git(folder: Path) -> Iterator[Lan]:
    keys = folder / "server.pem"
    make_certificate(keys)
    served = folder / "served"
    (served / "lfs").mkdir(parents=True)
    with machine_beyond() as name:
        command = ["ip", "netns", "exec", name, sys.executable, "-I", "-c", _SERVER]
        arguments = [str(served), str(keys), ADDRESS, str(PORT)]
        with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                assert server.stdout.readline() == "ready\n"
                shown = keys.read_bytes().partition(b"-----BEGIN PRIVATE")[0]
                yield Lan(served, shown, keys)
            finally:
                server.kill()


def received() -> int:
    """Bytes that have come from that machine since the cable was laid."""
    command = ["ip", "-json", "-statistics", "link", "show", "dev", _CABLE]
    [cable] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return int(cable["stats64"]["rx"]["bytes"])


def make_certificate(keys: Path, address: str = ADDRESS) -> None:
    """PEM of a certificate for an address that vouches for itself, and of its key."""
    options = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=lan"]
    # no CA: uv takes none for a server
    names = ["-addext", f"subjectAltName=IP:{address}", "-addext", "basicConstraints=CA:FALSE"]
    key = keys.with_suffix(".key")
    run("openssl", "req", "-x509", *options, *names, "-keyout", str(key), "-out", str(keys))
    keys.write_bytes(keys.read_bytes() + key.read_bytes())


def certify(keys: Path, begins: timedelta, ends: timedelta) -> bytes:
    """The same of that time from now, by the key that is there."""
    now = datetime.now(UTC)
    key = load_pem_private_key(keys.read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "lan")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(ADDRESS))])
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(names, critical=False)
        .sign(key, SHA256())
    )
    shown = made.public_bytes(Encoding.PEM)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    keys.write_bytes(shown + private)
    return shown


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=20)
