"""Where the user wants to go: screens say so here, the window takes them there."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Navigator(QObject):
    """place_wanted: a Place. app_wanted, removal_wanted: an app's name. secrets_wanted: the same,
    of an app whose page is shown.

    revocation_wanted: a KitAdmin. repository_wanted: New app with this repository filled in.
    back_wanted: one page back.
    """

    place_wanted = Signal(object)
    app_wanted = Signal(str)
    removal_wanted = Signal(str)
    secrets_wanted = Signal(str)
    revocation_wanted = Signal(object)
    repository_wanted = Signal(str)
    back_wanted = Signal()
