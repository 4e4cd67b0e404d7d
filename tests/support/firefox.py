"""Debian's Firefox, which trusts a CA that somebody imported."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Every name leads to this machine, and nobody else is asked anything.
_PREFERENCES = {
    "network.dns.native-is-localhost": True,
    "network.proxy.type": 0,
    "app.update.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}


def firefox_profile(folder: Path, ca: Path) -> Path:
    """A new profile, with an NSS database of its own."""
    folder.mkdir(parents=True)
    where = ("certutil", "-d", f"sql:{folder}")
    subprocess.run([*where, "-N", "--empty-password"], check=True)
    subprocess.run([*where, "-A", "-t", "C,,", "-n", "holdfast", "-i", str(ca)], check=True)
    lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in _PREFERENCES.items())
    (folder / "user.js").write_text("".join(lines))
    return folder


@contextmanager
def firefox(profile: Path, address: str) -> Iterator[None]:
    """Runs while the block does, and opens this address."""
    words = ("--headless", "--no-remote", "--profile", str(profile))
    environment = {"HOME": str(profile), "PATH": os.environ["PATH"]}
    with subprocess.Popen(
        ["firefox-esr", *words, address],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.terminate()
