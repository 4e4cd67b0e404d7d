"""Read secrets: an app's document, the one before it, and what the app's code asks for."""

from __future__ import annotations

from dataclasses import replace

from holdfast.domain.asked_secrets import asked_secrets, committed_secrets, worth_reading
from holdfast.domain.errors import KeyMissing, NotLetIn
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.requests import AppSecrets
from holdfast.node.inventory import AppParts, parts_of
from holdfast.node.node import Node
from holdfast.node.sources import read_sources
from holdfast.node.volume import Volume


def read_secrets(node: Node, name: AppName) -> Operation[AppSecrets]:
    """Raises KeyMissing where the keychain is not the one that holds the app's keys."""

    def body(cancel: CancelToken) -> Steps[AppSecrets]:
        yield Step("Read the secrets from the keychain")
        parts = parts_of(node, name)
        _check_keychain(node, name)
        found = AppSecrets(
            app=name,
            document=node.keys.secrets(name),
            before=node.keys.secrets_before(name),
            keychain=node.keys.label,
        )
        if not parts.unsealed:
            return found
        yield Step("Look at what the code asks for")
        return _with_code(node, parts, found)

    return Operation(f"Read the secrets of {name}", target=f"secrets/{name}", body=body)


def _check_keychain(node: Node, name: AppName) -> None:
    try:
        node.keys.volume_key(name)
    except NotLetIn:
        raise
    except KeyMissing as error:
        raise KeyMissing(
            f"{node.keys.label} does not hold the keys of {name}.",
            "It answers, and is not the keychain with which the app was deployed.",
            "Open the session in which that was done; secrets stored here would reach nobody.",
        ) from error


def _with_code(node: Node, parts: AppParts, found: AppSecrets) -> AppSecrets:
    release = Volume(node, parts.name, parts.uid).contents().current
    if release is None:
        return found
    sources = read_sources(node, parts.name, parts.uid, release.id, worth_reading)
    return replace(
        found,
        framework=release.framework,
        asked=asked_secrets(sources.texts),
        committed=committed_secrets(sources.paths),
    )
