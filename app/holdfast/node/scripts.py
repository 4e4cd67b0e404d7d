"""Where an image's scripts lie, and what runs those in Python."""

from __future__ import annotations

SCRIPTS = "/usr/lib/holdfast"
#: Isolated from what an app's files could bring, but with the scripts' own folder.
PYTHON = ("/usr/bin/python3", "-E", "-s", "-B")
