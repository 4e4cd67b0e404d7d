"""Renew certificates: those that are due, or all that Holdfast makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from holdfast.domain.certificate import CertificateRole, Renewed
from holdfast.domain.errors import HoldfastError
from holdfast.domain.operation import CancelToken, Line, Operation, Step, Steps
from holdfast.node.edge import update_edge
from holdfast.node.found_certificates import Seen, find_certificates
from holdfast.node.node import Node
from holdfast.node.renewal import renew_sidecar, tell_failures

#: What a change of the edge makes anew in one go.
_WITH_THE_EDGE = (CertificateRole.VISITORS, CertificateRole.EDGE)


def renew_certificates(node: Node, due: bool = False) -> Operation[Renewed]:
    """due: only those of whose life two thirds are over. Raises HoldfastError if any could not be
    renewed; the reason is then kept on the node, and shown until a renewal succeeds."""

    def body(cancel: CancelToken) -> Steps[Renewed]:
        yield Step("Look at the certificates")
        found, now = find_certificates(node), node.clock.now()
        ours = [seen for seen in found.seen if seen.kept and seen.is_ours]
        wanted = [seen for seen in ours if not due or seen.is_due(now)]
        if not wanted:
            return Renewed(())
        failed: dict[str, str] = {}
        yield Step("Renew the certificates")
        for which, renew in _work(node, wanted):
            cancel.check()
            try:
                renew()
            except HoldfastError as error:
                failed |= {seen.key: f"{error.what} {error.why}".strip() for seen in which}
                yield Line(f"{which[0].host}: {error}")
        with suppress(HoldfastError):
            tell_failures(node, failed, node.clock.now())
        if failed:
            raise _told(failed)
        return Renewed(tuple(seen.key for seen in wanted))

    return Operation("Renew the certificates", target="certificates", body=body)


def _work(node: Node, wanted: Sequence[Seen]) -> list[tuple[Sequence[Seen], Callable[[], object]]]:
    edge = [seen for seen in wanted if seen.role in _WITH_THE_EDGE]
    sidecars = [seen for seen in wanted if seen not in edge]
    work: list[tuple[Sequence[Seen], Callable[[], object]]] = []
    if edge:
        work.append((edge, partial(update_edge, node, {})))
    work += [([seen], partial(renew_sidecar, node, seen)) for seen in sidecars]
    return work


def _told(failed: dict[str, str]) -> HoldfastError:
    number = len(failed)
    noun = "certificate" if number == 1 else "certificates"
    return HoldfastError(
        f"{number} {noun} could not be renewed.",
        " ".join(dict.fromkeys(failed.values())),
        "What is served now lasts on. Remove the cause, then: holdfast certificate renew",
    )
