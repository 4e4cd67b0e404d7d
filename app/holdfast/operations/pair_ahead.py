"""A release's containers, begun while its code and its environment are still on their way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from holdfast.domain.app import AppConfiguration
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.node import payloads
from holdfast.node.beside import Beside
from holdfast.node.node import Node
from holdfast.node.serving import Begun, begin_runner, begin_sidecar, show_run_view
from holdfast.node.volume import Volume
from holdfast.ports import EngineError


class PairAhead:
    """The sidecar is begun at once. Whoever gave `beside` clears both, should the deploy fail."""

    def __init__(
        self, node: Node, app: AppName, release: str, volume: Volume, beside: Beside
    ) -> None:
        self._node = node
        self._release = release
        self._volume = volume
        self._beside = beside
        self._sidecar = beside.begin(lambda: begin_sidecar(node, app, release, volume.uid))
        self._runner: Callable[[], Begun | None] = lambda: None

    def begin_runner(
        self, configuration: AppConfiguration, image: str, environment: str | None = None
    ) -> None:
        """Begin the app's container, as it may be, beside the one that serves; where there is none,
        one that a killed desktop left would pass for the app. It takes the place of one that was
        begun for another image or other limits.

        environment: the digest of the one that it may need."""
        part = payloads.runner(configuration, self._release, image)
        before = self._runner
        self._runner = self._beside.begin(lambda: self._begin(part, environment, before))

    def wait_sidecar(self) -> None:
        """Until it guards."""
        self._sidecar()

    def wait_runner(self) -> Begun | None:
        """What was begun last, if anything could be."""
        return self._runner()

    def _begin(
        self, part: payloads.Part, environment: str | None, before: Callable[[], Begun | None]
    ) -> Begun | None:
        begun = before()
        if begun is not None and begun.part == part:
            return begun
        # whoever needs it begins it again, and says what is wrong with it
        with suppress(HoldfastError, EngineError):
            if environment is not None:
                show_run_view(self._volume, self._release, environment)
            self._sidecar()
            begin_runner(self._node, part, self._volume.uid)
            return Begun(part, environment)
        return None
