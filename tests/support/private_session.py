"""A session of the tests' own: a D-Bus and a real GNOME Keyring on it."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from jeepney import DBusAddress, new_method_call
from jeepney.bus import get_bus
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, prep_socket
from waiting import wait_until

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type><listen>unix:path={socket}</listen><servicedir>{services}</servicedir>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
  </policy>
</busconfig>
"""


@dataclass
class PrivateBus:
    """A D-Bus of the tests' own; `services` is its folder of activatable services."""

    folder: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / "services").mkdir()
        configuration = self.folder / "bus.conf"
        configuration.write_text(BUS.format(socket=self.socket, services=self.folder / "services"))
        self.process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={configuration}", "--nofork"],
            env=self.environment | {"PATH": os.environ["PATH"]},
        )
        wait_until(self._answers)

    @property
    def socket(self) -> Path:
        return self.folder / "bus"

    @property
    def address(self) -> str:
        return f"unix:path={self.socket}"

    @property
    def environment(self) -> dict[str, str]:
        """All that a program on this bus needs; HOME and the keyrings are the tests' own."""
        return {
            "HOME": str(self.folder),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_RUNTIME_DIR": str(self.folder),
            "DBUS_SESSION_BUS_ADDRESS": self.address,
        }

    def _answers(self) -> bool:
        # the socket is there a moment before anybody listens
        try:
            with self.connect():
                return True
        except OSError:
            return False

    def connect(self) -> closing[DBusConnection]:
        return closing(DBusConnection(prep_socket(get_bus(self.address))))

    def owns(self, name: str) -> bool:
        with self.connect() as connection:
            return bool(Proxy(message_bus, connection).NameHasOwner(name)[0])

    def close(self) -> None:
        end(self.process)


@dataclass
class PrivateSecretService:
    """A real GNOME Keyring on a bus of its own."""

    bus: PrivateBus
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return self.bus.environment

    def start(self) -> None:
        """Start it unlocked; its files are those of before."""
        assert self.process is None
        self.process = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            env=self.environment | {"PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdin is not None
        with self.process.stdin as password:
            password.write(b"the tests' own")
        wait_until(lambda: self.bus.owns("org.freedesktop.secrets"))

    def stop(self) -> None:
        if self.process is not None:
            end(self.process)
            self.process = None

    def lock(self) -> None:
        """Lock the default collection, as a screen saver does."""
        service = DBusAddress(
            "/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service"
        )
        default = "/org/freedesktop/secrets/aliases/default"
        with self.bus.connect() as connection:
            reply = connection.send_and_get_reply(
                new_method_call(service, "Lock", "ao", ([default],)), timeout=10
            )
        assert reply.body[0], "nothing was locked"

    def unlock(self) -> None:
        """Only a start takes the password without asking."""
        self.stop()
        self.start()


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    with suppress(ProcessLookupError):
        process.wait(timeout=10)
