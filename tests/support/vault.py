"""An app on a node, which is sealed, held by an operation, and cancelled: what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from world import Repository

from holdfast.domain.names import AppName
from holdfast.domain.requests import Deployed

APP = AppName("vault")


@dataclass(frozen=True)
class Vault:
    repository: Repository
    deployed: Deployed

    @property
    def release(self) -> str:
        return self.deployed.release.id
