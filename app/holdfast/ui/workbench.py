"""What every screen works with, handed to its constructor."""

from __future__ import annotations

from dataclasses import dataclass, field

from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret
from holdfast.presenters.desk import Desk
from holdfast.ui.actions import Actions
from holdfast.ui.certificate_watch import CertificateWatch
from holdfast.ui.icons import Icons
from holdfast.ui.kit_watch import KitWatch
from holdfast.ui.navigator import Navigator
from holdfast.ui.node_keeper import NodeKeeper
from holdfast.ui.preferences import Preferences
from holdfast.ui.runner import OperationRunner
from holdfast.ui.theme import Theme
from holdfast.ui.watch import NodeWatch


@dataclass(frozen=True, slots=True)
class Workbench:
    """demo_repository: what *Try the demo app* deploys, or None where there is none.
    drafts: the secrets.toml of apps as it was edited, and not saved."""

    desk: Desk
    runner: OperationRunner
    watch: NodeWatch
    kit: KitWatch
    certificates: CertificateWatch
    keeper: NodeKeeper
    theme: Theme
    icons: Icons
    navigator: Navigator
    actions: Actions
    preferences: Preferences
    node_name: str
    demo_repository: str | None
    drafts: dict[AppName, Secret] = field(default_factory=dict)
