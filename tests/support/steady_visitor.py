"""A visitor who asks an app all the time, while something is done to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from world import World


@dataclass
class SteadyVisitor:
    """Writes down what was asked and what failed: any answer without the path that it asked for.
    trusting: the CA of before, which the edge shows for a moment after the file of a new one was
    written."""

    world: World
    host: str
    trusting: str | None = None
    asked: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @contextmanager
    def asking(self) -> Iterator[None]:
        enough = threading.Event()
        thread = threading.Thread(target=self._ask, args=(enough,))
        thread.start()
        try:
            yield
        finally:
            enough.set()
            thread.join()

    def _ask(self, enough: threading.Event) -> None:
        while not enough.is_set():
            path = f"/{len(self.asked)}"
            self.asked.append(path)
            try:
                # as long as browsers do: on a loaded machine an app takes its time to start
                answer = self.world.visit(self.host, path, trusting=self.trusting, seconds=60)
            except OSError as error:
                self.failed.append(f"{path}: {type(error).__name__} {error}")
                continue
            if answer.status != 200 or path not in answer.text.split():
                self.failed.append(f"{path}: {answer.status} {answer.text[:80]}")
