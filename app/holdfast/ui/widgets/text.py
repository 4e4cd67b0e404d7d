"""Labels in the few sizes that the window knows, and the gaps between things."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from holdfast.presenters.states import Look
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.shapes import paint_shape

GAP = 8
WIDE = 16
MARGIN = 24


def label(text: str = "", role: str = "", wrap: bool = False) -> QLabel:
    """role: title, head, muted, error, warn, mono, code or "" for the text itself. code: to be
    typed elsewhere."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    _size(made, role)
    if wrap:
        # the policy that the label has by now says that its height follows its width: keep that
        policy = made.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Expanding)
        made.setSizePolicy(policy)
    return made


def _size(made: QLabel, role: str) -> None:
    font = made.font()
    if role in ("title", "head"):
        font.setPointSizeF(font.pointSizeF() * (1.5 if role == "title" else 1.15))
        font.setWeight(QFont.Weight.DemiBold)
        made.setFont(font)
    elif role == "mono":
        made.setFont(monospace())
    elif role == "code":
        large = monospace()
        large.setPointSizeF(font.pointSizeF() * 2)
        large.setWeight(QFont.Weight.DemiBold)
        large.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 108)
        made.setFont(large)


def selectable(made: QLabel) -> QLabel:
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return made


def monospace() -> QFont:
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)


def frame(surface: str, parent: QWidget | None = None) -> QFrame:
    """surface: a name that the style sheet knows (card, sidebar, strip, notice, plain)."""
    made = QFrame(parent)
    made.setProperty("surface", surface)
    return made


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class ElidedLabel(QLabel):
    """One line that ends in … when there is no room; the whole is its tooltip then."""

    def __init__(self, text: str = "", role: str = "", grows: bool = True) -> None:
        super().__init__()
        self._whole = text
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        width = QSizePolicy.Policy.Expanding if grows else QSizePolicy.Policy.Maximum
        self.setSizePolicy(width, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(24)
        self.setAccessibleName(text)
        _size(self, role)
        self._fit()

    def show_text(self, text: str) -> None:
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self._fit()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._whole) + 2, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics = QFontMetrics(self.font())
        fitted = metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        super().setText(fitted)
        self.setToolTip(self._whole if fitted != self._whole else "")


class SpareLabel(ElidedLabel):
    """Gets what the rest of its row leaves, up to its whole text: none where that is too little.

    Its row has to stretch it by SPARE.
    """

    SPARE = 100

    def __init__(self, role: str = "") -> None:
        super().__init__(role=role)
        self.setMinimumWidth(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        super().show_text(text)
        self.setMaximumWidth(self.sizeHint().width())


class StateLabel(QWidget):
    """A state as shape and word, in its tone."""

    def __init__(self, theme: Theme, look: Look, word: str | None = None) -> None:
        super().__init__()
        self._theme = theme
        self._look = look
        self._word = look.word if word is None else word
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._word)
        theme.changed.connect(self.update)

    def show_look(self, look: Look, word: str | None = None) -> None:
        self._look, self._word = look, look.word if word is None else word
        self.setAccessibleName(self._word)
        self.updateGeometry()
        self.update()

    @property
    def word(self) -> str:
        return self._word

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        gap = 6 if self._word else 0
        return QSize(
            self._side(metrics) + gap + metrics.horizontalAdvance(self._word) + 2,
            metrics.height() + 4,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = QFontMetrics(self.font())
        side = self._side(metrics)
        colour = self._theme.colour(self._look.tone)
        paint_shape(
            painter, QRectF(0, (self.height() - side) / 2, side, side), self._look.shape, colour
        )
        painter.setPen(colour)
        painter.drawText(
            QRectF(side + 6, 0, self.width(), self.height()),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            self._word,
        )
        painter.end()

    @staticmethod
    def _side(metrics: QFontMetrics) -> int:
        return round(metrics.height() * 0.62)
