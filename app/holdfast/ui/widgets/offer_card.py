"""What is offered to connect a repository with, on one calm card."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout

from holdfast.domain.secret import Secret
from holdfast.presenters.connect import (
    AS_BEARER,
    CHOOSE_CA,
    INSTALL_KEY,
    KEY_ADDED,
    MAKE_KEY,
    MAKE_TOKEN,
    OPEN_KEY,
    OPEN_PAGE,
    PASSPHRASE,
    SIGN_IN,
    TOKEN,
    TRUST,
    USE_FILE,
    USE_TOKEN,
    Offer,
)
from holdfast.ui.widgets.agent_row import AgentRow
from holdfast.ui.widgets.buttons import button, reword
from holdfast.ui.widgets.file_button import FileButton
from holdfast.ui.widgets.text import GAP, WIDE, label, monospace, restyle, selectable


class OfferCard(QFrame):
    """offer: the one on show."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self.offer: Offer | None = None
        self.title, self._text = label("", "head", wrap=True), label("", "muted", wrap=True)
        self.fingerprint = selectable(label("", "mono", wrap=True))
        self.fingerprint.setAccessibleName("Fingerprint of the host key")
        self.public_key, self.token, self.user = QLineEdit(), QLineEdit(), QLineEdit()
        self.public_key.setReadOnly(True)
        self.public_key.setFont(monospace())
        self.public_key.setAccessibleName("Public key")
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.bearer = QCheckBox(AS_BEARER)
        self.bearer.setAccessibleName(AS_BEARER)
        self._problem = label("", "error", wrap=True)
        self.copy = button("Copy key", self._copy)
        self.page = button(OPEN_PAGE, self._open_page)
        self.added = button(KEY_ADDED, kind="primary")
        self.make_key = button(MAKE_KEY, kind="primary")
        self.install_key = button(INSTALL_KEY, kind="primary")
        self.by_agent = AgentRow()
        self.key_file, self.authority = FileButton(USE_FILE), FileButton(CHOOSE_CA, "primary")
        self.use_token = button(USE_TOKEN)
        self.sign_in = button(SIGN_IN, kind="primary")
        self.trust = button(TRUST, kind="primary")
        self._lay_out()
        self.bearer.toggled.connect(lambda bearer: self.user.setEnabled(not bearer))
        self.hide()

    def show_offer(self, offer: Offer, problem: str = "") -> None:
        self.offer = offer
        self.title.setText(offer.title)
        self._text.setText(offer.text)
        self.fingerprint.setText(offer.host_key)
        self.public_key.setText(offer.public_key)
        self.public_key.setCursorPosition(0)
        self.say(problem)
        for part, shown in (
            (self.fingerprint, bool(offer.host_key)),
            (self.trust, bool(offer.host_key)),
            (self.public_key, bool(offer.public_key)),
            (self.copy, bool(offer.public_key)),
            (self.added, bool(offer.public_key)),
            (self.page, offer.page is not None),
            (self.install_key, offer.installs),
            (self.make_key, offer.key_address is not None),
            (self.key_file, offer.file),
            (self.authority, offer.authority),
            (self.user, bool(offer.asks_user)),
            (self.token, bool(offer.sign_in or offer.token_address or offer.passphrase)),
            (self.sign_in, offer.sign_in is not None),
            (self.bearer, offer.bearer),
            (self.use_token, bool(offer.token_address or offer.passphrase)),
        ):
            part.setVisible(shown)
        reword(self.page, MAKE_TOKEN if offer.sign_in else OPEN_PAGE)
        reword(self.use_token, OPEN_KEY if offer.passphrase else USE_TOKEN)
        asked = PASSPHRASE if offer.passphrase else TOKEN
        self.token.setPlaceholderText(asked)
        self.token.setAccessibleName(asked)
        self.user.setText(offer.user)
        self.user.setPlaceholderText(offer.asks_user)
        self.user.setAccessibleName(offer.asks_user)
        self.user.setToolTip(offer.asks_user)
        self.by_agent.show_offer(offer)
        restyle(self.make_key, "kind", "" if offer.installs else "primary")
        self.show()
        if offer.sign_in or offer.passphrase:
            (self.user if offer.needs_user else self.token).setFocus()

    def offer_installing(self, offer: Offer) -> None:
        """The same with a deploy key that can be installed; what was typed stays."""
        self.offer = offer
        self._text.setText(offer.text)
        self.install_key.show()
        restyle(self.make_key, "kind", "")

    def say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def wait(self, waiting: bool) -> None:
        offered = (self.added, self.install_key, self.make_key, self.use_token, self.trust)
        others = (self.by_agent, self.key_file, self.authority, self.sign_in)
        for part in (*offered, *others, self.token, self.bearer):
            part.setEnabled(not waiting)
        self.user.setEnabled(not waiting and not self.bearer.isChecked())

    @property
    def typed_user(self) -> str:
        """A bearer token has none."""
        return self.user.text().strip() if self.user.isEnabled() else ""

    def typed(self) -> Secret | None:
        """The token or passphrase, which goes from the field with that."""
        needs_user = self.offer is not None and self.offer.needs_user
        needed = (self.user, self.token) if needs_user else (self.token,)
        token = self.token.text().strip()
        for field in needed:
            if not field.text().strip():
                field.setFocus()
                return None
        self.token.clear()
        return Secret(token.encode())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.public_key.text())

    def _open_page(self) -> None:
        if self.offer is not None and self.offer.page is not None:
            QDesktopServices.openUrl(QUrl(self.offer.page))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        column.setSpacing(GAP)
        for part in (self.title, self._text, self.fingerprint, self.public_key, self._problem):
            column.addWidget(part)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for each in (self.install_key, self.make_key, self.added, self.trust, self.copy, self.page):
            row.addWidget(each)
        row.addStretch()
        below = QHBoxLayout()
        below.setSpacing(GAP)
        below.addWidget(self.token, 1)
        below.addWidget(self.bearer)
        below.addWidget(self.use_token)
        below.addWidget(self.sign_in)
        column.addLayout(row)
        # not beside the others, with which they would be wider than a small window
        own = QHBoxLayout()
        own.setSpacing(GAP)
        own.addWidget(self.key_file)
        own.addWidget(self.authority)
        own.addWidget(self.by_agent, 1)
        own.addStretch()
        column.addLayout(own)
        column.addWidget(self.user)
        column.addLayout(below)
