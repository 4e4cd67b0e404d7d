"""Searches for marks in every byte that an engine keeps on the disk, and in all that it tells."""

from __future__ import annotations

import base64
import json
import mmap
import os
import secrets
import time
from pathlib import Path

from world import World


class Marks:
    """Texts that begin alike, so that one search finds them all. stem: one that exists already."""

    def __init__(self, stem: str = "") -> None:
        self.stem = stem or f"mark{secrets.token_hex(12)}"

    def __call__(self, kind: str) -> str:
        return f"{self.stem}-{kind}"

    def encoded(self) -> dict[str, bytes]:
        """As the stem looks in each of these encodings, wherever it begins."""
        stem = self.stem.encode()
        forms = {
            "plain": stem,
            "reversed": stem[::-1],
            "hex": stem.hex().encode(),
            "HEX": stem.hex().upper().encode(),
            "utf-16-le": self.stem.encode("utf-16-le"),
            "utf-16-be": self.stem.encode("utf-16-be"),
        }
        for offset in range(3):
            # the characters at both ends depend on their neighbours too
            text = base64.b64encode(b"\0" * offset + stem)
            forms[f"base64 at {offset}"] = text[(4 if offset else 0) : -4]
        return forms

    def found_in(self, content: bytes | mmap.mmap) -> set[str]:
        return {form for form, pattern in self.encoded().items() if content.find(pattern) >= 0}


def search(world: World, marks: Marks) -> dict[str, set[str]]:
    """Where the marks are found below the engine's data root, and in which encodings."""
    found = {}
    root = Path(world.engine.facts().data_root)
    if root.parent != Path("/var/lib"):
        # an embedded engine keeps its log and containerd's files beside it
        root = root.parent
    files = 0
    for folder, _, file_names in os.walk(root):
        for name in file_names:
            path = Path(folder, name)
            if path.is_symlink() or not path.is_file() or not path.stat().st_size:
                continue
            files += 1
            try:
                with (
                    path.open("rb") as file,
                    mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
                ):
                    forms = marks.found_in(content)
            except FileNotFoundError:
                continue
            if forms or marks.stem in name:
                found[str(path.relative_to(root))] = forms
    assert files > 1000, f"{root} is not where the engine keeps its files"
    return found


def told(world: World, marks: Marks, since: float) -> set[str]:
    """Where the engine itself tells of the marks: inspect of everything, and its events."""
    api = world.api
    answers = {f"container {c['Id']}": api.inspect_container(c) for c in api.containers(all=True)}
    answers["volumes"] = api.volumes()
    answers["networks"] = api.networks()
    answers["images"] = [api.history(image["Id"]) for image in api.images()]
    answers["events"] = list(api.events(since=since, until=time.time(), decode=True))
    assert answers["events"]
    return {name for name, answer in answers.items() if marks.found_in(json.dumps(answer).encode())}
