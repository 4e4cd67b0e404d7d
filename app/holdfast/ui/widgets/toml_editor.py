"""An editor for a secrets.toml: values are dots but on the line that is edited, mistakes marked."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from holdfast.presenters.secrets import DOTS, Mistake
from holdfast.presenters.states import Tone
from holdfast.presenters.toml_highlighting import units
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.text import monospace
from holdfast.ui.widgets.toml_highlighter import TomlHighlighter, TomlLines, raw_text


class TomlEditor(QPlainTextEdit):
    """conceals: values are covered, selected or not."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._conceals = True
        self._mistake: Mistake | None = None
        self.setFont(monospace())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        # a dragged text is seen under the pointer
        self.setAcceptDrops(False)
        self._lines = TomlLines(self.document())
        self._highlighter = TomlHighlighter(self._lines, self.document(), theme)
        self.cursorPositionChanged.connect(self.viewport().update)
        theme.changed.connect(self._mark)

    def load(self, text: str) -> bool:
        """Show a text; False, and nothing shown, if it could not be given back as it is."""
        self.setPlainText(text)
        # the line that the caret stands on is not covered: an empty one, mostly
        self.moveCursor(QTextCursor.MoveOperation.End)
        if self.text() == text:
            return True
        self.clear()
        return False

    def text(self) -> str:
        return raw_text(self.document())

    def conceal(self, conceals: bool) -> None:
        self._conceals = conceals
        self.viewport().update()

    def show_mistake(self, mistake: Mistake | None) -> None:
        self._mistake = mistake
        self._mark()

    def concealed(self, line: int) -> bool:
        """Whether the values on a line are covered now; lines count from 0."""
        edited = self.hasFocus() and self.textCursor().blockNumber() == line
        return self._conceals and not edited

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        block, offset = self.firstVisibleBlock(), self.contentOffset()
        while block.isValid():
            top = self.blockBoundingGeometry(block).translated(offset).top()
            if top > event.rect().bottom():
                break
            if self.concealed(block.blockNumber()):
                self._cover(painter, block, offset)
            block = block.next()
        painter.end()

    def _cover(self, painter: QPainter, block: QTextBlock, offset: QPointF) -> None:
        """From the first value on, whatever stands behind it: the rest would tell its length."""
        secret = [s.start for s in self._lines.spans(block.blockNumber()) if s.part.is_secret]
        if not secret:
            return
        line = block.layout().lineForTextPosition(secret[0])
        area = self.blockBoundingGeometry(block).translated(offset)
        x, _ = cast("tuple[float, int]", line.cursorToX(secret[0]))
        left = area.left() + x
        width = max(area.right(), self.viewport().width()) - left
        cover = QRectF(left, area.top(), width, area.height())
        wrong = self._mistake is not None and self._mistake.line == block.blockNumber() + 1
        tokens = self._theme.tokens
        painter.fillRect(cover, QColor(tokens.bad_ground if wrong else tokens.surface))
        painter.setFont(self.font())
        painter.setPen(self._theme.colour(Tone.MUTED))
        painter.drawText(cover, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, DOTS)

    def _mark(self) -> None:
        mistake = self._mistake
        if mistake is None or not mistake.line:
            self.setExtraSelections([])
            return
        block = self.document().findBlockByNumber(mistake.line - 1)
        ground, wave = QTextEdit.ExtraSelection(), QTextEdit.ExtraSelection()
        ground.cursor = QTextCursor(block)
        ground.format.setBackground(QColor(self._theme.tokens.bad_ground))
        ground.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        wave.cursor = QTextCursor(block)
        start = min(units(block.text()[: mistake.column - 1]), max(block.length() - 2, 0))
        wave.cursor.setPosition(block.position() + start)
        end = QTextCursor.MoveOperation.EndOfBlock
        wave.cursor.movePosition(end, QTextCursor.MoveMode.KeepAnchor)
        wave.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        wave.format.setUnderlineColor(QColor(self._theme.tokens.bad))
        self.setExtraSelections([ground, wave])
