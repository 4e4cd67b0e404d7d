"""How much slower imports are from the environment image than from a plain volume."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench.figures import Figure, at_most
from bench.lab import APP, IDLE, LABELS, Lab, drop_caches
from bench.side_by_side import medians
from holdfast.domain import names
from holdfast.domain.container import Bind, ContainerSpec, VolumeMount

_IMPORTED = "import streamlit, pandas, pyarrow"
_VIEW = "bench"
_ENVIRONMENT = "/mnt/app/environment"
_WARM_ROUNDS = 7
_COLD_ROUNDS = 3

#: Run beside the environment, so that the engine's own part in starting it is not counted.
_CLOCK = f"""
import subprocess, time
began = time.perf_counter()
subprocess.run(["{_ENVIRONMENT}/bin/python", "-c", "{_IMPORTED}"], check=True)
print(time.perf_counter() - began)
"""


class _Environments:
    """The same environment twice, each in a container of its own at the same path."""

    def __init__(self, lab: Lab, stack: ExitStack) -> None:
        self._lab = lab
        configuration, release = lab.app
        self._user = f"{configuration.uid}:{configuration.uid}"
        self._image = release.image
        self._line = f"environment/{release.environment.digest}:environment:ro"
        view = Bind(f"{names.plain_view_root(APP)}/{_VIEW}", "/mnt/app", "rslave")
        self._show()
        plain = stack.enter_context(lab.plain_volume("bench-environment"))
        copied = VolumeMount(plain, "/mnt/plain")
        with lab.container(self._spec("bench-copy", "0:0", (view,), (copied,))) as copier:
            lab.world.shell(copier, f"cp -a {_ENVIRONMENT}/. /mnt/plain/ && chmod 755 /mnt/plain")
        self._own = self._spec("bench-image", self._user, (view,), ())
        copy = VolumeMount(plain, _ENVIRONMENT)
        self._other = self._spec("bench-plain", self._user, (), (copy,))
        stack.callback(lab.volume.hide_view, _VIEW)

    def image(self) -> float:
        return self._seconds(self._own)

    def plain(self) -> float:
        return self._seconds(self._other)

    def image_cold(self) -> float:
        # mounted anew, squashfuse has nothing in its own memory either
        self._lab.volume.hide_view(_VIEW)
        self._show()
        drop_caches()
        return self.image()

    def plain_cold(self) -> float:
        drop_caches()
        return self.plain()

    def _show(self) -> None:
        self._lab.volume.show_view(_VIEW, self._line)

    def _seconds(self, spec: ContainerSpec) -> float:
        # a view that is shown anew is a folder that only a new container finds
        with self._lab.container(spec) as container:
            done = self._lab.world.engine.run(container, ("/usr/bin/python3", "-c", _CLOCK))
        assert done.exit_code == 0, done.error.decode()
        return float(done.output)

    def _spec(
        self, name: str, user: str, binds: tuple[Bind, ...], volumes: tuple[VolumeMount, ...]
    ) -> ContainerSpec:
        return ContainerSpec(
            name=name,
            image=self._image,
            command=IDLE,
            labels=LABELS,
            user=user,
            memory_bytes=1 << 30,
            environment={"HOME": "/tmp"},
            binds=binds,
            volumes=volumes,
        )


def measure(lab: Lab) -> Iterator[Figure]:
    with _stopped(lab), ExitStack() as stack:
        environments = _Environments(lab, stack)
        medians(1, environments.image, environments.plain)
        image, plain = medians(_WARM_ROUNDS, environments.image, environments.plain)
        yield Figure(
            "imports, warm",
            image / plain,
            "ratio",
            at_most(1.35),
            f"`{_IMPORTED}` in a new Python from the environment image: {image:.2f} s, and "
            f"{plain:.2f} s from a copy on a plain volume.",
        )
        image, plain = medians(_COLD_ROUNDS, environments.image_cold, environments.plain_cold)
        yield Figure(
            "imports, cold",
            image / plain,
            "ratio",
            at_most(1.5),
            f"The same, with the image mounted anew and the machine's caches dropped: "
            f"{image:.2f} s and {plain:.2f} s.",
        )


@contextmanager
def _stopped(lab: Lab) -> Iterator[None]:
    """While the app runs, its environment cannot be mounted anew."""
    _, _ = lab.app
    lab.world.run(lab.world.desk.stop(APP))
    try:
        yield
    finally:
        lab.world.run(lab.world.desk.start(APP))
