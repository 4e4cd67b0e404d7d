"""What a desk in memory keeps of its apps' secrets, and a keychain that may refuse them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import sample

from holdfast.domain.errors import KeychainLocked, KeychainUnreachable, NotLetIn
from holdfast.domain.names import AppName
from holdfast.domain.requests import AppSecrets
from holdfast.domain.secret import Secret


@dataclass(frozen=True)
class KeptSecrets:
    document: Secret = field(default_factory=lambda: Secret(sample.SECRETS.encode()))
    before: Secret | None = None


class MemorySecrets:
    """faults: those of its desk."""

    def __init__(self, faults: Collection[str]) -> None:
        self._faults = faults
        self._kept: dict[str, KeptSecrets] = defaultdict(KeptSecrets)

    def document(self, app: str) -> Secret:
        return self._kept[app].document

    def before(self, app: str) -> Secret | None:
        return self._kept[app].before

    def keep(self, app: str, document: str) -> None:
        """As if there had been none before."""
        self._kept[app] = KeptSecrets(Secret(document.encode()))

    def store(self, app: str, document: Secret) -> None:
        self._kept[app] = KeptSecrets(document, self.document(app))

    def of(self, app: AppName) -> AppSecrets:
        self.check_keychain()
        kept = self._kept[app]
        found = AppSecrets(
            app, kept.document, kept.before, "GNOME Keyring", "streamlit", sample.ASKED
        )
        if "committed-secret" in self._faults:
            return replace(found, committed=(".streamlit/secrets.toml",))
        return replace(found, framework="flask") if "flask" in self._faults else found

    def check_keychain(self) -> None:
        if "locked-keychain" in self._faults:
            raise KeychainLocked(
                "GNOME Keyring is locked.",
                "It was asked to unlock and did not.",
                "Unlock GNOME Keyring, then try again.",
            )
        if "foreign-kit" in self._faults:
            raise NotLetIn(
                "This workstation cannot open the node's keys.",
                "Its keychain holds no identity that the node's files were encrypted to.",
                "Let it in with the recovery kit: holdfast kit open",
            )
        if "no-keychain" in self._faults:
            raise KeychainUnreachable(
                "There is no keychain in this session.",
                "Nothing answers as the Secret Service.",
                "Log in to a desktop session, or start GNOME Keyring.",
            )
