"""Label, field and the sentence beneath it: a reason, or what is wrong."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QVBoxLayout, QWidget

from holdfast.ui.widgets.text import label, restyle


class Field(QWidget):
    """A labelled field. note(): the sentence beneath; refuse(): the same as an error."""

    def __init__(self, title: str, field: QWidget) -> None:
        super().__init__()
        self._field = field
        self._note = label("", "muted", wrap=True)
        self._note.hide()
        caption = label(title)
        caption.setBuddy(field)
        # a drop-down that is typed in, and a number, take the focus in a line of their own
        for part in (field, *field.findChildren(QLineEdit)):
            part.setAccessibleName(title)
        if isinstance(field, QAbstractSpinBox):
            # a style sheet's padding does not reach the line within
            field.lineEdit().setTextMargins(8, 0, 8, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (caption, field, self._note):
            column.addWidget(part)

    def note(self, text: str) -> None:
        self._say(text, "muted", wrong=False)

    def refuse(self, text: str) -> None:
        """Show what is wrong, or take that back when `text` is empty."""
        self._say(text, "error", wrong=bool(text))

    @property
    def said(self) -> str:
        return self._note.text()

    def _say(self, text: str, role: str, wrong: bool) -> None:
        self._note.setText(text)
        self._note.setVisible(bool(text))
        restyle(self._note, "role", role)
        restyle(self._field, "wrong", wrong)
        self._field.setAccessibleDescription(text)
