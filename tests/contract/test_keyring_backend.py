"""keyring's own tests for backends, over our layer and a real Secret Service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError
from keyring.testing.backend import BackendBasicTests
from private_session import PrivateSecretService

from holdfast.adapters.keychain import PREFIX, KeyringKeychain
from holdfast.domain.errors import KeyMissing
from holdfast.domain.secret import Secret

pytestmark = pytest.mark.keychain


class OverHoldfast(KeyringBackend):
    """Our keychain with keyring's own verbs: a service is one of ours, a user name an item."""

    # never chosen by keyring itself
    priority = -1

    def __init__(self, keychain: KeyringKeychain) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._keychain = keychain

    def get_password(self, service: str, username: str) -> str | None:
        try:
            return self._keychain.read(*_item(service, username)).reveal().decode()
        except KeyMissing:
            return None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._keychain.write(*_item(service, username), Secret(password.encode()))

    def delete_password(self, service: str, username: str) -> None:
        # ours are content when nothing is there to be deleted
        if self.get_password(service, username) is None:
            raise PasswordDeleteError("there is no such item")
        self._keychain.delete(*_item(service, username))


def _item(service: str, username: str) -> tuple[str, str]:
    return f"{PREFIX}:{service}", f"item/{username}/"


class TestOurLayerAsABackend(BackendBasicTests):
    @pytest.fixture(autouse=True)
    def _init_properties(self, secret_service: PrivateSecretService) -> Iterator[None]:
        """In the place of keyring's own, which has no way to a session of the tests'."""
        self.keyring = OverHoldfast(KeyringKeychain(environment=secret_service.environment))
        self.credentials_created: set[tuple[str, str]] = set()
        yield
        self.cleanup()  # type: ignore[no-untyped-call]
