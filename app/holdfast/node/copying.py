"""The copy of an app's volume into one that will take its place, encrypted anew on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from holdfast.domain import names
from holdfast.domain.errors import DiskFull, HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken
from holdfast.domain.secret import Secret
from holdfast.node import payloads
from holdfast.node.full_disk import full_disk, tells_full_disk
from holdfast.node.node import Node
from holdfast.node.volume import Volume, begin_mount
from holdfast.ports import CommandFailed, EngineError

#: Whole seconds are too coarse to tell whether a file was changed since the last pass. What a
#: killed build left is nobody's.
_RSYNC = (
    "/usr/bin/rsync",
    "--archive",
    "--hard-links",
    "--xattrs",
    "--sparse",
    "--delete",
    "--modify-window=-1",
    "--exclude=/incoming/*",
)
_PLACES = ("/mnt/old/plain/", "/keys/plain/")
_KEEP = "sync -f /keys/plain && sync -f /cipher"


class Copier:
    """A running copier. Use `copying` to get one."""

    def __init__(self, node: Node, app: AppName, uid: int) -> None:
        self._node = node
        self._app = app
        self._user = f"{uid}:{uid}"

    def copy(self, cancel: CancelToken, compare: bool = False) -> None:
        """Bring the new volume in line with the old one, and onto the disk. compare: read both
        again, and do not go by times and sizes. Raises DiskFull."""
        more = ("--checksum",) if compare else ()
        self._run(cancel, *_RSYNC, *more, *_PLACES)
        self._run(cancel, "/bin/sh", "-c", _KEEP)

    def _run(self, cancel: CancelToken, *command: str) -> None:
        container = names.task(self._app, "copy")
        try:
            deque(self._node.engine.stream(container, command, cancel, self._user), maxlen=0)
        except CommandFailed as failed:
            told = "\n".join(failed.tail)
            if tells_full_disk(told):
                raise full_disk(self._node.engine) from None
            raise HoldfastError(
                f"The volume of {self._app} could not be copied.",
                told or f"rsync ended with status {failed.exit_code}.",
                "The app keeps the volume that it has. Look at what is named, then repeat it.",
            ) from None


@contextmanager
def copying(node: Node, volume: Volume, app: AppName, cipher: str, key: Secret) -> Iterator[Copier]:
    """The app's mounted volume beside the named volume `cipher`, which is made if it is missing.
    What an interrupted copy left there is used again."""
    image, uid = node.images.node_image, volume.uid
    part = payloads.copier(app, uid, image, cipher)
    labels = names.cipher_labels(app, uid)
    node.end(part)
    volume.show_view(payloads.COPY_VIEW, ".:plain:ro")
    try:
        node.engine.create_volume(cipher, labels)
        try:
            begin_mount(node, app, part, key, uid)
        except HoldfastError:
            # one that was killed while it was made; nothing in it is needed
            node.engine.remove_volume(cipher)
            node.engine.create_volume(cipher, labels)
            begin_mount(node, app, part, key, uid)
        yield Copier(node, app, uid)
    except DiskFull:
        node.end(part)
        node.engine.remove_volume(cipher)
        raise
    finally:
        with suppress(EngineError):
            node.end(part)
            volume.hide_view(payloads.COPY_VIEW)
