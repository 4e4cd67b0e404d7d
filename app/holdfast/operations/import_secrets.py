"""Import secrets: a TOML document into the keychain, and into the RAM of the running app."""

from __future__ import annotations

from holdfast.domain import names
from holdfast.domain.container import PushedFile
from holdfast.domain.frameworks import Framework
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.requests import SecretsApplied
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_document import merge, names_of, parse
from holdfast.node import payloads
from holdfast.node.inventory import AppParts, parts_of
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.serving import Pair, wait_ready
from holdfast.operations.serving_app import open_app


def import_secrets(
    node: Node, name: AppName, document: str | bytes, add: bool
) -> Operation[SecretsApplied]:
    """add: keep what is there and overwrite what the document names; otherwise replace all.
    Raises UsageError, without any value, for a document that is not TOML."""
    parsed = parse(document)

    def body(cancel: CancelToken) -> Steps[SecretsApplied]:
        yield Step("Store the secrets in the keychain")
        parts = parts_of(node, name)
        with holding(node, name, "import secrets"):
            secrets = merge(node.keys.secrets(name), parsed) if add else parsed
            node.keys.store_secrets(name, secrets)
            applied = "on next start"
            if parts.unsealed and parts.running is not None:
                yield Step("Hand them to the running app")
                applied = yield from _apply(node, parts, secrets, cancel)
        return SecretsApplied(name, tuple(names_of(secrets)), applied)

    return Operation(f"Import the secrets of {name}", target=name, body=body)


def _apply(node: Node, parts: AppParts, secrets: Secret, cancel: CancelToken) -> Steps[str]:
    app = open_app(node, parts.name)
    runner = names.runner(parts.name, app.release.id)
    file = PushedFile(".streamlit/secrets.toml", secrets.reveal(), 0o600)
    node.engine.push(runner, payloads.HOME, [file], parts.uid)
    if app.release.framework == Framework.STREAMLIT:
        return "live"
    # others know the environment alone, which a process is given at its start
    node.engine.kill(runner, "SIGHUP")
    yield from wait_ready(node, Pair(app.configuration, app.release), cancel)
    return "restarted"
