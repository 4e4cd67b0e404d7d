"""A forge's API that a server of this machine answers, whatever its address is."""

from __future__ import annotations

from dataclasses import dataclass

from installed_keys import InstalledKeys

from holdfast.domain.forge_account import Account, Search
from holdfast.domain.secret import Secret
from holdfast.ports import Forge


@dataclass(frozen=True)
class ForgeHere:
    """api: the real adapter, which asks at `here`."""

    api: Forge
    here: str
    installed: InstalledKeys

    def account(self, token: Secret, api: str) -> Account:
        return self.api.account(token, self.here)

    def search(self, token: Secret, api: str, words: str, organisation: str) -> Search:
        return self.api.search(token, self.here, words, organisation)

    def install_key(self, token: Secret, api: str, repository: str, title: str, key: str) -> None:
        self.api.install_key(token, self.here, repository, title, key)

    def remove_key(self, token: Secret, api: str, repository: str, key: str) -> bool:
        return self.api.remove_key(token, self.here, repository, key)
