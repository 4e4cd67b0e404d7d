"""A believable proof for the desk in memory."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from holdfast.domain.marks import FORM_NAMES
from holdfast.domain.names import AppName
from holdfast.domain.proof import Control, Hit, Limit, Place, Planted, Proof, Unsearched

PROOF_STEPS = (
    "Deploy an app that holds marks",
    "Give it a secret and an upload",
    "Write a file among the data of the app",
    "Put marks where they lie in the clear",
    "Search the disk",
)
PROOF_PROGRESS = ("0 of 781 MB, 0 files", "544 of 781 MB, 12,204 files")


def proof(app: AppName, faults: Collection[str] = ()) -> Proof:
    """faults: leaky, plain-swap."""
    now = datetime.now(UTC)
    swap = "plain-swap" in faults
    return Proof(
        app=app,
        began=now - timedelta(seconds=21),
        finished=now,
        planted=(
            Planted("code", "Committed, fetched by git into an encrypted volume, and run.", True),
            Planted("a written file", "Written by an app to /data.", True),
            Planted("a printed line", "Printed by an app, and written into its log.", True),
            Planted("a secret", "Stored in the keychain, and handed to a running app.", True),
            Planted("an upload", "2 MiB, sent through the edge as a visitor sends it.", True),
            Planted(f"a file of {app}", f"Written to /data within {app}’s container.", True),
        ),
        controls=(
            Control("an ordinary volume", True),
            Control("a log that the engine keeps", True),
            Control("a layer of an image", True),
        ),
        places=(
            Place("Every file below /var/lib/holdfast", 17_397, "file", 780_413_996),
            Place("Inspect and history of everything", 82, "answer", 169_114),
            Place("Events of the engine", 441, "event", 209_570),
            Place("Command lines of the node’s processes", 219, "process", 25_799),
            Place("Environments of processes", 38, "process", 7_591),
        ),
        forms=FORM_NAMES,
        hits=(Hit("a secret", "plain", "/var/lib/holdfast/docker/volumes/notes/_data/a"),)
        if "leaky" in faults
        else (),
        exceptions=("The secret is in the environment of the proof’s own app, in RAM.",),
        unsearched=(Unsearched("swap on /dev/sda2", "It could not be opened."),) if swap else (),
        limits=(
            Limit(
                "The node may write memory to /dev/sda2, which is swap on a plain disk.",
                "Turn it off with sudo swapoff -a, or encrypt it.",
            ),
        )
        if swap
        else (),
        left=(),
        seconds=4.4,
    )
