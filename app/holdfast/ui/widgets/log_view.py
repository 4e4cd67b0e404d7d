"""Lines of output as they come: in batches, the oldest dropped, the reader's place kept."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from holdfast.presenters.logs import KEPT, Level, level_of
from holdfast.presenters.states import Tone
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.text import monospace

_TONES = {Level.ERROR: Tone.BAD, Level.WARNING: Tone.WARN, Level.DEBUG: Tone.MUTED}


class _Levels(QSyntaxHighlighter):
    """Tints whole lines by level; an indented line takes that of the line before it."""

    def __init__(self, view: QPlainTextEdit, theme: Theme) -> None:
        super().__init__(view.document())
        self._theme = theme
        theme.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        before = self.previousBlockState()
        indented = text[:1] in (" ", "\t") and before > 0
        level = Level(before) if indented else level_of(text)
        self.setCurrentBlockState(level)
        if level in _TONES:
            style = QTextCharFormat()
            style.setForeground(QColor(self._theme.tokens.tone(_TONES[level])))
            self.setFormat(0, len(text), style)


class LogView(QPlainTextEdit):
    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setMaximumBlockCount(KEPT)
        self.setUndoRedoEnabled(False)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(monospace())
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        self.follows = True
        self._levels = _Levels(self, theme)

    def add(self, lines: Iterable[str]) -> None:
        """Append a batch; the view follows only while the reader stands at the end."""
        text = "\n".join(lines)
        if not text:
            return
        bar = self.verticalScrollBar()
        place = bar.value()
        at_end = place >= bar.maximum() - 4
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text if self.document().isEmpty() else f"\n{text}")
        bar.setValue(bar.maximum() if self.follows and at_end else place)

    def replace(self, lines: Iterable[str]) -> None:
        self.clear()
        self.add(lines)

    def to_end(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())
