"""The build container: resolves, installs and packs an app's environment."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from holdfast.domain import names
from holdfast.domain.app import Environment
from holdfast.domain.build_secrets import index_logins, netrc
from holdfast.domain.container import PushedFile
from holdfast.domain.dependency_files import DependencyKind
from holdfast.domain.discovery import Project
from holdfast.domain.errors import DeployFailed
from holdfast.domain.frameworks import always_installed
from holdfast.domain.masking import Mask, texts
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Steps
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_document import tree_of
from holdfast.node import payloads
from holdfast.node.beside import Beside
from holdfast.node.full_disk import full_disk, tells_full_disk
from holdfast.node.jobs import begun_job, working
from holdfast.node.node import Node
from holdfast.node.script_answers import ERROR, RESULT, told_failure
from holdfast.node.scripts import PYTHON, SCRIPTS
from holdfast.ports import CommandFailed

#: Steps that need the passwords of package indexes.
_ASKS_INDEXES = ("resolve", "install")
#: A line that takes something from the repository itself, in any of the dependency files.
_OWN_FILES = re.compile(
    r"^\s*(-|\.|/|file:)|@ |\b(editable|directory|path|file)\b\"?\s*[=:]", re.MULTILINE
)


def environment_inputs(project: Project, text: str, image: str, commit: str) -> str:
    """A digest of all that the resolver is given: the same again means the same environment.

    text: the dependency file's own. image: the id of the Python image. commit: counts where the
    file may refer to other files of the repository.
    """
    requirements = "\n".join(project.conda.requirements) if project.conda else text
    whole_tree = project.dependencies.kind is DependencyKind.PYPROJECT
    refers = whole_tree or _OWN_FILES.search(requirements) is not None
    always = ",".join(always_installed(project.entrypoint.framework))
    parts = (project.dependencies.kind, text, image, always, commit if refers else "")
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class Builder:
    """A running build container, see `begun_builder`, and what it is to build."""

    def __init__(
        self, node: Node, app: AppName, uid: int, project: Project, document: Secret
    ) -> None:
        """document: the app's secrets. Those for the build are handed over, all are hidden."""
        self._engine = node.engine
        self._container = names.task(app, "build")
        self._user = f"{uid}:{uid}"
        self._uid = uid
        self._job = _job(project)
        self._logins = netrc(index_logins(tree_of(document)))
        self._mask = Mask(texts(tree_of(document)))
        self._push_job()

    def resolve(self, image: str, inputs: str, cancel: CancelToken) -> Steps[Environment]:
        """Pin everything. The environment's size is still 0."""
        result = yield from self._step("resolve", cancel)
        digest = hashlib.sha256(f"{result['resolved_sha256']} {image}".encode()).hexdigest()[:32]
        self._job["digest"] = digest
        self._push_job()
        return Environment(
            digest=digest,
            packages=int(result["packages"]),
            size_bytes=0,
            inputs=inputs,
            streamlit=result.get("streamlit"),
        )

    def install(self, cancel: CancelToken) -> Steps[None]:
        yield from self._step("install", cancel)

    def pack(self, cancel: CancelToken) -> Steps[int]:
        """One compressed image of it; its size in bytes."""
        result = yield from self._step("pack", cancel)
        return int(result["size_bytes"])

    def end(self) -> None:
        """Nothing that was built runs any more: what lies in the output stays as it is."""
        self._engine.kill(self._container)

    def _push_job(self) -> None:
        job = PushedFile("job.json", json.dumps(self._job).encode())
        self._engine.push(self._container, "/mnt/job", [job], self._uid)

    def _step(self, verb: str, cancel: CancelToken) -> Steps[dict[str, Any]]:
        result: dict[str, Any] = {}
        if verb in _ASKS_INDEXES and self._logins.reveal():
            # the script takes it away before anything else runs
            file = PushedFile("netrc", self._logins.reveal(), 0o600)
            self._engine.push(self._container, "/mnt/job", [file], self._uid)
        command = (*PYTHON, f"{SCRIPTS}/build.py", verb, "/mnt/job/job.json")
        try:
            for line in self._engine.stream(self._container, command, cancel, self._user):
                if line.startswith(RESULT):
                    result = json.loads(line.removeprefix(RESULT))
                elif not line.startswith(ERROR):
                    yield Line(self._mask.hide(line))
        except CommandFailed as told:
            failed = CommandFailed(told.exit_code, [self._mask.hide(line) for line in told.tail])
            # all other steps write into RAM
            if verb == "pack" and tells_full_disk("\n".join(failed.tail)):
                raise full_disk(self._engine) from None
            raise told_failure(failed, "The environment could not be built.") from None
        return result


@contextmanager
def begun_builder(
    node: Node, app: AppName, uid: int, image: str, view: str, beside: Beside
) -> Iterator[Callable[[], None]]:
    """A build container for the time of the block, which is given what waits for its firewall;
    its end is left to `beside`."""
    part = payloads.builder(app, uid, image, node.builder_environment, view)
    with begun_job(node, app, part, beside) as job:
        if files := node.trusted_certificates:
            node.engine.push(part.container.name, "/mnt/job", files, uid)
        yield job.closed


def _job(project: Project) -> dict[str, Any]:
    choice = project.dependencies
    return {
        "code": "/mnt/build/code",
        "kind": choice.kind.value,
        "file": choice.path,
        "requirements": list(project.conda.requirements) if project.conda else [],
        "always": list(always_installed(project.entrypoint.framework)),
        "python": "/usr/bin/python3",
        "environment": "/mnt/app/environment",
        "output": "/mnt/build/output",
        "scratch": "/mnt/scratch",
    }


def add_packages(
    node: Node, app: AppName, image: str, wanted: Sequence[str], cancel: CancelToken
) -> Steps[str]:
    """An image of the app's own that has these Debian packages too, made once for the same list.
    Its tag."""
    base = node.engine.image_id(image) or image
    digest = hashlib.sha256("\0".join((base, *sorted(wanted))).encode()).hexdigest()[:12]
    tag = f"holdfast/{app}-packages:{digest}"
    if node.engine.image_id(tag):
        return tag
    install = (
        "apt-get update -q && apt-get install -q -y --no-install-recommends -- "
        '"$@" && apt-get clean && rm -rf /var/lib/apt/lists/*'
    )
    command = ("/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", "/bin/sh", "-c", install, "sh")
    try:
        with working(node, app, payloads.packages(app, image)) as container:
            for line in node.engine.stream(container, (*command, *wanted), cancel):
                yield Line(line)
            node.engine.commit(container, tag, names.labels(app, "packages"))
    except CommandFailed as failed:
        complaints = [line for line in failed.tail if line.startswith("E: ")]
        raise DeployFailed(
            "The Debian packages of packages.txt could not be installed.",
            " ".join(complaints[-3:]) or "\n".join(failed.tail[-5:]),
            "Check the names in packages.txt.",
        ) from None
    return tag
