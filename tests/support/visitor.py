"""A visitor's Chromium, which trusts the node's CA because somebody imported it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, expect, sync_playwright

#: As root and on a small machine. Certificate errors are not ignored.
_FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-proxy-server")


# a loaded machine takes its time to draw
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Identity:
    """A visitor's certificate, as it was issued. file: a .p12."""

    file: Path
    passphrase: str


@contextmanager
def chromium(
    home: Path, ca: Path, *flags: str, identity: Identity | None = None
) -> Iterator[BrowserContext]:
    """Debian's Chromium with an NSS database of its own in `home`. identity: what its user imported
    and chooses wherever a server asks."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    where = ("certutil", "-d", f"sql:{database}")
    subprocess.run([*where, "-N", "--empty-password"], check=True)
    subprocess.run([*where, "-A", "-t", "C,,", "-n", "holdfast", "-i", str(ca)], check=True)
    program = Path("/usr/bin/chromium")
    if identity is not None:
        _import(identity, database)
        program = _choosing(home, program)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[*_FLAGS, *flags],
            env={"HOME": str(home), "PATH": os.environ["PATH"]},
        )
        try:
            yield browser.new_context(viewport={"width": 1100, "height": 900})
        finally:
            browser.close()


def _import(identity: Identity, database: Path) -> None:
    passphrase = database / "passphrase"
    passphrase.write_text(identity.passphrase)
    command = ["pk12util", "-d", f"sql:{database}", "-i", str(identity.file), "-w", str(passphrase)]
    subprocess.run(command, check=True, capture_output=True)
    passphrase.unlink()


def _choosing(home: Path, program: Path) -> Path:
    """A browser whose user has already said which certificate to show. It reads so in one place of
    the machine alone, so it is shown a machine of its own."""
    managed = home / "etc" / "policies" / "managed"
    managed.mkdir(parents=True)
    anywhere = json.dumps({"pattern": "*", "filter": {}})
    (managed / "visitor.json").write_text(json.dumps({"AutoSelectCertificateForUrls": [anywhere]}))
    script = home / "chromium"
    bind = f'mount --bind "$0" /etc/chromium && exec {program} "$@"'
    script.write_text(f"#!/bin/sh\nexec unshare --mount sh -c '{bind}' {home / 'etc'} \"$@\"\n")
    script.chmod(0o755)
    return script
