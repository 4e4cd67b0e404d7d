"""What our scripts on the node answer: among what is printed, lines that begin with one word."""

from __future__ import annotations

import json

from holdfast.domain.errors import DeployFailed
from holdfast.ports import CommandFailed

RESULT, ERROR = "RESULT ", "ERROR "


def told_failure(failed: CommandFailed, headline: str) -> DeployFailed:
    """What a script of ours said in its last line, or the tail of its output."""
    for line in reversed(failed.tail):
        if line.startswith(ERROR):
            told = json.loads(line.removeprefix(ERROR))
            return DeployFailed(told["what"], told.get("why", ""), told.get("next", ""))
    why = "\n".join(failed.tail[-8:])
    if failed.exit_code == 137:
        return DeployFailed(
            headline, "It was killed, most likely because it needed more memory than it may use."
        )
    return DeployFailed(headline, why or f"It ended with status {failed.exit_code}.")
