"""Puts a secret on the clipboard for a while, marked so that histories leave it out."""

from __future__ import annotations

import sys

from PySide6.QtCore import QByteArray, QCoreApplication, QMimeData, QObject, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication

from holdfast.presenters.clipboard import FORGET_SECONDS

#: What each desktop's history looks at. KDE: Klipper's. Windows: a DWORD of 0. macOS: the
#: convention of nspasteboard.org.
_KDE = "x-kde-passwordManagerHint"
_WINDOWS = (
    "ExcludeClipboardContentFromMonitorProcessing",
    "CanIncludeInClipboardHistory",
    "CanUploadToCloudClipboard",
)
_MACOS = "org.nspasteboard.ConcealedType"


def marked(text: str, platform: str = sys.platform) -> QMimeData:
    data = QMimeData()
    data.setText(text)
    if platform == "win32":
        for name in _WINDOWS:
            kind = f'application/x-qt-windows-mime;value="{name}"'
            data.setData(kind, QByteArray(bytes(4)))
    elif platform == "darwin":
        data.setData(_MACOS, QByteArray(b"1"))
    else:
        data.setData(_KDE, QByteArray(b"secret"))
    return data


def copy_secret(text: str, milliseconds: int = FORGET_SECONDS * 1000) -> None:
    _Loan(text, milliseconds, QGuiApplication.clipboard())


class _Loan(QObject):
    """What lies on the clipboard; taken back in time, or when the program ends."""

    def __init__(self, text: str, milliseconds: int, clipboard: QClipboard) -> None:
        # lives as long as the program, not as long as the page that copied. The clipboard would not
        # do as a parent: nobody else holds its Python half, and a collection takes both
        super().__init__(QCoreApplication.instance())
        self._text = text
        self._clipboard = clipboard
        clipboard.setMimeData(marked(text))
        QTimer.singleShot(milliseconds, self, self._take_back)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self._take_back)

    def _take_back(self) -> None:
        # what somebody copied since is theirs
        if self._clipboard.text() == self._text:
            self._clipboard.clear()
        self._text = ""
        self.deleteLater()
