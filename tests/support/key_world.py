"""Workstations of one node without an engine: its key files lie in a folder of this machine, and
are read and written by the very commands that run on a node."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from memory_keychain import MemoryKeychain

from holdfast.domain.container import Completed, ContainerFacts, EngineFacts, PushedFile
from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret
from holdfast.node import payloads
from holdfast.node.age_file import decrypt
from holdfast.node.key_files import KeyFiles
from holdfast.node.keys import NodeKeys
from holdfast.ports import Keychain

SERVICE = "holdfast:workshop"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SALES, NOTES = AppName("sales"), AppName("notes")


class Killed(BaseException):
    """The process ends here; nothing of it that comes later happens."""


class Fuse:
    """Lets so many writes happen, and then kills. None: it never does."""

    def __init__(self) -> None:
        self.left: int | None = None

    def burn(self) -> None:
        if self.left is not None:
            if self.left == 0:
                raise Killed
            self.left -= 1


class FolderEngine:
    """As much of an engine as the key files ask for. between: called once, before a write.
    before_read: called before each reading. full: no copy finds room on the disk."""

    def __init__(self, folder: Path, fuse: Fuse) -> None:
        self._fuse = fuse
        self._places = {payloads.KEY_FILES: folder / "keys", payloads.KEY_INBOX: folder / "inbox"}
        self._running = False
        self.between: Callable[[], object] | None = None
        self.before_read: Callable[[], None] | None = None
        self.full = False

    @property
    def files(self) -> Path:
        return self._places[payloads.KEY_FILES]

    def facts(self) -> EngineFacts:
        return EngineFacts(
            id="1",
            version="20.10.24",
            api_version="1.41",
            products=(),
            data_root=str(self.files.parent),
            operating_system="Debian",
            os_type="linux",
            kernel="6.1.0",
            security=(),
            clock=NOW,
        )

    def volumes(self, labels: Mapping[str, str]) -> list[tuple[str, Mapping[str, str]]]:
        return [("holdfast-keys", labels)] if self.files.exists() else []

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        assert name == "holdfast-keys"
        for place in self._places.values():
            place.mkdir(parents=True, exist_ok=True)

    def containers(self, labels: Mapping[str, str]) -> list[ContainerFacts]:
        facts = ContainerFacts("1", "holdfast-keys", "", labels, "running", "Up", NOW, {}, ())
        return [facts] if self._running else []

    def create_ram_volume(self, volume: object) -> None: ...
    def remove_volume(self, name: str) -> None: ...
    def remove(self, name: str) -> None: ...
    def create(self, spec: object) -> None: ...

    def start(self, name: str) -> None:
        self._running = True

    def push(self, container: str, folder: str, files: Sequence[PushedFile], uid: int) -> None:
        if self.between is not None:
            meanwhile, self.between = self.between, None
            meanwhile()
        self._fuse.burn()
        for file in files:
            (self._places[folder] / file.path).write_bytes(file.content)

    def run(self, container: str, command: Sequence[str]) -> Completed:
        if " tar " not in command[2]:
            self._fuse.burn()
        elif self.before_read is not None:
            self.before_read()
        here = [self._here(part) for part in command]
        if self.full:
            here[2] = f'cp() {{ command cp "$1" /dev/full; }}; {here[2]}'
        done = subprocess.run(here, capture_output=True, check=False)
        return Completed(done.returncode, done.stdout, done.stderr)

    def _here(self, text: str) -> str:
        for place, folder in self._places.items():
            text = text.replace(place, str(folder))
        return text


class FusedKeychain(MemoryKeychain):
    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self._fuse = fuse

    def write(self, service: str, name: str, value: Secret) -> None:
        self._fuse.burn()
        super().write(service, name, value)

    def delete(self, service: str, name: str) -> None:
        self._fuse.burn()
        super().delete(service, name)


class KeyWorld:
    """One node, any number of workstations. apps: those that have a volume on it."""

    def __init__(self, folder: Path) -> None:
        self.fuse = Fuse()
        self.engine = FolderEngine(folder, self.fuse)
        self.files = KeyFiles(self.engine, lambda: "holdfast/node:test")  # type: ignore[arg-type]
        self.apps: list[AppName] = []

    def workstation(self, keychain: Keychain | None = None) -> NodeKeys:
        kept = keychain or FusedKeychain(self.fuse)
        return NodeKeys(kept, lambda: "workshop", self.files)

    def new_app(self, keys: NodeKeys, name: str, secrets: bytes = b"") -> AppName:
        app = AppName(name)
        keys.new_volume_key(app)
        self.apps.append(app)
        if secrets:
            keys.store_secrets(app, Secret(secrets))
        return app

    def opened_by(self, identity: Secret) -> dict[str, dict[str, Secret]]:
        contents = self.files.read()
        return {name: decrypt(name, content, identity) for name, content in contents.items()}

    def kill_after(self, writes: int, act: Callable[[], object]) -> bool:
        """Whether it was killed, which it is not where it writes less often."""
        self.fuse.left = writes
        try:
            act()
        except Killed:
            return True
        finally:
            self.fuse.left = None
        return False
