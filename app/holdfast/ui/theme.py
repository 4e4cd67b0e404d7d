"""Two themes out of one set of named tokens; screens ask for names, never for colours."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from holdfast.presenters.states import Tone
from holdfast.ui.stylesheet import stylesheet


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours by what they are for; text tokens keep 4.5:1 on every surface."""

    ground: str
    surface: str
    sidebar: str
    raised: str
    line: str
    control: str
    text: str
    muted: str
    accent: str
    accent_strong: str
    on_accent: str
    selection: str
    good: str
    busy: str
    quiet: str
    sealed: str
    bad: str
    bad_strong: str
    on_bad: str
    warn: str
    bad_ground: str
    warn_ground: str

    def tone(self, tone: Tone) -> str:
        return str(getattr(self, tone.value))

    def as_dict(self) -> dict[str, str]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


LIGHT = Tokens(
    ground="#f5f7f8",
    surface="#ffffff",
    sidebar="#eaeef0",
    raised="#eef2f3",
    line="#d9e0e4",
    control="#7b8790",
    text="#182026",
    muted="#52606a",
    accent="#0b6b6b",
    accent_strong="#085454",
    on_accent="#ffffff",
    selection="#dcedec",
    good="#12692f",
    busy="#0a58b0",
    quiet="#55626c",
    sealed="#44546a",
    bad="#ab1f18",
    bad_strong="#8a1711",
    on_bad="#ffffff",
    warn="#7a4f00",
    bad_ground="#fcebe9",
    warn_ground="#fbf1dc",
)

DARK = Tokens(
    ground="#15191c",
    surface="#1c2226",
    sidebar="#101417",
    raised="#252c31",
    line="#2f383e",
    control="#6c7983",
    text="#e5eaed",
    muted="#a1adb6",
    accent="#4fc4bb",
    accent_strong="#74d6ce",
    on_accent="#06211f",
    selection="#1f3a3a",
    good="#57c98b",
    busy="#79b8ff",
    quiet="#a1adb6",
    sealed="#aebccb",
    bad="#ff948a",
    bad_strong="#ffb0a8",
    on_bad="#2c0b08",
    warn="#e8bb66",
    bad_ground="#3a2220",
    warn_ground="#362c19",
)


class Mode(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """changed: other tokens apply from now on."""

    changed = Signal()

    def __init__(self, application: QApplication, mode: Mode = Mode.SYSTEM) -> None:
        super().__init__(application)
        self._application = application
        self.mode = mode
        self.tokens = LIGHT
        application.setStyle("Fusion")
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)
        self.choose(mode)

    @property
    def sheet(self) -> str:
        return stylesheet(self.tokens.as_dict())

    @property
    def is_dark(self) -> bool:
        return self.tokens is DARK

    def choose(self, mode: Mode) -> None:
        self.mode = mode
        system = QGuiApplication.styleHints().colorScheme()
        dark = mode is Mode.DARK or (mode is Mode.SYSTEM and system is Qt.ColorScheme.Dark)
        self.tokens = DARK if dark else LIGHT
        self._application.setPalette(_palette(self.tokens))
        self.changed.emit()

    def colour(self, tone: Tone) -> QColor:
        return QColor(self.tokens.tone(tone))

    def _system_changed(self) -> None:
        if self.mode is Mode.SYSTEM:
            self.choose(Mode.SYSTEM)


def _palette(tokens: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for which, colour in (
        (role.Window, tokens.ground),
        (role.WindowText, tokens.text),
        (role.Base, tokens.surface),
        (role.AlternateBase, tokens.raised),
        (role.Text, tokens.text),
        (role.Button, tokens.surface),
        (role.ButtonText, tokens.text),
        (role.PlaceholderText, tokens.muted),
        (role.ToolTipBase, tokens.raised),
        (role.ToolTipText, tokens.text),
        (role.Highlight, tokens.accent),
        (role.HighlightedText, tokens.on_accent),
        (role.Link, tokens.accent),
        (role.Mid, tokens.line),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(tokens.control))
    return palette
