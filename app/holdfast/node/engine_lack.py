"""What an engine's host lacks, out of the words in which the engine refuses a mounter."""

from __future__ import annotations

from holdfast.domain.errors import EngineUnsupported, HoldfastError
from holdfast.ports import EngineError


def explain_lack(error: EngineError) -> HoldfastError:
    """The error itself where it tells of something else."""
    if "/dev/fuse" in error.message and "no such file" in error.message:
        return EngineUnsupported(
            "The node cannot open encrypted volumes.",
            "There is no /dev/fuse on its engine's host.",
            "Load the kernel module there: sudo modprobe fuse",
        )
    if "is not a shared" in error.message:
        return EngineUnsupported(
            "The node's containers cannot share what they mount.",
            "The mounts of the engine's host, or of its service, are private.",
            "Run there: sudo mount --make-rshared / and take MountFlags out of the engine's "
            "service, if it is set; then restart the engine.",
        )
    return error
