"""The same verb on several apps at once, each under its own lock; one that fails holds no other
back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Steps
from holdfast.node.locking import holding
from holdfast.node.node import Node

_AT_ONCE = 4


@dataclass
class SideBySide:
    """verb: as the apps' locks tell it. failed: filled from several threads."""

    node: Node
    verb: str
    cancel: CancelToken
    failed: list[tuple[AppName, HoldfastError]] = field(default_factory=list)

    def each(self, apps: Sequence[AppName], work: Callable[[AppName], str]) -> Steps[None]:
        """Tells what `work` returns, a line each. Cancelled, no further one is begun; what was
        begun is brought to its end."""
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=self.verb) as pool:
            begun = [pool.submit(self._one, app, work) for app in apps]
            try:
                for ended in as_completed(begun):
                    yield Line(ended.result())
            finally:
                pool.shutdown(cancel_futures=True)

    def tell_failures(self, what: str) -> None:
        """Raises all of them as one. what: what could not be done with the apps."""
        if not self.failed:
            return
        each = (f"{app}: {error.what} {error.why}".strip() for app, error in self.failed)
        raise HoldfastError(
            f"{len(self.failed)} of the node's apps could not be {what}.",
            "\n".join(each),
            self.failed[0][1].next,
        )

    def _one(self, app: AppName, work: Callable[[AppName], str]) -> str:
        self.cancel.check()
        try:
            with holding(self.node, app, self.verb):
                return f"{app}: {work(app)}"
        except HoldfastError as error:
            self.failed.append((app, error))
            return f"{app}: {error}"
