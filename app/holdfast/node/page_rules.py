"""What the edge lets each app's pages do, and whether it counts their visitors: taken from what is
kept about the app."""

from __future__ import annotations

from dataclasses import dataclass, field

from holdfast.domain import names
from holdfast.domain.app import AppConfiguration, Release
from holdfast.domain.errors import HoldfastError
from holdfast.domain.frameworks import Framework
from holdfast.domain.names import AppName
from holdfast.domain.page_sources import PageRules
from holdfast.domain.statistics import effective
from holdfast.node.node import Node
from holdfast.node.volume import Volume
from holdfast.ports import EngineError


@dataclass(frozen=True, slots=True)
class KeptPages:
    """All that the edge has to know of an app's pages. counted: whether their visitors are."""

    rules: PageRules = field(default_factory=PageRules)
    counted: bool = False


def page_rules(configuration: AppConfiguration, release: Release) -> PageRules:
    """Statistics leave a page where Streamlit is installed, by whatever the app is started."""
    sends = release.framework == Framework.STREAMLIT or release.environment.streamlit is not None
    wanted = effective(configuration.telemetry, release.framework, release.statistics).on
    return PageRules(quiet=sends and not wanted, sources=configuration.page)


def kept_pages(node: Node, app: AppName, slot: str) -> KeptPages:
    """Read from the app's volume; the strictest where that cannot be read."""
    try:
        contents = Volume(node, app, _uid(node, app)).contents()
    except (HoldfastError, EngineError):
        return KeptPages()
    found = next((release for release in contents.releases if release.slot == slot), None)
    if contents.configuration is None or found is None:
        return KeptPages(counted=contents.keeps_figures)
    return KeptPages(page_rules(contents.configuration, found), contents.keeps_figures)


def _uid(node: Node, app: AppName) -> int:
    """The app's own: what is kept about it is read by nobody else, the mounter's root included."""
    volumes = node.engine.volumes({names.LABEL_ROLE: "cipher", names.LABEL_APP: app})
    return next((int(labels[names.LABEL_UID]) for _, labels in volumes), 0)
