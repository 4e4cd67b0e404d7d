"""The least that a window of Qt can be: what Holdfast's own is compared with."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QMainWindow

from bench.first_paint import FirstPaint

application = QApplication([])
paint = FirstPaint(application)
window = QMainWindow()
window.resize(1280, 800)
window.show()
application.exec()
