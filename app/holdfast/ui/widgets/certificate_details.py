"""One certificate in full: its chain as a tree, what it says of itself, and its PEM to copy."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from holdfast.domain.acme import AcmeAccount
from holdfast.domain.certificate import (
    Certificate,
    Certificates,
    CertificateSource,
    WatchedCertificate,
)
from holdfast.presenters import certificates_page as words
from holdfast.presenters import engine_link
from holdfast.presenters.acme_account import account_facts, account_notice
from holdfast.presenters.own_certificate import REPLACE
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.certificate_source import CertificateSourceCard
from holdfast.ui.widgets.notice import NoticeBar
from holdfast.ui.widgets.page import scrolling
from holdfast.ui.widgets.parts import FactsCard
from holdfast.ui.widgets.text import GAP, WIDE, frame
from holdfast.ui.workbench import Workbench

_CHAIN_WIDTH = 264


class CertificateDetails(QFrame):
    """The tree leads through the chain: what is chosen there is what the cards show."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.source = CertificateSourceCard(bench)
        self._chain: tuple[Certificate, ...] = ()
        self._shown: str | None = None
        self._notice = NoticeBar()
        self._use, self._said = FactsCard("On this node"), FactsCard("What it says")
        self.chain = QTreeWidget()
        self.chain.setHeaderLabel("Chain")
        self.chain.setAccessibleName("Chain")
        self.chain.setFixedWidth(_CHAIN_WIDTH)
        self.chain.setItemsExpandable(False)
        self.chain.setRootIsDecorated(False)
        self.chain.setIndentation(WIDE)
        self.copy = button(words.COPY, self._copy)
        self.replace = button(REPLACE, self.source.open_import)
        self.chain.currentItemChanged.connect(self._show_chosen)
        self.source.appeared.connect(self._lead_to)
        self._left = frame("plain")
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(GAP)
        left.addWidget(self.chain, 1)
        for act in (self.replace, self.copy):
            left.addWidget(act)
        inside = frame("plain")
        cards = QVBoxLayout(inside)
        cards.setContentsMargins(0, 0, GAP, 0)
        cards.setSpacing(WIDE)
        for part in (self._notice, self._use, self.source, self._said):
            cards.addWidget(part)
        cards.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(WIDE)
        row.addWidget(self._left)
        self._cards = scrolling(inside, "Details of the certificate")
        row.addWidget(self._cards, 1)

    @property
    def chosen(self) -> Certificate | None:
        """The one of the chain whose facts are shown."""
        item = self.chain.currentItem()
        return None if item is None else self._chain[item.data(0, Qt.ItemDataRole.UserRole)]

    def show_row(self, found: Certificates, key: str | None) -> bool:
        """Whatever a list of certificates has under that key. False for what it has not."""
        if key != self._shown:
            self._shown = key
            self._cards.verticalScrollBar().setValue(0)
        row, account = found.row(key), found.account(key)
        if row is not None:
            self.show_certificate(row, found.looked)
        elif account is not None:
            self._show_other(account_facts(account, found.looked), account)
        elif key == engine_link.KEY:
            self._show_other(engine_link.engine_facts())
        else:
            return False
        return True

    def _show_other(
        self, facts: tuple[tuple[str, ...], ...], account: AcmeAccount | None = None
    ) -> None:
        """What has no certificate."""
        bad = account is not None and account.is_trouble
        self._notice.show_notice(account_notice(account) if account else None, bad=bad)
        self._use.show_facts(facts)
        for part in (self._left, self.source, self._said):
            part.hide()

    def show_certificate(self, row: WatchedCertificate, now: datetime) -> None:
        self._notice.show_notice(words.trouble_notice(row, now), bad=words.is_of_no_use(row))
        self.source.show_source(row)
        self.replace.setVisible(row.source is CertificateSource.OWN)
        self._use.show_facts(words.watched_facts(row, now))
        self._left.show()
        self._said.show()
        if row.chain != self._chain:
            self._chain = row.chain
            self._grow()

    def _grow(self) -> None:
        """The root on top, the certificate itself as the last leaf."""
        self.chain.clear()
        above: QTreeWidget | QTreeWidgetItem = self.chain
        for at in range(len(self._chain) - 1, -1, -1):
            item = QTreeWidgetItem(above, [self._chain[at].subject])
            item.setToolTip(0, self._chain[at].subject)
            item.setData(0, Qt.ItemDataRole.UserRole, at)
            above = item
        self.chain.expandAll()
        if isinstance(above, QTreeWidgetItem):
            self.chain.setCurrentItem(above)

    def _show_chosen(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            self._said.show_facts(words.certificate_facts(chosen))

    def _lead_to(self, part: QWidget) -> None:
        """Once it is laid out."""
        QTimer.singleShot(0, part, lambda: self._cards.ensureWidgetVisible(part, 0, GAP))

    def _copy(self) -> None:
        if self.chosen is not None:
            QGuiApplication.clipboard().setText(self.chosen.pem)
