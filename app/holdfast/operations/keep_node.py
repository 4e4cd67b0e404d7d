"""Keep a node: what a connected desktop does for it over and over, until it is cancelled.

The window does it while it is open, and `holdfast node watch` for ever. It follows the node through
an engine that stops and comes back: every duty is done as soon as the engine answers, and from then
on when its time comes or the engine tells an event.

Another duty is one line in `duties_of`, and an operation's steps in a file of its own. It runs on a
thread of its own, so that it may take minutes. It asks every time what there is to do and yields no
Step where that is nothing: only what has begun is told. What it raises is told too, and ends
neither the duty itself nor another. A class that remembers something between two times is made
anew with each connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from queue import SimpleQueue
from threading import Event, Lock, Thread
from types import TracebackType

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError
from holdfast.domain.figures import KEPT_EVERY
from holdfast.domain.keeping import UNSEALING, Kept, News, NewsKind
from holdfast.domain.operation import (
    Cancelled,
    CancelToken,
    Fact,
    Operation,
    Step,
    Steps,
    Update,
    drive,
)
from holdfast.node.node import Node
from holdfast.operations.keep_certificates import KeepCertificates
from holdfast.operations.keep_figures import KeepFigures
from holdfast.operations.keep_following import LOOK_SECONDS, KeepFollowing
from holdfast.operations.keep_images import KeepImages
from holdfast.operations.keep_unsealed import KeepUnsealed
from holdfast.operations.watch import HINTS, engine_ended
from holdfast.ports import Clock

#: Seconds until an engine that does not answer is asked again.
_PAUSE = 2.0
#: One change brings a dozen events at once.
_SETTLE = 0.2


@dataclass(frozen=True, slots=True)
class Duty:
    """name: in a user's words. every: the longest pause between two times, in seconds.
    at_events: also whenever something happens on the engine. heed: told of each app to which
    something happens there, by its name."""

    name: str
    every: float
    steps: Callable[[CancelToken], Steps[None]]
    at_events: bool = False
    heed: Callable[[str], None] | None = None


def duties_of(node: Node, unseal: bool) -> list[Duty]:
    """unseal: whether what is sealed, and not on purpose, is unsealed."""
    making = Duty("Make the node's image", 3600.0, KeepImages(node).steps)
    unsealing = [Duty(UNSEALING, 15.0, KeepUnsealed(node).steps, at_events=True)]
    renewing = Duty("Renew certificates", 600.0, KeepCertificates(node).steps)
    follow, measure = KeepFollowing(node), KeepFigures(node)
    following = Duty("Follow the branches", LOOK_SECONDS, follow.steps, heed=follow.heed)
    measuring = Duty("Measure the apps", KEPT_EVERY, measure.steps, heed=measure.heed)
    return [making, *(unsealing if unseal else []), renewing, following, measuring]


def keep_node(node: Node, duties: Callable[[Node], Sequence[Duty]]) -> Operation[None]:
    """Publishes Fact[Kept]. duties: asked with each connection; see the module."""

    def body(cancel: CancelToken) -> Steps[None]:
        with cancel.closing(_Keeper(node, duties)) as keeper:
            yield from keeper.told()

    return Operation("Keep the node", target="keep", body=body)


class _Keeper:
    """Follows the engine on one thread, with a shift of duties whenever it answers."""

    def __init__(self, node: Node, duties: Callable[[Node], Sequence[Duty]]) -> None:
        self._node = node
        self._duties = duties
        self._token = CancelToken()
        self._told: SimpleQueue[Fact[Kept] | None] = SimpleQueue()
        self._latest: dict[str, News] = {}
        self._telling = Lock()

    def close(self) -> None:
        self._token.cancel()
        self._told.put(None)

    def told(self) -> Iterator[Fact[Kept]]:
        """Until it is closed, and nothing works any more."""
        thread = Thread(target=self._follow, name="keeper")
        thread.start()
        try:
            while (fact := self._told.get()) is not None:
                yield fact
        finally:
            self.close()
            thread.join()

    def tell(
        self, kind: NewsKind, duty: str = "", text: str = "", error: Exception | None = None
    ) -> None:
        """From any thread."""
        news = News(self._node.clock.now(), kind, duty, text, error)
        with self._telling:
            self._latest[duty] = news
            self._told.put(Fact(Kept(news, dict(self._latest))))

    def _follow(self) -> None:
        try:
            while True:
                error = self._accompany()
                known = self._latest.get("")
                if known is None or known.kind is not NewsKind.LOST:
                    self.tell(NewsKind.LOST, error=error)
                self._node.clock.sleep(_PAUSE, self._token)
        except Cancelled:
            pass
        finally:
            # whoever reads shall not wait for what was ended by a fault of our own
            self._told.put(None)

    def _accompany(self) -> HoldfastError:
        """From the engine's first answer to its last; why that was the last."""
        # what is known of the engine's host may have changed with a reboot
        node = replace(self._node)
        try:
            with node.engine.events(HINTS, self._token) as events:
                self.tell(NewsKind.CONNECTED)
                workers = [_Worker(duty, node.clock, self.tell) for duty in self._duties(node)]
                with self._token.closing(_Shift(workers)) as shift, shift:
                    for labels in events:
                        shift.heed(labels.get(names.LABEL_APP))
            return engine_ended()
        except HoldfastError as error:
            return error


class _Worker:
    """Does one duty over and over. tell: as a keeper tells."""

    def __init__(self, duty: Duty, clock: Clock, tell: Callable[..., None]) -> None:
        self.duty = duty
        self.token = CancelToken()
        self._clock = clock
        self._tell = tell
        self._bell = Event()

    def ring(self) -> None:
        self._bell.set()

    def work(self) -> None:
        """Until its token is cancelled."""
        with suppress(Cancelled):
            while not self.token.is_set:
                # before it looks: what happens meanwhile is looked at once more
                self._bell.clear()
                self._do()
                if self._bell.wait(self.duty.every):
                    self._clock.sleep(_SETTLE, self.token)

    def _do(self) -> None:
        begun = Event()

        def notify(update: Update) -> None:
            begun.set()
            if not isinstance(update, Fact):
                step = isinstance(update, Step)
                text = update.title if isinstance(update, Step) else update.text
                self._tell(NewsKind.STEP if step else NewsKind.LINE, self.duty.name, text)

        work = Operation(self.duty.name, target="keep", body=self.duty.steps)
        outcome = drive(work, self.token, notify)
        if outcome.error is not None:
            self._tell(NewsKind.FAILED, self.duty.name, error=outcome.error)
        elif begun.is_set() and not outcome.cancelled:
            self._tell(NewsKind.DONE, self.duty.name)


class _Shift:
    """Workers at their work, each on a thread of its own; none is left when the block ends."""

    def __init__(self, workers: Sequence[_Worker]) -> None:
        self._workers = workers
        self._threads = ExitStack()

    def heed(self, app: str | None) -> None:
        """Something happened on the engine. app: to what of this app."""
        for worker in self._workers:
            if app is not None and worker.duty.heed is not None:
                worker.duty.heed(app)
            if worker.duty.at_events:
                worker.ring()

    def close(self) -> None:
        for worker in self._workers:
            worker.token.cancel()
            worker.ring()

    def __enter__(self) -> None:
        for worker in self._workers:
            thread = Thread(target=worker.work, name=f"duty {worker.duty.name}")
            thread.start()
            self._threads.callback(thread.join)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        self._threads.close()
