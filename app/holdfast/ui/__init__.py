"""The window: screens, widgets, and the bridge where threads meet Qt."""

import builtins

import PySide6.QtCore  # noqa: F401  whoever imports it first wraps every later import

# PySide6 reads the source of whatever is imported after it, for its `__feature__` switches, and
# keeps all of it in `linecache`: 20 MB, and a third of the time that the window takes to load.
# Nothing here uses the switches, so the import that it put aside is put back.
vars(builtins)["__import__"] = vars(builtins).get("__orig_import__", builtins.__import__)
