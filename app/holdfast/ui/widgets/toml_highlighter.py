"""Colours a TOML text, and knows where in it values stand."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from holdfast.presenters.states import Tone
from holdfast.presenters.toml_highlighting import Part, Span, spans_of
from holdfast.ui.theme import Theme

_TONES = {
    Part.COMMENT: Tone.MUTED,
    Part.COMMENTED_OUT: Tone.MUTED,
    Part.TEXT: Tone.GOOD,
    Part.VALUE: Tone.BUSY,
    Part.WRONG: Tone.BAD,
}


class TomlLines(QObject):
    """What stands where in a document. Made before a highlighter, it hears of a change first."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._document = document
        self._lines: list[list[Span]] = []
        self._is_read = False
        document.contentsChange.connect(self._forget)

    def spans(self, line: int) -> list[Span]:
        """line: counted from 0."""
        if not self._is_read or len(self._lines) != self._document.blockCount():
            # a text between two quotes changes its meaning as a whole: all is read again
            self._lines = spans_of(raw_text(self._document))
            self._is_read = True
        return self._lines[line] if line < len(self._lines) else []

    def _forget(self) -> None:
        self._is_read = False


class TomlHighlighter(QSyntaxHighlighter):
    def __init__(self, lines: TomlLines, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._lines = lines
        theme.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        spans = self._lines.spans(self.currentBlock().blockNumber())
        for span in spans:
            style = QTextCharFormat()
            if span.part is Part.SECTION:
                style.setFontWeight(QFont.Weight.DemiBold)
            else:
                style.setForeground(QColor(self._theme.tokens.tone(_TONES[span.part])))
            self.setFormat(span.start, span.end - span.start, style)
        # a state of its own wherever a line looks different: those after it are painted anew
        self.setCurrentBlockState(hash(tuple(spans)) & 0xFFFF)


def raw_text(document: QTextDocument) -> str:
    """The text as it was typed: Qt's plain one turns some blanks into others."""
    return document.toRawText().replace("\u2029", "\n")
