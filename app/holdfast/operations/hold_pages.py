"""Hold an app's pages to their rules: the edge tells browsers, and is asked whether it does."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from holdfast.domain.app import AppConfiguration, Release
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Step, Steps
from holdfast.domain.page_sources import content_security_policy
from holdfast.node.edge import authority_of, update_edge
from holdfast.node.node import Node
from holdfast.node.page_rules import page_rules
from holdfast.node.route_probe import probe_route

_SECONDS = 10.0


def hold_pages(
    node: Node,
    configuration: AppConfiguration,
    release: Release,
    cancel: CancelToken,
    counted: Mapping[AppName, bool] = MappingProxyType({}),
) -> Steps[None]:
    """Until a page that is opened now is held to them; those that are open stay as they are.
    counted: see `update_edge`."""
    yield Step("Tell the edge")
    rules = page_rules(configuration, release)
    place = update_edge(node, {}, {configuration.name: rules}, counted)
    host = configuration.host_name
    policy = content_security_policy(rules, authority_of(host, place[1]))
    began = node.clock.now()
    while policy is not None and policy not in (probe_route(node, host).get("policies") or ()):
        if (node.clock.now() - began).total_seconds() > _SECONDS:
            raise HoldfastError(
                "The edge does not hold to the change.",
                f"Pages of {host} are still given what was chosen before.",
                "Try again.",
            )
        node.clock.sleep(0.1, cancel)
