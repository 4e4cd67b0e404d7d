"""What encryption costs on an app's volume, beside a plain one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from bench.figures import Figure, at_least, at_most
from bench.lab import APP, IDLE, LABELS, Lab, drop_caches
from bench.side_by_side import medians
from holdfast.domain import names
from holdfast.domain.container import Bind, ContainerSpec, RamVolume, VolumeMount

_VIEW = "bench-volume"
_ROUNDS = 5
_MEBIBYTES = 256
_FILES = 5_000

_PREPARE = f"""
import io, os, tarfile
with open("/mnt/ram/file", "wb") as written:
    for _ in range({_MEBIBYTES}):
        written.write(os.urandom(1 << 20))
with tarfile.open("/mnt/ram/files.tar", "w") as archive:
    for at in range({_FILES}):
        entry = tarfile.TarInfo(f"folder-{{at % 50}}/file-{{at}}")
        entry.size = 1024 + at % 7168
        archive.addfile(entry, io.BytesIO(os.urandom(entry.size)))
"""
#: Each is run in an empty folder and prints the seconds that its work took.
_CLOCK = """
import os, subprocess, sys, time
os.chdir(sys.argv[1])
began = time.perf_counter()
subprocess.run(["/bin/sh", "-ec", sys.argv[2]], check=True)
print(time.perf_counter() - began)
"""
_WRITE = "dd if=/mnt/ram/file of=file bs=1M conv=fsync status=none"
_READ = "dd if=file of=/dev/null bs=1M status=none"
_UNTAR = "tar -xf /mnt/ram/files.tar"


class _Volumes:
    """One container that sees a folder of the app's volume, and a plain volume beside it."""

    def __init__(self, lab: Lab, stack: ExitStack) -> None:
        self._lab = lab
        configuration, _ = lab.app
        uid = configuration.uid
        engine = lab.world.engine
        lab.volume.show_view(_VIEW, "data/bench:data:rw")
        stack.callback(lab.volume.discard, "data/bench")
        stack.callback(lab.volume.hide_view, _VIEW)
        plain = stack.enter_context(lab.plain_volume("bench-plain"))
        ram = RamVolume("bench-ram", LABELS, 512 << 20, uid)
        engine.remove_volume(ram.name)
        engine.create_ram_volume(ram)
        stack.callback(engine.remove_volume, ram.name)
        spec = ContainerSpec(
            name="bench-disk",
            image=lab.world.node.images.node_image,
            command=IDLE,
            labels=LABELS,
            user="0:0",
            memory_bytes=2 << 30,
            capabilities=("CHOWN",),
            binds=(Bind(f"{names.plain_view_root(APP)}/{_VIEW}", "/mnt/app", "rslave"),),
            volumes=(VolumeMount(plain, "/mnt/plain"), VolumeMount(ram.name, "/mnt/ram")),
        )
        self._container = stack.enter_context(lab.container(spec))
        self._user = f"{uid}:{uid}"
        lab.world.shell(spec.name, f"chown {uid}:{uid} /mnt/plain")
        self._run("/usr/bin/python3", "-c", _PREPARE)

    def ratio(self, script: str, *, fresh: bool) -> tuple[float, float]:
        """Medians of seconds (encrypted, plain). fresh: in an empty folder, not on what was
        written."""

        def on(folder: str) -> float:
            if fresh:
                self._run("/bin/sh", "-c", f"rm -rf {folder}/* && sync")
            else:
                drop_caches()
            return float(self._run("/usr/bin/python3", "-c", _CLOCK, folder, script))

        return medians(_ROUNDS, lambda: on("/mnt/app/data"), lambda: on("/mnt/plain"))  # type: ignore[return-value]

    def _run(self, *command: str) -> bytes:
        done = self._lab.world.engine.run(self._container, command, self._user)
        assert done.exit_code == 0, done.error.decode()
        return done.output


def measure(lab: Lab) -> Iterator[Figure]:
    with ExitStack() as stack:
        volumes = _Volumes(lab, stack)
        for name, script, fresh in (
            ("sequential write", _WRITE, True),
            ("sequential read", _READ, False),
        ):
            encrypted, plain = volumes.ratio(script, fresh=fresh)
            yield Figure(
                name,
                plain / encrypted,
                "ratio",
                at_least(0.5),
                f"`{script}`: {_MEBIBYTES / encrypted:.0f} MiB/s on an encrypted volume, and "
                f"{_MEBIBYTES / plain:.0f} MiB/s on a plain one.",
            )
        encrypted, plain = volumes.ratio(_UNTAR, fresh=True)
        yield Figure(
            "untar of 5,000 small files",
            encrypted / plain,
            "ratio",
            at_most(3),
            f"`{_UNTAR}`, files of 1 to 8 KiB: {encrypted:.2f} s on an encrypted volume, and "
            f"{plain:.2f} s on a plain one.",
        )
