"""A visitor's Chromium, which trusts the node's CA because somebody imported it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, expect, sync_playwright

#: As root and on a small machine. Certificate errors are not ignored.
_FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-proxy-server")


# a loaded machine takes its time to draw
expect.set_options(timeout=30_000)


@contextmanager
def chromium(home: Path, ca: Path, *flags: str) -> Iterator[BrowserContext]:
    """Debian's Chromium with an NSS database of its own in `home`."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    where = ("certutil", "-d", f"sql:{database}")
    subprocess.run([*where, "-N", "--empty-password"], check=True)
    subprocess.run([*where, "-A", "-t", "C,,", "-n", "holdfast", "-i", str(ca)], check=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[*_FLAGS, *flags],
            env={"HOME": str(home), "PATH": os.environ["PATH"]},
        )
        try:
            yield browser.new_context(viewport={"width": 1100, "height": 900})
        finally:
            browser.close()
