"""A page that is a list with a search, and tells what is the matter where it has none to show."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLineEdit, QStackedWidget, QWidget

from holdfast.presenters.notices import Notice, no_match
from holdfast.presenters.rows import Row
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.notice import Placeholder
from holdfast.ui.widgets.page import Page, search_box


class ListPage(Page):
    """noun: one of what is listed. whole: the list with what belongs to it, if anything does."""

    def __init__(
        self, title: str, noun: str, listed: ListView, whole: QWidget | None = None
    ) -> None:
        super().__init__(title)
        self._noun = noun
        self.search = search_box(f"Search {title.lower()}", f"Search {title.lower()}")
        self.header.addWidget(self.search)
        self.list = listed
        self.instead = Placeholder()
        self.stack = QStackedWidget()
        self.stack.addWidget(whole or listed)
        self.stack.addWidget(self.instead)
        self.search.textChanged.connect(self._narrow)
        self.instead.acted.connect(self._help)

    def enter(self) -> None:
        self.list.setFocus()

    def search_field(self) -> QLineEdit:
        return self.search

    def refresh(self) -> None:
        """Show what is known by now."""

    def show_rows(self, rows: Sequence[Row], instead: Notice) -> None:
        """instead: what is told while there are no rows."""
        self.list.show_rows(rows)
        self.search.setVisible(bool(rows))
        found = self.list.filtered.rowCount()
        if not found:
            needle = self.search.text()
            self.instead.show_notice(no_match(self._noun, needle) if rows else instead)
        self.stack.setCurrentIndex(0 if found else 1)

    def _narrow(self, needle: str) -> None:
        self.list.filtered.look_for(needle)
        self.refresh()

    def _help(self) -> None:
        """The button of what stands in place of the list: clear the search, or try again."""
        if self.search.text():
            self.search.clear()
        else:
            self.reload()
