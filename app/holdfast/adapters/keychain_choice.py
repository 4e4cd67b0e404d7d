"""Which keychain this session has: a known real one, or a refusal by name."""

from __future__ import annotations

import configparser
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from keyring.util import platform_

from holdfast.adapters.keyring_items import KeyringStore
from holdfast.domain.errors import KeychainUnreachable

# another system's own is costly to load here, and of no use
if sys.platform == "linux":
    from keyring.backends import kwallet

    from holdfast.adapters.secret_service import SecretService, ServiceState, service_state
elif sys.platform == "darwin":
    from keyring.backends import macOS
elif sys.platform == "win32":
    from keyring.backends import Windows

_SECRET_SERVICE = "keyring.backends.SecretService.Keyring"
_LIBSECRET = "keyring.backends.libsecret.Keyring"
_KWALLET = "keyring.backends.kwallet.DBusKeyring"
_MACOS = "keyring.backends.macOS.Keyring"
_WINDOWS = "keyring.backends.Windows.WinVaultKeyring"
_REAL = (_SECRET_SERVICE, _LIBSECRET, _KWALLET, _MACOS, _WINDOWS)
_CHAINER = "keyring.backends.chainer.ChainerBackend"


@dataclass(frozen=True, slots=True)
class _Known:
    """A real keychain that the keyring library alone reaches."""

    label: str
    kind: type[Any]  # a KeyringBackend; their constructors carry no types
    part_size: int | None = None


if sys.platform == "linux":
    _LIBRARY = {_KWALLET: _Known("KDE Wallet", kwallet.DBusKeyring)}
elif sys.platform == "darwin":
    _LIBRARY = {_MACOS: _Known("macOS Keychain", macOS.Keyring)}
elif sys.platform == "win32":
    # the Credential Manager holds 2,560 bytes an item, as UTF-16
    _LIBRARY = {
        _WINDOWS: _Known("Windows Credential Manager", Windows.WinVaultKeyring, part_size=1_200)
    }
else:
    _LIBRARY = {}


class Items(Protocol):
    """The items of an open keychain. The texts are secret."""

    def get(self, service: str, name: str) -> str | None: ...
    def put(self, service: str, name: str, text: str) -> None: ...
    def remove(self, service: str, name: str) -> None: ...
    def names(self, service: str) -> list[str]: ...


class Store(Protocol):
    """A keychain that can be opened for one conversation."""

    @property
    def label(self) -> str: ...
    def open(self) -> AbstractContextManager[Items]: ...


def choose_store(environment: Mapping[str, str], timeout: float, prompt_timeout: float) -> Store:
    """The keychain of this session; raises KeychainUnreachable.

    What the user configured for keyring is read as a name, and never loaded before it is known
    to be a real keychain: a plaintext one would write keys to the disk.
    """
    configured = _configured(environment)
    if configured in (None, _CHAINER):
        return _first(environment, timeout, prompt_timeout)
    store = _named(configured or "", environment, timeout, prompt_timeout)
    if store is None:
        raise KeychainUnreachable(
            f"{configured} cannot be the keychain on this system.",
            "Keyring is set to use it.",
            "Unset PYTHON_KEYRING_BACKEND and the entry in keyringrc.cfg.",
        )
    return store


def _first(environment: Mapping[str, str], timeout: float, prompt_timeout: float) -> Store:
    for name in _candidates(environment):
        store = _named(name, environment, timeout, prompt_timeout)
        if store is not None:
            return store
    raise KeychainUnreachable(
        "This system has no keychain that Holdfast knows.",
        f"It is {sys.platform}.",
        "Use Linux, macOS or Windows.",
    )


def _candidates(environment: Mapping[str, str]) -> Iterator[str]:
    address = environment.get("DBUS_SESSION_BUS_ADDRESS")
    if sys.platform != "linux":
        yield from _LIBRARY
    # without an address, asking for KWallet could launch a bus
    elif address and kwallet.DBusKeyring.viable and service_state(address) is ServiceState.ABSENT:
        yield _KWALLET
    yield _SECRET_SERVICE


def _named(
    name: str, environment: Mapping[str, str], timeout: float, prompt_timeout: float
) -> Store | None:
    """The store of that name, None where it cannot exist on this system."""
    if sys.platform == "linux" and name in (_SECRET_SERVICE, _LIBSECRET):
        address = environment.get("DBUS_SESSION_BUS_ADDRESS") or None
        return SecretService(address, timeout, prompt_timeout)
    known = _LIBRARY.get(name)
    if known is None or not known.kind.viable:
        return None
    return KeyringStore(known.label, known.kind(), known.part_size)


def _configured(environment: Mapping[str, str]) -> str | None:
    """The backend that the user set for keyring, None if he did not; never a refused one."""
    name, where = environment.get("PYTHON_KEYRING_BACKEND", "").strip(), "PYTHON_KEYRING_BACKEND"
    if not name:
        name, where = _configured_in_file()
    if not name:
        return None
    if name not in (*_REAL, _CHAINER):
        raise KeychainUnreachable(
            f"Holdfast does not keep keys in {name[:120]}.",
            f"{where} sets it, and it is none of the keychains that encrypt what they hold.",
            f"Unset it in {where}, or name one of: {', '.join(_REAL)}.",
        )
    return name


def _configured_in_file() -> tuple[str, str]:
    path = platform_.config_root() / "keyringrc.cfg"
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        raise KeychainUnreachable(
            "Keyring's own settings cannot be read.",
            f"{path} is damaged ({type(error).__name__}).",
            "Mend or remove that file.",
        ) from error
    return parser.get("backend", "default-keyring", fallback="").strip(), str(path)
