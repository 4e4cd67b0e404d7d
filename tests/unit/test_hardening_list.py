"""The committed list of warnings is the one that docs/hardening.md explains."""

from __future__ import annotations

import tomllib
from pathlib import Path

from hardening import CHECKS, LIST

DOCUMENT = Path(__file__).parents[2] / "docs" / "hardening.md"


def test_the_document_gives_the_same_warnings_and_reasons() -> None:
    rows = [line.strip("| ").split(" | ") for line in DOCUMENT.read_text().splitlines()]
    told = {
        (check, role.strip(), reason)
        for check, what, reason in (row for row in rows if len(row) == 3)
        for role in what.partition(":")[0].split(",")
        if check[0].isdigit() or check.startswith("C.")
    }
    listed = tomllib.loads(LIST.read_text())["warning"]
    assert told == {(row["check"], row["role"], row["reason"]) for row in listed}
    assert {row["check"] for row in listed if row["role"] not in ("image", "client")} <= set(CHECKS)
