"""A page of a running Streamlit app, open while its code is renewed: so that Streamlit watches what
the app imported even where no visitor is there, and so that new code that raises is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import Cancelled, CancelToken
from holdfast.domain.stored import Damaged, from_json
from holdfast.node.node import Node
from holdfast.node.script_answers import RESULT
from holdfast.node.scripts import SCRIPTS

#: By the app's own Python, which has Streamlit.
_COMMAND = ("/mnt/app/environment/bin/python", "-I", "-B", f"{SCRIPTS}/open_page.py")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the app's script. raised: whether it showed an exception."""

    raised: bool


class OpenPage:
    def __init__(self, node: Node, app: AppName, slot: str, uid: int, port: int) -> None:
        self._node = node
        self._runner = names.runner(app, slot)
        self._user = f"{uid}:{uid}"
        self._command = (*_COMMAND, str(port))
        self._token = CancelToken()
        self._runs: SimpleQueue[Run | None] = SimpleQueue()
        self._thread = Thread(target=self._read, name="open-page", daemon=True)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._token.cancel()
        self._thread.join()

    def run(self, seconds: float) -> Run | None:
        """The next run of the script that has ended; None if none does in time."""
        with suppress(Empty):
            return self._runs.get(timeout=seconds)
        return None

    def _read(self) -> None:
        engine = self._node.engine
        try:
            for line in engine.stream(self._runner, self._command, self._token, self._user):
                if line.startswith(RESULT):
                    self._runs.put(from_json(Run, line.removeprefix(RESULT).encode()))
        except (HoldfastError, Cancelled, Damaged):
            # what a page would have shown is not known then
            pass
        self._runs.put(None)


@contextmanager
def open_page(node: Node, app: AppName, slot: str, uid: int, port: int) -> Iterator[OpenPage]:
    """port: where the app listens."""
    page = OpenPage(node, app, slot, uid, port)
    page.open()
    try:
        yield page
    finally:
        page.close()
