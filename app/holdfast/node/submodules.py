"""The submodules of a commit: which there are, and where each may be fetched from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from holdfast.domain.errors import HoldfastError, RepositoryError
from holdfast.domain.repository import RepositoryAddress, RepositoryKind, parse_repository

#: In all levels of a repository together: a deeper nest is not there by accident.
MOST_SUBMODULES = 100


@dataclass(frozen=True, slots=True)
class Submodule:
    """path: within its parent. url: as .gitmodules has it, which may be relative."""

    name: str
    path: str
    url: str
    commit: str


def parse_submodules(links: Sequence[str], modules: bytes) -> list[Submodule]:
    """links: the entries of `git ls-files --stage -z` that are submodules. modules: .gitmodules
    as `git config --list -z` prints it. Raises RepositoryError for a submodule that .gitmodules
    does not know, or knows under a name that git itself refuses."""
    known: dict[str, dict[str, str]] = {}
    for entry in modules.decode(errors="replace").split("\0"):
        key, _, value = entry.partition("\n")
        name, _, field = key.removeprefix("submodule.").rpartition(".")
        known.setdefault(name, {})[field] = value
    named = {fields["path"].rstrip("/"): name for name, fields in known.items() if "path" in fields}
    found = []
    for line in links:
        head, _, path = line.partition("\t")
        name = named.get(path, "")
        url = known.get(name, {}).get("url", "")
        if not name or not url or ".." in name.split("/") or name.startswith("/"):
            raise RepositoryError(
                f"The submodule {path} comes from nowhere.",
                "The repository's .gitmodules names no address for it.",
                f"Add it with git submodule add, or take it out: git rm --cached {path}",
            )
        if known[name].get("update") != "none":
            found.append(Submodule(name, path, url, head.split()[1]))
    return found


def submodule_address(url: str, parent: RepositoryAddress | None) -> RepositoryAddress:
    """Where a submodule is fetched from: as strict as for a repository itself, and never from a
    path of the machine. parent: what a relative address refers to, None if that has no address.
    Raises HoldfastError."""
    if url.startswith(("./", "../")):
        if parent is None or parent.kind is RepositoryKind.LOCAL:
            raise _not_here("Its address is relative to a repository that has no address itself.")
        url = _join(parent.url, url)
    address = parse_repository(url)
    if address.kind is RepositoryKind.LOCAL:
        raise _not_here("Its address is a folder, and a repository must not choose among those.")
    return address


def _join(parent: str, relative: str) -> str:
    """By git's rules: each `../` takes the last part of the parent's path away."""
    if "://" in parent:
        address = urlsplit(parent)
        host, path = f"{address.scheme}://{address.netloc}/", address.path
    else:
        user_and_host, _, path = parent.partition(":")
        host = f"{user_and_host}:/" if path.startswith("/") else f"{user_and_host}:"
    parts = [part for part in path.split("/") if part]
    for part in relative.split("/"):
        if part == ".." and not parts:
            raise RepositoryError("Its address is relative, and leads out of the parent's host.")
        if part == "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return f"{host}{'/'.join(parts)}"


def _not_here(why: str) -> RepositoryError:
    return RepositoryError(
        "It is not in the folder's own clone.",
        why,
        "Fetch it into the folder with: git submodule update --init --recursive",
    )


def of_submodule(path: str, error: HoldfastError) -> RepositoryError:
    """The same error, told of the submodule that it is about."""
    return RepositoryError(
        f"The submodule {path} could not be fetched.",
        f"{error.what} {error.why}".strip(),
        error.next,
    )
