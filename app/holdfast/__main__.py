"""`python -m holdfast` and the `holdfast` command."""

from __future__ import annotations

import sys

from holdfast.main import main


def run() -> None:
    sys.exit(main())


if __name__ == "__main__":
    run()
