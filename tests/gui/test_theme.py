"""Both themes: every text can be read on every surface that it may stand on."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from window_world import Opener

from holdfast.presenters.states import Tone
from holdfast.ui.stylesheet import stylesheet
from holdfast.ui.theme import DARK, LIGHT, Mode, Tokens

THEMES = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
SURFACES = ("ground", "surface", "sidebar", "raised", "selection")


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@THEMES
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("tone", [*Tone, "accent"])
def test_text_stands_out_from_every_surface(tokens: Tokens, surface: str, tone: str) -> None:
    colours = tokens.as_dict()
    assert contrast(colours[tone], colours[surface]) >= 4.5


@THEMES
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("on_accent", "accent"),
        ("on_accent", "accent_strong"),
        ("text", "bad_ground"),
        ("text", "warn_ground"),
        ("on_bad", "bad"),
        ("on_bad", "bad_strong"),
        ("bad", "bad_ground"),
        ("muted", "bad_ground"),
    ],
)
def test_text_stands_out_from_its_own_ground(tokens: Tokens, text: str, ground: str) -> None:
    colours = tokens.as_dict()
    assert contrast(colours[text], colours[ground]) >= 4.5


@THEMES
@pytest.mark.parametrize("surface", ["surface", "ground"])
def test_the_edge_of_a_control_is_seen(tokens: Tokens, surface: str) -> None:
    colours = tokens.as_dict()
    assert contrast(colours["control"], colours[surface]) >= 3


@THEMES
def test_every_name_in_the_style_sheet_is_a_token(tokens: Tokens) -> None:
    assert "$" not in stylesheet(tokens.as_dict())


def test_the_window_wears_the_sheet_and_the_application_none(open_window: Opener) -> None:
    session = open_window()
    assert LIGHT.ground in session.window.styleSheet()
    session.theme.choose(Mode.DARK)
    assert DARK.ground in session.window.styleSheet()
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    assert application.styleSheet() == ""
