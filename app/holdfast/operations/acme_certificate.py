"""Let an app's visitor certificate come from an ACME server, and renew it now."""

from __future__ import annotations

from contextlib import suppress

from holdfast.domain.acme import AcmeServer
from holdfast.domain.certificate import Certificate
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.node.acme import (
    begin_acme,
    end_acme,
    has_acme,
    keep_acme,
    keep_root,
    obtain,
    read_got,
    register,
    take_shown,
)
from holdfast.node.certificate_facts import read_certificate
from holdfast.node.edge import update_edge
from holdfast.node.further_names import names_of
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.operations.serving_app import OpenedApp, open_app
from holdfast.ports import EngineError


def use_acme(node: Node, name: AppName, server: AcmeServer) -> Operation[Certificate]:
    """The node renews it from then on, without any desktop. What fails leaves nothing behind: the
    app's certificate of before is served. Raises UsageError where one was imported."""

    def body(cancel: CancelToken) -> Steps[Certificate]:
        yield Step("Look at the app")
        app = open_app(node, name)
        host = app.configuration.host_name
        hosts = names_of(node.keys, name, host).all
        with holding(node, name, "get a certificate"):
            _check_free(node, name, app)
            try:
                yield Step("Start the ACME client")
                keep_acme(node, app.volume, name, hosts, server)
                begin_acme(node, name, app.volume)
                # one that was begun by an earlier release has no place for what it shows
                update_edge(node, {})
                yield Step("Register with the ACME server")
                register(node, name, host)
                yield Step("Ask for the certificate")
                obtain(node, name, ", ".join(hosts), anew=False)
                got = keep_root(node, name, app.volume, host, server)
                yield Step("Serve it")
                take_shown(node, name, *hosts)
            except BaseException:
                _put_back(node, name, app)
                raise
        return read_certificate(got)

    return Operation(f"Get a certificate for {name}", target=name, body=body)


def renew_acme(node: Node, name: AppName) -> Operation[Certificate]:
    """Also one that is not due. Raises UsageError where none comes from an ACME server."""

    def body(cancel: CancelToken) -> Steps[Certificate]:
        yield Step("Look at the app")
        app = open_app(node, name)
        host = app.configuration.host_name
        with holding(node, name, "renew its certificate"):
            if not has_acme(app.volume):
                raise UsageError(
                    f"The certificate of {name} does not come from an ACME server.",
                    "Those that Holdfast makes are renewed all at once.",
                    "Renew them with: holdfast certificate renew",
                )
            if not any(each.state == "running" for each in app.parts.by_role("acme")):
                yield Step("Start the ACME client")
                begin_acme(node, name, app.volume)
            yield Step("Ask for the certificate")
            obtain(node, name, host, anew=True)
            yield Step("Serve it")
            take_shown(node, name, host)
        return read_certificate(read_got(node, name)[0])

    return Operation(f"Renew the certificate of {name}", target=name, body=body)


def _check_free(node: Node, name: AppName, app: OpenedApp) -> None:
    if node.keys.certificates([name]):
        raise UsageError(
            f"{name} has a certificate that was imported.",
            "It would be served in the place of one of an ACME server.",
            f"Go back to the node's own CA first: holdfast certificate drop {name}",
        )
    if has_acme(app.volume):
        raise UsageError(
            f"The certificate of {name} comes from an ACME server already.",
            "It is renewed by the node.",
            f"Renew it now with holdfast certificate renew {name}, or drop it first.",
        )


def _put_back(node: Node, name: AppName, app: OpenedApp) -> None:
    """Should the engine be gone too, what was wrong first is what counts."""
    with suppress(HoldfastError, EngineError):
        end_acme(node, name, app.volume)
        update_edge(node, {})
