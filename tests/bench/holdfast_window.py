"""The command `holdfast` as a user starts it, watched until its window is there."""

from __future__ import annotations

# before Qt, as the command itself loads it: Qt has its say in whatever is imported after it
from holdfast.__main__ import run  # isort: split

import sys

from PySide6.QtWidgets import QApplication

from bench.first_paint import FirstPaint

application = QApplication(["holdfast"])
paint = FirstPaint(application)
sys.argv[1:] = []
run()
