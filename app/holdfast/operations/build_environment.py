"""An app's environment: found, where an earlier release had the same, or built and packed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from holdfast.domain.app import Environment
from holdfast.domain.discovery import Project
from holdfast.domain.operation import CancelToken, Steps
from holdfast.domain.requests import DeployRequest
from holdfast.node.beside import Beside
from holdfast.node.builder import Builder, begun_builder
from holdfast.node.images import PYTHON_VERSIONS
from holdfast.node.node import Node
from holdfast.node.volume import Contents, Volume
from holdfast.operations.deploy_target import Target
from holdfast.operations.step_times import StepTimes

_VIEW = "build"


@dataclass(frozen=True, slots=True)
class Ahead:
    """A build container that was begun before it was known what will be built.

    image: its tag. begun: waits for it, and returns what waits for its firewall.
    """

    image: str
    begun: Callable[[], Callable[[], None]]


@contextmanager
def builder_ahead(node: Node, target: Target, request: DeployRequest) -> Iterator[Ahead | None]:
    """For a new app, which will need one: of the image that most projects get. None where that
    has to be made first. Its end is waited for."""
    python = request.python or next(iter(PYTHON_VERSIONS))
    image = node.images.python_image(python) if python in PYTHON_VERSIONS else None
    if target.before is not None or image is None or node.engine.image_id(image) is None:
        yield None
        return
    name, uid = target.name, target.volume.uid
    with Beside() as last, ExitStack() as stack, Beside() as beside:
        builder = begun_builder(node, name, uid, image, _VIEW, last)
        yield Ahead(image, beside.begin(lambda: stack.enter_context(builder)))


def known_environment(target: Target, inputs: str) -> Environment | None:
    """One that an earlier release was given for the same inputs, and that is still there."""
    for release in target.contents.releases:
        environment = release.environment
        if environment.inputs == inputs and target.contents.has_environment(environment.digest):
            return replace(environment, cached=True)
    return None


@dataclass(frozen=True, slots=True)
class EnvironmentBuild:
    """release: whose checkout is built. image: the tag of the Python image."""

    node: Node
    target: Target
    release: str
    image: str
    beside: Beside

    def run(
        self,
        project: Project,
        inputs: str,
        ahead: Ahead | None,
        times: StepTimes,
        cancel: CancelToken,
    ) -> Steps[Environment]:
        volume = self.target.volume
        image_id = self.node.engine.image_id(self.image) or self.image
        shown = self.beside.begin(lambda: _show(volume, self.release))
        try:
            with self._builder(ahead, project) as builder:
                shown()
                environment = yield from builder.resolve(image_id, inputs, cancel)
                contents = self.target.contents
                if contents.has_environment(environment.digest):
                    known = _known_size(contents, environment.digest)
                    return replace(environment, cached=True, size_bytes=known)
                yield times.enter("Install dependencies")
                yield from builder.install(cancel)
                yield times.enter("Pack the environment")
                size = yield from builder.pack(cancel)
                builder.end()
                volume.adopt_environment(environment.digest)
            return replace(environment, size_bytes=size)
        finally:
            self.beside.begin(lambda: _hide(volume, shown))

    @contextmanager
    def _builder(self, ahead: Ahead | None, project: Project) -> Iterator[Builder]:
        with ExitStack() as stack:
            document = self.node.keys.secrets(self.target.name)
            if ahead is not None:
                ahead.begun()()
            if ahead is None or ahead.image != self.image:
                # it takes the place of one that was begun ahead, should that be of another image
                name, uid = self.target.name, self.target.volume.uid
                other = begun_builder(self.node, name, uid, self.image, _VIEW, self.beside)
                stack.enter_context(other)()
            yield Builder(self.node, self.target.name, self.target.volume.uid, project, document)


def _show(volume: Volume, release: str) -> None:
    volume.clear_incoming()
    volume.show_view(_VIEW, f"releases/{release}/checkout:code:ro", "incoming:output:rw")


def _hide(volume: Volume, shown: Callable[[], None]) -> None:
    try:
        shown()
    finally:
        volume.hide_view(_VIEW)
        volume.clear_incoming()


def _known_size(contents: Contents, digest: str) -> int:
    sizes = (r.environment.size_bytes for r in contents.releases if r.environment.digest == digest)
    return next(sizes, 0)
