"""The editor of secrets: covered values leave no trace, and no text is changed by it."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomlkit
from documents import TREE, same
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from holdfast.domain.secrets_change import for_app
from holdfast.presenters.secrets import judge
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.toml_editor import TomlEditor


@pytest.fixture
def editor(qapp: QApplication, qtbot: QtBot) -> TomlEditor:
    made = TomlEditor(Theme(qapp), "secrets.toml")
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    return made


def picture(editor: TomlEditor) -> QImage:
    QApplication.processEvents()
    return editor.grab().toImage()


def test_covered_values_leave_no_trace(editor: TomlEditor) -> None:
    one = (
        '# old = "a"\nname = "first"\n[t]\nkey = """\nlines\n"""\nlist = [1, "x"]\nodd = whatever\n'
    )
    other = one.replace('"a"', '"bb"').replace("first", "second one").replace("lines", "rows")
    other = other.replace('1, "x"', "2").replace("whatever", "zzz")
    pictures = []
    for text in (one, other):
        assert editor.load(text)
        pictures.append(picture(editor))
        # selected or not
        editor.selectAll()
        pictures.append(picture(editor))
    assert pictures[0] == pictures[2]
    editor.conceal(False)
    shown = picture(editor)
    assert editor.load(one)
    assert picture(editor) != shown


def test_the_line_that_is_edited_is_seen(editor: TomlEditor, qtbot: QtBot) -> None:
    editor.load('a = "x"\nb = "y"\n')
    assert [editor.concealed(line) for line in range(2)] == [True, True]
    editor.activateWindow()
    editor.setFocus()
    qtbot.waitUntil(editor.hasFocus)
    qtbot.keyClick(editor, Qt.Key.Key_Up)
    assert [editor.concealed(line) for line in range(3)] == [True, False, True]


@given(st.text(st.characters(exclude_characters="\r"), max_size=40))
@example("a = '\u00a0\u2028'\n")
@example("a = '\u2029'")
@example("a = '\U0001f600' # x\n")
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_editor_gives_back_what_it_was_given_or_refuses_it(
    editor: TomlEditor, text: str
) -> None:
    if editor.load(text):
        assert editor.text() == text
    else:
        assert editor.text() == ""


@given(TREE)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_it_saves_is_what_an_app_reads_byte_for_byte(
    editor: TomlEditor, tree: dict[str, Any]
) -> None:
    text = tomlkit.dumps(tree)
    if not editor.load(text):
        # it is not shown, and nothing is saved
        return
    document = judge(editor.text()).document
    assert document is not None
    pushed = for_app(document).reveal()
    assert pushed == text.encode()
    # as st.secrets reads the file
    assert same(tomllib.loads(pushed.decode()), tree)
