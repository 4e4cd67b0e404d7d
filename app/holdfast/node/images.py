"""The images that a node runs: made of Debian's packages and our scripts, no registry asked."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from holdfast.domain.errors import UsageError
from holdfast.domain.names import LABEL_ROLE
from holdfast.domain.operation import CancelToken, Line, Step, Steps
from holdfast.ports import Engine, RootFileSystems

PYTHON_VERSIONS: Mapping[str, str] = {"3.13": "trixie", "3.11": "bookworm"}
"""The Python versions offered, newest first, and the Debian release that has each."""

NODE_SUITE = "trixie"
NODE_PACKAGES = (
    "ca-certificates",
    "certbot",
    "fuse3",
    "git",
    "git-lfs",
    "gocryptfs",
    "haproxy",
    "iproute2",
    "nftables",
    "openssh-client",
    "procps",
    "python3",
    "rsync",
    "squashfs-tools",
    "squashfuse",
    "tini",
    "util-linux",
)
PYTHON_PACKAGES = (
    "ca-certificates",
    "g++",
    "gcc",
    "git",
    "libc6-dev",
    "make",
    "pkg-config",
    "python3",
    "python3-dev",
    "python3-venv",
    "squashfs-tools",
    "tini",
)

_DOCKERFILE = "Dockerfile"
_SCRIPT_MODE = 0o755


@dataclass(frozen=True, slots=True)
class ContextFile:
    source: Path
    mode: int = 0o644


@dataclass(frozen=True)
class Recipe:
    """How one image is made. context: path in the build context to file."""

    repository: str
    suite: str
    packages: tuple[str, ...]
    context: Mapping[str, ContextFile]

    @cached_property
    def base(self) -> str:
        """The tag of the image of Debian's packages alone: a changed script keeps it."""
        return f"holdfast/debian-{self.suite}:{_digest(*self.packages)}"

    @cached_property
    def tag(self) -> str:
        files = (
            f"{path} {file.mode} {hashlib.sha256(file.source.read_bytes()).hexdigest()}"
            for path, file in sorted(self.context.items())
        )
        return f"{self.repository}:{_digest(self.base, *files)}"


class NodeImages:
    """Names the images that a node's containers run and makes those that are missing.

    resources: the project's folder of that name. uv: the path of the uv program.
    """

    def __init__(
        self, engine: Engine, root_file_systems: RootFileSystems, resources: Path, uv: Path
    ) -> None:
        self._engine = engine
        self._root_file_systems = root_file_systems
        images = resources / "images"
        self._node = Recipe(
            "holdfast/node", NODE_SUITE, NODE_PACKAGES, read_context(images / "node")
        )
        python = {**read_context(images / "python"), "uv": ContextFile(uv, _SCRIPT_MODE)}
        self._pythons = {
            version: Recipe(f"holdfast/python-{version}", suite, PYTHON_PACKAGES, python)
            for version, suite in PYTHON_VERSIONS.items()
        }

    @property
    def node_image(self) -> str:
        """The node image's tag, whether it has been made or not."""
        return self._node.tag

    def python_image(self, version: str) -> str:
        """The tag of a Python version's image, whether it has been made or not."""
        return self._python(version).tag

    def ensure_node_image(self, cancel: CancelToken) -> Steps[str]:
        """Make the node image unless the engine has it. Returns its tag."""
        yield from self._ensure([self._node], cancel)
        return self._node.tag

    def ensure_python_image(self, version: str, cancel: CancelToken) -> Steps[str]:
        """Make the image of a Python version unless the engine has it. Returns its tag."""
        recipe = self._python(version)
        yield from self._ensure([recipe], cancel)
        return recipe.tag

    def ensure_images(self, versions: Sequence[str], cancel: CancelToken) -> Steps[None]:
        """Make the node image and those of Python `versions`, side by side where they miss."""
        yield from self._ensure([self._node, *map(self._python, versions)], cancel)

    def _python(self, version: str) -> Recipe:
        if version not in self._pythons:
            raise UsageError(
                f"Python {version} is not offered.",
                f"This node offers {' and '.join(self._pythons)}.",
                "Choose one of them with --python.",
            )
        return self._pythons[version]

    def _ensure(self, recipes: Sequence[Recipe], cancel: CancelToken) -> Steps[None]:
        missing = [recipe for recipe in recipes if not self._engine.image_id(recipe.tag)]
        yield from self._import_bases(
            [recipe for recipe in missing if not self._engine.image_id(recipe.base)], cancel
        )
        for recipe in missing:
            yield Step(f"Make the image {recipe.repository}")
            context = pack_context(recipe.context, recipe.base)
            labels = {LABEL_ROLE: "image"}
            for line in self._engine.build_image(context, recipe.tag, labels, cancel):
                yield Line(line)

    def _import_bases(self, recipes: Sequence[Recipe], cancel: CancelToken) -> Steps[None]:
        if not recipes:
            return
        yield Step("Fetch packages from Debian")
        with ExitStack() as stack:
            # all are begun before the first is read: each is made by a process of its own
            archives = []
            for recipe in recipes:
                yield Line(f"{recipe.repository}: {', '.join(recipe.packages)}")
                archive = self._root_file_systems.archive(recipe.suite, recipe.packages, cancel)
                archives.append(stack.enter_context(archive))
            for recipe, content in zip(recipes, archives, strict=True):
                self._engine.import_image(content, recipe.base, cancel)
                yield Line(f"{recipe.repository}: unpacked")


def read_context(folder: Path) -> dict[str, ContextFile]:
    """An image's Dockerfile and all beside it; what lies below `bin/` becomes executable."""
    paths = {
        path.relative_to(folder): path
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return {
        name.as_posix(): ContextFile(path, _SCRIPT_MODE if name.parts[0] == "bin" else 0o644)
        for name, path in paths.items()
    }


def pack_context(context: Mapping[str, ContextFile], base: str) -> bytes:
    """A build context as a tar archive. Its Dockerfile's `ARG BASE` is given its value."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        scripts = tarfile.TarInfo("bin")
        scripts.type, scripts.mode = tarfile.DIRTYPE, _SCRIPT_MODE
        archive.addfile(scripts)
        for path, file in sorted(context.items()):
            content = file.source.read_bytes()
            if path == _DOCKERFILE:
                content = content.replace(b"ARG BASE\n", f"ARG BASE={base}\n".encode(), 1)
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), file.mode
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
