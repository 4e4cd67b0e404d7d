"""How long the certificates last that visitors get: asked of the edge itself, not of a record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from holdfast.domain import names
from holdfast.domain.container import ContainerFacts
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import HostName
from holdfast.node.node import Node
from holdfast.node.proxy_commands import certificates_command

_LOOK_AGAIN = timedelta(minutes=1)


@dataclass
class ServedCertificates:
    """What was served at the last look. It costs a command in the edge, so it is repeated when a
    proxy came or went, when a host has none yet, and else once a minute."""

    node: Node
    _looked: datetime | None = None
    _proxies: frozenset[str] = frozenset()
    _ends: Mapping[HostName, datetime] = field(default_factory=dict)
    _answered: bool = True

    def ends(self, containers: Sequence[ContainerFacts]) -> Mapping[HostName, datetime]:
        """When each host's certificate ends. Left out: what is not served, or does not verify.

        containers: the edge, the sidecars and the apps, as they are listed now.
        """
        running = [c for c in containers if c.state == "running"]
        proxies = frozenset(
            c.id for c in running if c.labels.get(names.LABEL_ROLE) in ("edge", "proxy")
        )
        hosts = sorted(
            {
                HostName(c.labels[names.LABEL_HOST])
                for c in running
                if c.labels.get(names.LABEL_ROLE) == "run"
            }
        )
        now = self.node.clock.now()
        missing = self._answered and not self._ends.keys() >= set(hosts)
        old = self._looked is None or now - self._looked >= _LOOK_AGAIN
        if proxies != self._proxies or missing or old:
            self._looked, self._proxies = now, proxies
            edge_runs = any(c.name == names.EDGE for c in running)
            self._ends = self._ask(hosts) if hosts and edge_runs else {}
        return self._ends

    def _ask(self, hosts: Sequence[HostName]) -> Mapping[HostName, datetime]:
        try:
            done = self.node.engine.run(names.EDGE, certificates_command(hosts))
        except HoldfastError:
            return {}
        # Python has no such file: an edge of before, which need not be asked at every look
        self._answered = done.exit_code != 2
        found = json.loads(done.output or b"{}") if done.exit_code == 0 else {}
        return {
            HostName(host): datetime.fromtimestamp(second, UTC) for host, second in found.items()
        }
