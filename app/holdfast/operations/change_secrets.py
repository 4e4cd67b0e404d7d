"""Change secrets: a new document into the keychain, and into the RAM of the running app."""

from __future__ import annotations

from collections.abc import Callable

from holdfast.domain.frameworks import Framework
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.requests import SecretsApplied
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_change import builds_alone
from holdfast.domain.secrets_values import names_of
from holdfast.node.draining import exchange
from holdfast.node.inventory import AppParts, parts_of
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.serving import Pair, push_secrets
from holdfast.operations.serving_app import open_app


def change_secrets(
    node: Node,
    name: AppName,
    title: str,
    change: Callable[[Secret], Secret],
    later: bool = False,
) -> Operation[SecretsApplied]:
    """change: the document as it is to the document as it shall be; its errors leave everything
    as it was. later: an app that reads its variables at its start alone is not started again."""

    def body(cancel: CancelToken) -> Steps[SecretsApplied]:
        yield Step("Read the secrets from the keychain")
        parts = parts_of(node, name)
        with holding(node, name, title.lower()):
            before = node.keys.secrets(name)
            after = change(before)
            yield Step("Store the secrets in the keychain")
            node.keys.store_secrets(name, after)
            applied = "on next start"
            if builds_alone(before, after):
                applied = "on next deploy"
            elif parts.unsealed and parts.running is not None:
                yield Step("Hand them to the running app")
                applied = yield from _hand_over(node, parts, after, later, cancel)
        return SecretsApplied(name, tuple(names_of(after)), applied)

    return Operation(f"{title} of {name}", target=name, body=body)


def _hand_over(
    node: Node, parts: AppParts, document: Secret, later: bool, cancel: CancelToken
) -> Steps[str]:
    app = open_app(node, parts.name)
    pair = Pair(app.configuration, app.release, app.parts.port)
    push_secrets(node, pair, document)
    if app.release.framework == Framework.STREAMLIT:
        return "live"
    # others know the environment alone, which a process is given at its start
    if later:
        return "on next start"
    yield Step("Start the app anew")
    yield from exchange(node, app.volume, pair, document, cancel)
    return "restarted"
