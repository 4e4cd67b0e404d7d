"""The launcher of an app's container on this machine, and small apps for it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from waiting import wait_until

PYTHON_IMAGE = Path(__file__).parents[2] / "resources/images/python"
INTERPRETER = (sys.executable, "-E", "-s", "-S", "-B")

SERVER = """
import http.server, os, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == os.environ.get("WEBSOCKET"):
            import base64, hashlib
            guid = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            key = self.headers["Sec-WebSocket-Key"].encode()
            self.send_response(101)
            accept = base64.b64encode(hashlib.sha1(key + guid).digest()).decode()
            self.send_header("Sec-WebSocket-Accept", accept)
        else:
            self.send_response(int(os.environ.get("STATUS", "200")))
        self.end_headers()
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page)
print("serving as", os.getpid(), flush=True)
server.serve_forever()
"""
SILENT = "import signal; print('alive', flush=True); signal.pause()"


@dataclass
class Launch:
    """A launcher and the folders that it is given."""

    root: Path
    process: subprocess.Popen[str] | None = None
    port: int = field(init=False)

    def __post_init__(self) -> None:
        for folder in (self.folder, self.logs, self.root / "checkout"):
            folder.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])

    @property
    def folder(self) -> Path:
        return self.root / "launch"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def tell(
        self,
        source: str,
        framework: str = "flask",
        ready_seconds: float = 60,
        secrets: str = "",
        **environment: str,
    ) -> None:
        (self.root / "secrets.toml").write_text(secrets)
        plan = {
            "command": [sys.executable, "-c", source],
            "environment": {"PORT": str(self.port)} | environment,
            "folder": str(self.root / "checkout"),
            "framework": framework,
            "port": self.port,
            "logs": str(self.logs),
            "secrets": str(self.root / "secrets.toml"),
            "ready_seconds": ready_seconds,
        }
        (self.folder / "launch.json").write_text(json.dumps(plan))

    def start(self, *options: str, go: bool = True) -> subprocess.Popen[str]:
        if go:
            (self.folder / "go").touch()
        script = str(PYTHON_IMAGE / "bin/launch.py")
        places = ("--site", str(PYTHON_IMAGE / "site"), "--cgroup", str(self.root))
        self.process = subprocess.Popen(
            [*INTERPRETER, script, str(self.folder), *places, *options],
            text=True,
            stderr=subprocess.PIPE,
        )
        return self.process

    def status(self) -> dict[str, object]:
        try:
            found: dict[str, object] = json.loads((self.logs / "status.json").read_text())
        except FileNotFoundError:
            return {}
        return found

    def wait_for(self, state: str, **facts: object) -> dict[str, object]:
        wanted = {"state": state} | facts
        wait_until(lambda: wanted.items() <= self.status().items(), seconds=30)
        return self.status()

    def lines(self, source: str) -> list[str]:
        """The texts that came from `source`."""
        log = self.logs / "app.log"
        words = (
            [line.split(" ", 2) for line in log.read_text().splitlines()] if log.exists() else []
        )
        return [word[2] for word in words if word[1] == source]

    def wait_ready(self, seconds: float = 30) -> subprocess.CompletedProcess[str]:
        script = str(PYTHON_IMAGE / "bin/wait_ready.py")
        command = [*INTERPRETER, script, str(self.folder), str(seconds)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(10)
        assert self.process.stderr is not None
        with self.process.stderr as errors:
            assert errors.read() == ""
        self.process = None
        return code
