"""Lines of output as they come: in batches, the oldest dropped, the reader's place kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QResizeEvent, QSyntaxHighlighter, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from holdfast.presenters.logs import KEPT, Level, level_of
from holdfast.presenters.states import Tone
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.text import monospace

#: Inserting and tinting so many lines takes some ten milliseconds.
_AT_ONCE = 250
_PAUSE_MS = 10
_TONES = {Level.ERROR: Tone.BAD, Level.WARNING: Tone.WARN, Level.DEBUG: Tone.MUTED}


class _Levels(QSyntaxHighlighter):
    """Tints whole lines by level."""

    def __init__(self, view: QPlainTextEdit, theme: Theme) -> None:
        super().__init__(view.document())
        self._theme = theme
        theme.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        before = self.previousBlockState()
        level = level_of(text, Level(before) if before > 0 else None)
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
        self._waiting: deque[str] = deque(maxlen=KEPT)
        self._pour = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pour.timeout.connect(self._pour_some)

    def add(self, lines: Iterable[str]) -> None:
        """Append lines; the view follows only while the reader stands at the end.

        A few are shown at once, and more of them bit by bit, so that nothing waits for them.
        """
        self._waiting.extend(lines)
        if not self._pour.isActive():
            self._pour_some()

    def replace(self, lines: Iterable[str]) -> None:
        self._pour.stop()
        self._waiting.clear()
        self.clear()
        self.add(lines)

    def _pour_some(self) -> None:
        some = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
        if self._waiting:
            self._pour.start()
        if not some:
            return
        text = "\n".join(some)
        bar = self.verticalScrollBar()
        place = bar.value()
        at_end = self._stands_at_end
        dropped = self._drop_oldest(len(some))
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text if self.document().isEmpty() else f"\n{text}")
        bar.setValue(bar.maximum() if self.follows and at_end else place - dropped)

    def _drop_oldest(self, coming: int) -> int:
        """Make room for lines; how many went. Qt would do it by itself, but lay them out first."""
        document = self.document()
        surplus = max(0, document.blockCount() + coming - KEPT)
        if surplus:
            cursor = QTextCursor(document)
            rest = document.findBlockByNumber(surplus).position()
            cursor.setPosition(rest, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        return surplus

    @property
    def _stands_at_end(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - 4

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What stood at the end stays there when something beside it takes room."""
        at_end = self._stands_at_end
        super().resizeEvent(event)
        if self.follows and at_end:
            self.to_end()

    def to_end(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())
