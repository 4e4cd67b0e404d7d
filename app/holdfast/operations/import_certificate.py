"""Import a certificate of one's own for an app, or return to the node's own CA."""

from __future__ import annotations

from contextlib import suppress

from holdfast.domain.certificate import Certificate, CertificateFiles
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Operation, Step, Steps
from holdfast.domain.secret import Secret
from holdfast.node.acme import end_acme, has_acme
from holdfast.node.certificate_facts import read_certificate
from holdfast.node.edge import update_edge
from holdfast.node.further_names import names_of
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.own_certificate import read_own, to_item
from holdfast.operations.serving_app import open_app


def import_certificate(
    node: Node, name: AppName, files: CertificateFiles
) -> Operation[Certificate]:
    """Raises UsageError, before anything has changed, for one that a visitor would not take."""

    def body(cancel: CancelToken) -> Steps[Certificate]:
        yield Step("Check the certificate")
        app = open_app(node, name)
        named = names_of(node.keys, name, app.configuration.host_name)
        if has_acme(app.volume):
            raise UsageError(
                f"The certificate of {name} comes from an ACME server.",
                "It would take the place of an imported one.",
                f"Go back to the node's own CA first: holdfast certificate drop {name}",
            )
        own = read_own(files, named.all, node.certificates, node.clock.now())
        if own.left_out:
            yield Line(f"No visitor needs {', '.join(own.left_out)}: left out of what is served.")
        with holding(node, name, "import a certificate"):
            yield Step("Keep it in the keychain, and serve it")
            _switch(node, name, to_item(own))
        if left := [host for host in named.all if not own.covers(host)]:
            yield Line(f"It does not cover {', '.join(left)}: there the node's own CA serves.")
        return read_certificate(own.certificate)

    return Operation(f"Import a certificate for {name}", target=name, body=body)


def drop_certificate(node: Node, name: AppName) -> Operation[None]:
    """No error where there is none."""

    def body(cancel: CancelToken) -> Steps[None]:
        yield Step("Look at the app")
        app = open_app(node, name)
        with holding(node, name, "drop its certificate"):
            yield Step("Serve one of the node's own CA")
            end_acme(node, name, app.volume)
            _switch(node, name, None)

    return Operation(f"Drop the certificate of {name}", target=name, body=body)


def _switch(node: Node, name: AppName, item: Secret | None) -> None:
    """What the edge does not take is not kept either."""
    before = node.keys.certificates([name]).get(name)
    node.keys.keep_certificate(name, item)
    try:
        update_edge(node, {})
    except BaseException:
        with suppress(HoldfastError):
            node.keys.keep_certificate(name, before)
        raise
