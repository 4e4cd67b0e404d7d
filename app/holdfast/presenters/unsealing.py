"""What the window does about a sealed node when it connects, as the user has chosen."""

from __future__ import annotations

from enum import StrEnum


class UnsealMode(StrEnum):
    BY_ITSELF = "by itself"
    ASK = "ask"
    NEVER = "never"


TITLE = "Unseal when the window connects"
MODES = (
    (UnsealMode.BY_ITSELF, "By itself"),
    (UnsealMode.ASK, "Ask"),
    (UnsealMode.NEVER, "Never"),
)
EXPLAINED = {
    UnsealMode.BY_ITSELF: "What a restart has sealed is unsealed with the keys in your keychain "
    "while this window is open. What somebody sealed on purpose stays sealed.",
    UnsealMode.ASK: "A notice with a button appears above the apps.",
    UnsealMode.NEVER: "Nothing is offered: Unseal stays in the sidebar.",
}

SEAL = "Seal"
SEAL_TEXT = "All apps stop, and stay sealed until somebody unseals them."
SEAL_NOW = "Seal now"
CANCEL = "Cancel"
