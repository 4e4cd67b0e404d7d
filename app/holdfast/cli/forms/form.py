"""What every form is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

Form: TypeAlias = dict[str, Any]


def moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
