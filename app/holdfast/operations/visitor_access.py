"""Access of an app: shown, changed, and the certificates of its visitors issued and revoked."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.visitor_access import (
    VISITOR_DAYS,
    AccessMode,
    IssuedVisitor,
    VisitorAccess,
    parse_visitor,
)
from holdfast.node.edge import edge_place, update_edge
from holdfast.node.inventory import AppParts, host_of, parts_of
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.route_probe import wait_access
from holdfast.node.visitor_access import (
    DamagedAccess,
    KeptAccess,
    issued,
    keep_access,
    read_access,
    with_mode,
)
from holdfast.ports import EngineError


def show_access(node: Node, name: AppName) -> Operation[VisitorAccess]:
    def body(cancel: CancelToken) -> Steps[VisitorAccess]:
        yield Step("Look who may visit the app")
        parts_of(node, name)
        return read_access(node.keys, name).facts

    return Operation(f"Look who may visit {name}", target=f"access/{name}", body=body)


def set_access(node: Node, name: AppName, mode: AccessMode) -> Operation[VisitorAccess]:
    """For connections that are opened from now on; those that are open stay."""

    def body(cancel: CancelToken) -> Steps[VisitorAccess]:
        yield Step("Look at the app")
        parts_of(node, name)
        with holding(node, name, "set access"):
            before = _read_or_begin(node, name)
            kept = with_mode(before, mode, node.clock.now())
            yield Step("Tell the edge")
            try:
                keep_access(node.keys, kept)
                _tell_edge(node, parts_of(node, name), kept, cancel)
            except BaseException:
                if mode is AccessMode.PUBLIC:
                    # nobody shall be let in later than whoever said so was there
                    with suppress(HoldfastError, EngineError):
                        keep_access(node.keys, before)
                        update_edge(node, {})
                raise
        return kept.facts

    return Operation(f"Set the access of {name}", target=name, body=body)


def issue_visitor(
    node: Node, name: AppName, visitor: str, days: int = VISITOR_DAYS
) -> Operation[IssuedVisitor]:
    """Raises UsageError for a name that a valid certificate of the app has."""
    given = parse_visitor(visitor, days)

    def body(cancel: CancelToken) -> Steps[IssuedVisitor]:
        yield Step("Look at the app")
        parts_of(node, name)
        with holding(node, name, "issue a certificate"):
            yield Step("Issue the certificate")
            kept, made = issued(read_access(node.keys, name), given, days, node.clock.now())
            keep_access(node.keys, kept)
        return made

    return Operation(f"Issue a certificate for {name}", target=name, body=body)


def revoke_visitor(node: Node, name: AppName, wanted: str) -> Operation[VisitorAccess]:
    """wanted: see `VisitorAccess.find`. From the end of this on it opens no new connection."""

    def body(cancel: CancelToken) -> Steps[VisitorAccess]:
        yield Step("Look at the app")
        parts_of(node, name)
        with holding(node, name, "revoke a certificate"):
            before = read_access(node.keys, name)
            now = node.clock.now()
            visitor = before.facts.find(wanted)
            kept = replace(before, facts=before.facts.with_revoked(visitor, now))
            # should the edge not take it now, it does with its next change
            keep_access(node.keys, kept)
            yield Step("Tell the edge")
            _tell_edge(node, parts_of(node, name), kept, cancel)
        return kept.facts

    return Operation(f"Revoke a certificate of {name}", target=name, body=body)


def _read_or_begin(node: Node, name: AppName) -> KeptAccess:
    """What is damaged is begun anew; until then the edge lets in nobody."""
    try:
        return read_access(node.keys, name)
    except DamagedAccess:
        return KeptAccess(VisitorAccess(name, AccessMode.CERTIFICATE))


def _tell_edge(node: Node, parts: AppParts, kept: KeptAccess, cancel: CancelToken) -> None:
    """Until it holds to it. An edge that does not run learns of it when it begins."""
    if edge_place(node) is None:
        return
    update_edge(node, {})
    host = host_of(parts.containers)
    if host is not None and parts.running is not None:
        wait_access(node, host, kept.doorkeeper_mark, cancel)
