"""The command `holdfast` as a user starts it, watched until its window is there."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication

from bench.first_paint import FirstPaint
from holdfast.__main__ import run

application = QApplication(["holdfast"])
paint = FirstPaint(application)
sys.argv[1:] = []
run()
