"""Turns what a project lists into uv's input, and uv's answer into pinned requirements."""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from build_failures import BuildFailure
from build_tables import TableError, pipfile_lines, poetry_lines, sources

#: What a build may overwrite is below this size; larger files are data, and RAM is dear.
_COPIED_BYTES = 16 << 10
_OPTIONS = re.compile(
    r"(?:--index-url|--extra-index-url|--find-links|--no-binary|--only-binary|-i|-f)(?=[ =]).*"
    r"|--no-index"
)
_INCLUDED = re.compile(r"(?:-r|-c|--requirements?|--constraints?)[ =]*(\S+)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LOCAL = re.compile(r"(?:-e |--editable[ =])?\s*(\.{1,2}(?:/[^\s;\[]*)?(?=$|[\s;\[]))(.*)")


@dataclass(frozen=True)
class Listed:
    """What uv is to resolve.

    files: that uv reads itself. lines: requirements. export: `uv export` comes first, with these
    arguments. named: what the files name. locked: names that a lock pins, complete with their
    dependencies. options and hashes: what uv's answer leaves out and an install needs. read: the
    lines of requirement files, those that they include among them.
    """

    files: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    export: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    options: tuple[str, ...] = ()
    hashes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def gives(self, name: str) -> bool:
        """Whether a package comes anyway, or its nightly build, which fills the same folder."""
        named = self.named | self.locked | {name_of(line) for line in self.lines}
        return name in self.locked or f"{name}-nightly" in named

    def with_lock(self, text: str, folder: Path) -> Listed:
        """All of a lock, whose relative paths begin at `folder`."""
        lines = tuple(at_place(line, folder) for line in logical_lines(text))
        names = frozenset(name_of(line) for line in lines)
        return replace(
            self, export=(), lines=self.options + lines, locked=names, hashes=hashes_of(lines)
        )


def read_listed(kind: str, tree: Path, file: str | None, requirements: Sequence[str]) -> Listed:
    """kind: a value of the project's DependencyKind. file: below `tree`."""
    if kind == "none":
        return Listed()
    if file is None:
        raise BuildFailure(f"No file of kind {kind} was named.", "", "Deploy the app again.")
    path = tree / file
    try:
        return _read(kind, path, requirements)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BuildFailure(
            f"{file} cannot be read.", f"{error}.", "Correct it in the repository."
        ) from error
    except (TableError, AttributeError, KeyError, TypeError) as error:
        raise BuildFailure(
            f"{file} does not have the form it should have.",
            f"It was not understood at: {error}.",
            "Correct it in the repository, or write a requirements.txt instead.",
        ) from error


def _read(kind: str, path: Path, requirements: Sequence[str]) -> Listed:
    match kind:
        case "requirements":
            lines = tuple(_all_lines(path))
            return Listed(
                (path.name,),
                read=lines,
                named=frozenset(map(name_of, lines)),
                options=options_of(lines),
                hashes=hashes_of(lines),
            )
        case "environment":
            return Listed(lines=tuple(at_place(line, path.parent) for line in requirements))
        case "pipfile":
            data = tomllib.loads(path.read_text())
            lines = tuple(pipfile_lines(data.get("packages", {}), path.parent))
            options = tuple(sources(data.get("source", ())))
            return Listed(lines=options + lines, options=options)
        case "pipfile-lock":
            data = json.loads(path.read_text())
            options = tuple(sources(data.get("_meta", {}).get("sources", ())))
            lines = tuple(pipfile_lines(data.get("default", {}), path.parent))
            return Listed(options=options).with_lock("\n".join(lines), path.parent)
        case "uv-lock":
            options = tuple(_registries(tomllib.loads(path.read_text())))
            project = tomllib.loads(path.with_name("pyproject.toml").read_text())
            own = () if _is_installed(path.parent, project) else ("--no-emit-project",)
            return Listed(export=("--no-config", *own), options=options)
        case "pyproject":
            return _read_pyproject(path)
    raise BuildFailure(f"{kind} is no kind of dependency file.", "", "Deploy the app again.")


def _read_pyproject(path: Path) -> Listed:
    data = tomllib.loads(path.read_text())
    options = tuple(_indexes(data))
    named = frozenset(map(name_of, data.get("project", {}).get("dependencies", ())))
    if _is_installed(path.parent, data):
        return Listed(lines=(*options, str(path.parent)), named=named, options=options)
    if "project" in data:
        return Listed((path.name,), lines=options, named=named, options=options)
    # its own backend refuses to describe a project with `package-mode = false`, as most apps have
    poetry = data.get("tool", {}).get("poetry", {})
    options += tuple(sources(poetry.get("source", ())))
    lines = tuple(poetry_lines(poetry.get("dependencies", {}), path.parent))
    return Listed(lines=options + lines, options=options)


def _is_installed(folder: Path, project: Mapping[str, Any]) -> bool:
    """Whether a project is installed beside its dependencies.

    An app is run from its repository, where its own modules lie in the way of imports: installed,
    they would stand there twice and the older would win after a change of the code alone. Those
    of a package below `src/` are not in the way: nothing but an install finds them.
    """
    packaged = project.get("tool", {}).get("uv", {}).get("package", True)
    mode = project.get("tool", {}).get("poetry", {}).get("package-mode", True)
    below = (folder / "src").glob("*/__init__.py")
    return bool("build-system" in project and packaged and mode and any(below))


def _registries(lock: Mapping[str, Any]) -> Iterator[str]:
    found = (package.get("source", {}).get("registry") for package in lock.get("package", ()))
    for url in dict.fromkeys(found):
        if url and "://" in url and not url.startswith("https://pypi.org/"):
            yield f"--extra-index-url {url}"


def _indexes(project: Mapping[str, Any]) -> Iterator[str]:
    for index in project.get("tool", {}).get("uv", {}).get("index", ()):
        if "://" in index["url"]:
            yield f"--extra-index-url {index['url']}"


# ---- Requirement files -------------------------------------------------------------------------


def _all_lines(path: Path, seen: set[Path] | None = None) -> Iterator[str]:
    """The lines of a file and of those it includes, each file made readable for uv."""
    seen = set() if seen is None else seen
    if path in seen or not path.is_file():
        return
    seen.add(path)
    text = _decode(path.read_bytes())
    path.unlink()
    path.write_text(text)
    for line in logical_lines(text):
        yield line
        if found := _INCLUDED.fullmatch(line):
            yield from _all_lines(path.parent / found[1], seen)


def _decode(content: bytes) -> str:
    """Windows' PowerShell writes UTF-16: pip reads it, uv does not."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    return content.decode("utf-8-sig")


def logical_lines(text: str) -> Iterator[str]:
    """Continued lines joined, comments and empty ones left out."""
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        plain = re.sub(r"(^|\s)#.*$", "", line)
        if plain.strip():
            yield " ".join(plain.split())


def options_of(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in lines if _OPTIONS.fullmatch(line)))


def hashes_of(lines: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The hashes that a project itself states, by normal name."""
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        if hashes := re.findall(r"--hash[= ](\w+:[0-9a-f]+)", line):
            found[name_of(line)] = (*found.get(name_of(line), ()), *hashes)
    return found


def name_of(line: str) -> str:
    """A requirement's normal name (PEP 503); empty for an option or a path."""
    found = _NAME.match(line)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def at_place(line: str, folder: Path) -> str:
    """The line with its relative path made absolute, and not editable.

    An editable install points at its source: the builder's copy, which no app will see.
    """
    if found := _LOCAL.fullmatch(line):
        return f"{os.path.normpath(folder / found[1])}{found[2]}"
    return re.sub(r"^(?:-e |--editable[ =])\s*", "", line)


# ---- uv's answer -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Resolved:
    """Pinned requirements, one a line."""

    requirements: tuple[str, ...]
    options: tuple[str, ...]

    @classmethod
    def read(cls, compiled: str, listed: Listed, folder: Path) -> Resolved:
        lines = (at_place(line, folder) for line in logical_lines(compiled))
        pinned = (_with_hashes(line, listed.hashes) for line in lines if line[:2] != "--")
        return cls(tuple(pinned), listed.options)

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in (*self.options, *self.requirements))

    def version(self, name: str) -> str | None:
        for line in self.requirements:
            if name_of(line) == name and (found := re.match(r"[^=\s]+==([^\s;]+)", line)):
                return found[1]
        return None

    def sha256(self, tree: Path, code: Path) -> str:
        """Of all that decides what is installed, local packages' content included.

        The same wherever the code lies and whichever index gave the same files.
        """
        place = re.compile(rf"(?:file://)?{re.escape(str(tree))}(?P<path>(?:/[^\s;\[#]*)?)")

        def content(found: re.Match[str]) -> str:
            return f"{found['path']}:{_content(code / found['path'].lstrip('/'))}"

        lines = sorted(place.sub(content, line) for line in self.requirements)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _with_hashes(line: str, stated: Mapping[str, tuple[str, ...]]) -> str:
    """uv replaces a project's hashes by the index's own: put them back, or they check nothing."""
    hashes = stated.get(name_of(line))
    if not hashes:
        return line
    return " ".join([line.partition(" --hash")[0], *(f"--hash={value}" for value in hashes)])


def _content(path: Path) -> str:
    total = hashlib.sha256()
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    for file in files:
        parts = file.relative_to(path).parts
        if file.is_file() and not {".git", "__pycache__"} & set(parts):
            with file.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            total.update(f"{'/'.join(parts)} {digest}\n".encode())
    return total.hexdigest()


def mirror(code: Path, tree: Path) -> None:
    """A tree to build in: its own folders, copies of small files, links to large ones."""
    shutil.rmtree(tree, ignore_errors=True)
    for folder, folders, files in os.walk(code):
        target = tree / Path(folder).relative_to(code)
        target.mkdir(parents=True)
        linked = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in [*files, *linked]:
            _mirror_file(Path(folder) / name, target / name)


def _mirror_file(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())
    elif source.is_file() and source.stat().st_size > _COPIED_BYTES:
        target.symlink_to(source.resolve())
    elif source.is_file():
        shutil.copy(source, target)
        target.chmod(target.stat().st_mode | 0o600)
