"""This user's browsers: lets them trust a CA, in the NSS databases that they read."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from holdfast.domain.certificate import Trusted

_SECONDS = 15
#: A CA for TLS servers, and for nothing else.
_WEBSITES = "C,,"
_CHROMIUM = ".pki/nssdb"
_FIREFOX = (
    ".mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
)
_IMPORT = "import the exported CA as an authority that identifies websites"
_STEPS = (
    f"Chromium, Chrome: Settings, Privacy and security, Security, Manage certificates: {_IMPORT}.",
    f"Firefox: Settings, Privacy & Security, View Certificates, Authorities: {_IMPORT}.",
)
_SYSTEM = (
    "curl and other programs of this machine, as root: copy the exported CA to"
    " /usr/local/share/ca-certificates/holdfast.crt, then run update-ca-certificates."
)


class BrowserTrust:
    """home: the user's. certutil: the program of NSS; None where it is not installed."""

    def __init__(self, home: Path, certutil: str | None = None) -> None:
        self._home = home
        self._certutil = certutil or shutil.which("certutil")

    def trust(self, name: str, authority: bytes) -> Trusted:
        if self._certutil is None:
            install = "Install certutil (Debian: libnss3-tools), and try again; or by hand:"
            return Trusted((), (install, *_STEPS, _SYSTEM))
        stores, steps = [], []
        for browser, database in self._databases():
            if self._add(database, name, authority):
                stores.append(browser)
            else:
                steps += [step for step in _STEPS if step.startswith(browser.split(",")[0])]
        return Trusted(tuple(stores), (*dict.fromkeys(steps), _SYSTEM))

    def _databases(self) -> Iterator[tuple[str, Path]]:
        yield "Chromium, Chrome", self._home / _CHROMIUM
        for folder in _FIREFOX:
            for database in sorted((self._home / folder).glob("*/cert9.db")):
                yield f"Firefox, {database.parent.name}", database.parent

    def _add(self, database: Path, name: str, authority: bytes) -> bool:
        """Whether the database trusts it afterwards: what was told is not relied upon."""
        if not (database / "cert9.db").exists():
            try:
                database.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError:
                return False
            self._run(database, "-N", "--empty-password")
        self._run(database, "-A", "-a", "-t", _WEBSITES, "-n", name, given=authority)
        listed = self._run(database, "-L").decode(errors="replace").splitlines()
        if any(line.split() == [*name.split(), _WEBSITES] for line in listed):
            return True
        # one with a password of its own takes the certificate, and no trust in it
        self._run(database, "-D", "-n", name)
        return False

    def _run(self, database: Path, *arguments: str, given: bytes = b"") -> bytes:
        """Its output, empty where it failed: a database with a password of its own, say."""
        command = [str(self._certutil), "-d", f"sql:{database}", *arguments]
        try:
            done = subprocess.run(
                command, input=given, capture_output=True, timeout=_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return b""
        return done.stdout if done.returncode == 0 else b""
