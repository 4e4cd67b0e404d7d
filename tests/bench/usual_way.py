"""The way that Holdfast is compared with: `docker build` with pip, then `docker run`."""

from __future__ import annotations

import io
import tarfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from docker.errors import NotFound

from bench.lab import LABELS
from bench.script_run import Page

_PORT = 18501
_NAME = "usual-way"

#: What stands before either way: the same Python as the app's, pip, and this machine's CAs.
_BASE = """
FROM {image}
COPY ca.pem /etc/ssl/certs/ca-certificates.crt
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt PYTHONDONTWRITEBYTECODE=
ENV PATH=/usr/local/venv/bin:$PATH
RUN python3 -m venv /usr/local/venv
ENTRYPOINT []
"""
_START = (
    'CMD ["streamlit", "run", "app.py", "--server.port=8501", "--server.headless=true",'
    ' "--browser.gatherUsageStats=false"]\n'
)
_INSTALL = "RUN pip install --no-cache-dir -r requirements.txt\n"
#: Well ordered: a change of the code leaves the layer of the packages as it is.
ORDERED = f"WORKDIR /app\nCOPY requirements.txt .\n{_INSTALL}COPY . .\n{_START}"
COPIED_FIRST = f"WORKDIR /app\nCOPY . .\n{_INSTALL}{_START}"


class UsualWay:
    """api: docker-py's. repository: what is built. layers: all of its Dockerfile but `FROM`."""

    def __init__(self, api: Any, repository: Path, base: str, layers: str, tag: str) -> None:
        self._api = api
        self._repository = repository
        self._dockerfile = f"FROM {base}\n{layers}"
        self._tag = tag

    def release(self, mark: str, *, cached: bool = True) -> None:
        """Build it, put it in the place of what ran before, and wait for its first script run."""
        (self._repository / "Dockerfile").write_text(self._dockerfile)
        (self._repository / ".dockerignore").write_text(".git\nDockerfile\n")
        _build(self._api, path=str(self._repository), tag=self._tag, nocache=not cached)
        self.end()
        binding = {8501: ("127.0.0.1", _PORT)}
        made = self._api.create_container(
            self._tag,
            name=_NAME,
            labels=LABELS,
            ports=[8501],
            host_config=self._api.create_host_config(port_bindings=binding),
        )
        self._api.start(made["Id"])
        Page(("127.0.0.1", _PORT), "localhost").wait_for(mark)

    def end(self) -> None:
        with suppress(NotFound):
            self._api.remove_container(_NAME, force=True, v=True)

    def forget(self) -> None:
        """Its container, and its image with the layers that nothing else uses."""
        self.end()
        with suppress(NotFound):
            self._api.remove_image(self._tag, force=True)


def make_base(api: Any, image: str, certificates: bytes) -> str:
    """The tag of an image with pip, on the image that apps get."""
    tag = "holdfast-bench/python"
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        dockerfile = _BASE.format(image=image).encode()
        for name, content in (("Dockerfile", dockerfile), ("ca.pem", certificates)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    _build(api, fileobj=io.BytesIO(context.getvalue()), custom_context=True, tag=tag)
    return tag


def _build(api: Any, **wanted: Any) -> None:
    for told in api.build(rm=True, forcerm=True, decode=True, labels=LABELS, **wanted):
        if "error" in told:
            raise RuntimeError(f"docker build failed: {told['error']}")
