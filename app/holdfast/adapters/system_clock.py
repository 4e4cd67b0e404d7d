"""The Clock port: the machine's own."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from holdfast.domain.operation import CancelToken

_LONGEST_NAP = 0.1


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float, cancel: CancelToken) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            cancel.check()
            time.sleep(min(left, _LONGEST_NAP))
        cancel.check()
