"""An app that keeps every path that it was asked for, and tells them all."""

from __future__ import annotations

from world import plain_app

LEDGER = plain_app(
    "note(self.path)",
    "lock = __import__('threading').Lock()\n"
    "def note(path):\n"
    "    with lock, open('/data/paths', 'a+') as file:\n"
    "        file.write(path + '\\n'); file.flush(); file.seek(0)\n"
    "        return file.read()\n",
)
