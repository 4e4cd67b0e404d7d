"""Repositories on this machine: their branches, and one commit packed for the node."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from holdfast.adapters.ram_folder import SHARED_MEMORY, is_in_ram
from holdfast.domain.errors import RepositoryError

#: As ls-remote prints a ref: an annotated tag once more, as the commit that it leads to.
_REF = "%(objectname)%09%(refname)%(if)%(*objectname)%(then)%0a%(*objectname)%09%(refname)^{}%(end)"


def _git(path: str, *arguments: str, standard_input: bytes = b"", trusted: bool = True) -> bytes:
    """trusted: whoever the folder belongs to. Else git itself decides, before it runs what the
    folder's configuration names."""
    if not Path(path).is_dir():
        raise RepositoryError(
            "There is no such folder.", path, "Check the path; it names a git repository."
        )
    try:
        done = subprocess.run(
            # hooks and a foreign owner's configuration stay out of it
            [
                "git",
                "-c",
                "core.fsmonitor=false",
                *(("-c", f"safe.directory={path}") if trusted else ()),
                "-C",
                path,
                *arguments,
            ],
            input=standard_input,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise RepositoryError(
            "git is not installed on this machine.", next="Install git, then try again."
        ) from None
    if done.returncode:
        text = done.stderr.decode(errors="replace").strip()
        if "not a git repository" in text:
            raise RepositoryError(
                "This folder is not a git repository.",
                path,
                "Make one with: git init && git add -A && git commit",
            )
        if "bad object" in text:
            raise RepositoryError(
                "The repository does not have the commit that is asked for.",
                text[-200:],
                "Choose one that is there: git log --all prints them.",
            )
        raise RepositoryError("The local repository could not be read.", text[-300:])
    return done.stdout


def _has(path: str, commit: str) -> bool:
    try:
        _git(path, "cat-file", "-e", f"{commit}^{{commit}}")
    except RepositoryError:
        return False
    return True


class LocalRepositories:
    """The LocalRepositories port, with the git of this machine. made: repositories of Holdfast's
    own by their path, each with what makes it or brings it up to date."""

    def __init__(self, made: Mapping[str, Callable[[], None]] | None = None) -> None:
        self._made = made or {}

    def branches(self, path: str) -> str:
        if make := self._made.get(path):
            make()
        sorted_ = "--sort=-version:refname"
        listed = _git(path, "for-each-ref", sorted_, f"--format={_REF}", "refs/heads", "refs/tags")
        head = _git(path, "rev-parse", "--symbolic-full-name", "HEAD").decode().strip()
        default = f"ref: {head}\tHEAD\n" if head.startswith("refs/heads/") else ""
        return default + listed.decode(errors="replace")

    def origin(self, path: str) -> str:
        found = _git(path, "config", "--default", "", "--get", "remote.origin.url")
        return found.decode().strip()

    def submodule(self, path: str, name: str, commit: str) -> str | None:
        found = _git(path, "rev-parse", "--git-path", f"modules/{name}").decode()
        clone = Path(path, found.rstrip("\n"))
        # in a folder that is no repository, git would look for one in those above: the parent's
        if not (clone / "HEAD").is_file() or not _has(str(clone), commit):
            return None
        return str(clone)

    def follows(self, path: str, branch: str, ancestor: str) -> bool | None:
        if not _has(path, ancestor):
            shallow = _git(path, "rev-parse", "--is-shallow-repository").strip() == b"true"
            return None if shallow else False
        return bool(_git(path, "for-each-ref", f"--contains={ancestor}", f"refs/heads/{branch}"))

    def uncommitted(self, path: str) -> int:
        # a file that differs may pass a program of the configuration's first
        status = ("--no-optional-locks", "status", "--porcelain", "-z", "--no-renames")
        try:
            told = _git(path, *status, "--untracked-files=all", trusted=False)
        except RepositoryError:
            # somebody else's, or without files
            return 0
        return told.count(b"\0")

    def pack(self, path: str, commit: str) -> bytes:
        objects = _git(path, "rev-list", "--objects", "--no-walk", "--no-object-names", commit)
        return _git(path, "pack-objects", "--stdout", "-q", standard_input=objects)

    @contextmanager
    def made(self, files: Mapping[str, str]) -> Iterator[str]:
        place = SHARED_MEMORY if is_in_ram(SHARED_MEMORY) else None
        with tempfile.TemporaryDirectory(prefix="holdfast-", dir=place) as folder:
            for path, text in files.items():
                Path(folder, path).write_text(text)
            _git(folder, "init", "-q", "-b", "main")
            _git(folder, "add", "-A")
            who = ("-c", "user.name=Holdfast", "-c", "user.email=holdfast@localhost")
            _git(folder, *who, "commit", "-q", "-m", "Hold marks")
            yield folder
