"""New certificates for what runs, while it runs: no open connection ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError
from holdfast.node.authorities import sidecars_authority
from holdfast.node.certificates import issue_server, pem_bundle
from holdfast.node.found_certificates import Seen
from holdfast.node.inventory import parts_of
from holdfast.node.node import Node
from holdfast.node.payloads import EDGE_UID
from holdfast.node.proxy_commands import RENEW_COMMAND, failures_file, renewal_file


def renew_sidecar(node: Node, sidecar: Seen) -> None:
    """Raises HoldfastError; the old certificate then serves on."""
    if sidecar.app is None:
        raise ValueError(f"{sidecar.host} belongs to no app")
    uid, now = parts_of(node, sidecar.app).uid, node.clock.now()
    leaf = issue_server(sidecars_authority(node.keys, now), [sidecar.host], now)
    node.engine.push(sidecar.container, "/keys", [renewal_file(pem_bundle(leaf))], uid)
    done = node.engine.run(sidecar.container, RENEW_COMMAND)
    if done.exit_code:
        raise HoldfastError(
            f"The sidecar of {sidecar.app} did not take its new certificate.",
            done.complaint,
            f"Restart the app: holdfast app restart {sidecar.app}",
        )


def tell_failures(node: Node, failures: Mapping[str, str], at: datetime) -> None:
    """Keep on the node why certificates could not be renewed, until the next renewal."""
    told = {key: {"at": at.isoformat(), "error": error} for key, error in failures.items()}
    node.engine.push(names.EDGE, "/keys", [failures_file(told)], EDGE_UID)
