"""Opens a volume's ciphertext with a configuration file and a key, as whoever kept both would."""

from __future__ import annotations

from world import World

from holdfast.domain import names
from holdfast.domain.container import PushedFile, RamVolume, VolumeMount
from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret
from holdfast.node.inventory import parts_of


def configuration_file(world: World, app: AppName) -> bytes:
    uid = parts_of(world.node, app).uid
    return world.shell(names.mounter(app), "cat /cipher/gocryptfs.conf", f"{uid}:{uid}").encode()


def opened_with(world: World, cipher: str, conf: bytes, key: Secret) -> str:
    """What a configuration file and a key bring forth of a volume: the names of its files."""
    files = RamVolume("tests-opener", {}, 1 << 20, uid=0)
    world.engine.create_ram_volume(files)
    script = (
        "cd /mnt/work; mkdir plain && gocryptfs -q -ro -config conf -passfile key /cipher plain &&"
        ' find plain -type f -exec sh -c \'head -c1 "$1" >/dev/null && echo "$1"\' sh {} \\;'
    )
    powers = dict(
        capabilities=("SYS_ADMIN", "DAC_OVERRIDE"),
        devices=("/dev/fuse",),
        security=("apparmor=unconfined",),
        volumes=(
            VolumeMount(files.name, "/mnt/work"),
            VolumeMount(cipher, "/cipher", read_only=True),
        ),
    )
    pushed = [PushedFile("conf", conf), PushedFile("key", key.reveal())]
    try:
        return world.helper(
            script,
            ready=lambda name: world.engine.push(name, "/mnt/work", pushed, 0),
            **powers,
        )
    finally:
        world.engine.remove_volume(files.name)
