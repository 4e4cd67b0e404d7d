"""What an encrypted volume is, what lies in it, and whether its files are sound."""

from __future__ import annotations

import re

from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.node import VolumeCheck, VolumeFacts
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.node.inventory import AppParts, all_parts, parts_of
from holdfast.node.node import Node
from holdfast.node.volume import Volume
from holdfast.operations.unsealed_volume import unsealed_volume

#: What `gocryptfs -init` chooses unless it is told otherwise.
_CIPHER = "AES-256-GCM (gocryptfs)"
#: gocryptfs(1): status 26 says that the check found damage.
_FOUND_DAMAGE = 26
_DAMAGED = re.compile(r'fsck: (?:corrupt \w+|error \w+ \w+|[^"]*?) "(?P<path>[^"]+)"')


def read_volume(node: Node, name: AppName) -> Operation[VolumeFacts]:
    def body(cancel: CancelToken) -> Steps[VolumeFacts]:
        yield Step("Measure the volume")
        return _facts(node, parts_of(node, name))

    return Operation(f"Look at the volume of {name}", target=f"volume/{name}", body=body)


def read_volumes(node: Node) -> Operation[tuple[VolumeFacts, ...]]:
    def body(cancel: CancelToken) -> Steps[tuple[VolumeFacts, ...]]:
        yield Step("Measure the volumes")
        return tuple(_facts(node, parts) for parts in all_parts(node))

    return Operation("Look at the volumes", target="volumes", body=body)


def verify_volume(node: Node, name: AppName) -> Operation[VolumeCheck]:
    """gocryptfs reads every file and checks what authenticates it."""

    def body(cancel: CancelToken) -> Steps[VolumeCheck]:
        yield Step("Check every file")
        why = "Without its key nobody can tell a damaged file from a sound one."
        done = unsealed_volume(node, name, why).check()
        text = (done.output + done.error).decode(errors="replace")
        if done.exit_code == 0:
            return VolumeCheck(name, True, (), "Every file was read, and none is damaged.")
        if done.exit_code != _FOUND_DAMAGE:
            raise HoldfastError(
                f"The volume of {name} could not be checked.",
                text.strip()[-300:],
                "Look at the node's free disk and memory, then try again.",
            )
        damaged = tuple(dict.fromkeys(match["path"] for match in _DAMAGED.finditer(text)))
        return VolumeCheck(name, False, damaged, _summary(len(damaged), text))

    return Operation(f"Verify the volume of {name}", target=f"volume/{name}", body=body)


def _summary(damaged: int, text: str) -> str:
    if damaged == 1:
        return "1 file is damaged: what it holds is not what was written there."
    if damaged:
        return f"{damaged} files are damaged: what they hold is not what was written there."
    last = text.strip().splitlines()[-1] if text.strip() else ""
    return f"Damage was found, and no file is named. {last}".strip()


def _facts(node: Node, parts: AppParts) -> VolumeFacts:
    if not parts.unsealed:
        return VolumeFacts(parts.name, _CIPHER, True, None, ())
    volume = Volume(node, parts.name, parts.uid)
    return VolumeFacts(parts.name, _CIPHER, False, volume.cipher_size(), volume.sizes())
