"""What an ACME client tells of its last look, read."""

from __future__ import annotations

import json

from holdfast.domain.acme import AcmeOutcome
from holdfast.domain.stored import Damaged, from_json


def read_outcome(told: object) -> AcmeOutcome | None:
    """None where it is none."""
    try:
        return from_json(AcmeOutcome, json.dumps(told).encode())
    except Damaged:
        return None
