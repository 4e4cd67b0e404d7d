"""The address of a repository, whatever a person pastes, and the names within it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

from holdfast.domain.errors import UsageError
from holdfast.domain.web_pages import is_other_page, read_page


class RepositoryKind(StrEnum):
    HTTPS = "https"
    SSH = "ssh"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class RepositoryAddress:
    """Where a repository is, and what a pasted web page said beyond it.

    url: what git is given, its path percent-encoded over https; an absolute path for a local one.
    It never holds a credential.
    branch, pin, entrypoint, folder: taken from the address of a web page, else None. pin: a tag or
    the id of a commit. A page's address does not say where a name ends, nor always what has it:
    `within_refs` does once those that there are are known.
    """

    kind: RepositoryKind
    url: str
    host: str | None = None
    port: int | None = None
    branch: str | None = None
    pin: str | None = None
    entrypoint: str | None = None
    folder: str | None = None

    @property
    def is_page(self) -> bool:
        """Whether it names what a web page shows."""
        return self.branch is not None or self.pin is not None

    @property
    def name(self) -> str:
        """The repository's own name, as its owner spells it."""
        last = re.split(r"[/:]", self.url.rstrip("/"))[-1].removesuffix(".git")
        return unquote(last) if self.kind is RepositoryKind.HTTPS else last


_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_SSH_PATH = re.compile(r"[A-Za-z0-9._~+@%,=:/-]+")
#: Beside letters, digits and -._~, what stands in an https path as it is.
_AS_IT_IS = "/+@,=:"
#: An object name of git's, whole: of a shorter one it is not known that it is none of a branch.
_FULL_ID = re.compile(r"[0-9a-f]{40}")
#: What `unquote` makes of bytes that are no UTF-8.
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"
#: `user@host:path`, git's short form of an SSH address: no slash before the colon.
_SHORT_SSH = re.compile(r"(?:(?P<user>[^@:/\s]+)@)?(?P<host>\[[^\]/]+\]|[^@:/\s]+):(?P<path>.+)")
_TRANSPORT = re.compile(r"[A-Za-z0-9+.-]+::")
_DOMAIN_FIRST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}/[^/]+/[^/]+", re.IGNORECASE)

_EXAMPLES = "Paste https://github.com/owner/name, git@host:owner/name.git or /path/to/a/folder."


def parse_repository(text: str) -> RepositoryAddress:
    """Read an address as a person pastes it; UsageError if it is none, or not a safe one.

    A relative path is completed with the current folder, `~` with the home folder.
    """
    text = text.strip()
    if not text:
        raise UsageError("No repository was given.", next=_EXAMPLES)
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        raise UsageError("The repository's address holds control characters.", next=_EXAMPLES)
    if text.startswith("-"):
        raise _refused("It begins with a hyphen, which git would take for an option.")
    if _TRANSPORT.match(text):
        raise _refused("Addresses of git's helper programs (`name::…`) can run commands.")
    if text.startswith(("/", "./", "../", "~")) or text in (".", ".."):
        return _local(text)
    if "://" in text:
        return _with_scheme(text)
    if _DOMAIN_FIRST.match(text):
        return _https(_split(f"https://{text}"))
    if short := _SHORT_SSH.fullmatch(text):
        return _short_ssh(short)
    raise UsageError(
        "This is not the address of a repository.", "It names no host and no folder.", _EXAMPLES
    )


def remote_address(text: str) -> RepositoryAddress:
    """As `parse_repository`, of one that may need a credential: UsageError for a folder."""
    address = parse_repository(text)
    if address.kind is RepositoryKind.LOCAL:
        raise UsageError(
            "A folder of this machine needs no credential.",
            "What it holds is sent to the node from here.",
            "Deploy it as it is: paste its path into New app, or holdfast app deploy FOLDER",
        )
    return address


def within_refs(
    address: RepositoryAddress, branches: Iterable[str], tags: Iterable[str]
) -> RepositoryAddress:
    """Tell branch, tag and commit from each other and from the path in a web page's address, now
    that branches and tags are known. Where several have a name, a branch is meant."""
    if not address.is_page:
        return address
    path = address.entrypoint or address.folder
    first = address.branch or address.pin or ""
    whole = f"{first}/{path}" if path else first
    branch = _longest(whole, branches) if address.branch else None
    tag = _longest(whole, tags) if branch is None else None
    name = branch or tag
    if name is None:
        held = address.pin or (first if is_commit_id(first) else None)
        return replace(address, branch=None if held else first, pin=held)
    rest = whole[len(name) + 1 :] or None
    is_file = address.entrypoint is not None
    return replace(
        address,
        branch=branch,
        pin=tag,
        entrypoint=rest if is_file else None,
        folder=None if is_file else rest,
    )


def _longest(whole: str, names: Iterable[str]) -> str | None:
    fitting = (name for name in names if whole == name or whole.startswith(f"{name}/"))
    return max(fitting, key=len, default=None)


def is_commit_id(name: str) -> bool:
    """Whether it is the whole id of a commit."""
    return _FULL_ID.fullmatch(name) is not None


def is_ref_name(name: str) -> bool:
    """Whether git admits it for a branch or a tag (git-check-ref-format)."""
    return not (
        not name
        or len(name) > 200
        or name in ("@", "HEAD")
        or name.startswith(("-", "refs/"))
        or re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{", name) is not None
        or any(
            not part or part.startswith(".") or part.endswith((".", ".lock"))
            for part in name.split("/")
        )
    )


def parse_branch(text: str) -> str:
    """Return a branch's name by git's rules (git-check-ref-format), or raise UsageError."""
    name = text.strip().removeprefix("refs/heads/")
    if not is_ref_name(name):
        raise UsageError(
            "This is not a branch's name.",
            "Git admits no blanks, no “..”, none of ~ ^ : ? * [ \\ and no leading hyphen.",
            "Give a branch's name such as main, or leave it out: the repository's own is used.",
        )
    return name


def parse_entrypoint(text: str) -> str:
    """Return a path inside a repository, tidied; UsageError if it leaves it."""
    path = text.strip().removeprefix("./")
    parts = path.split("/")
    if (
        not path
        or path.startswith("-")
        or "\\" in path
        or any(part in ("", ".", "..", ".git") for part in parts)
        or any(ord(sign) < 32 or ord(sign) == 127 for sign in path)
    ):
        raise UsageError(
            "This is not the path of a file in the repository.",
            "It has to be relative to the repository's root and stay inside it.",
            "Give it as streamlit_app.py or pages/app.py.",
        )
    return path


def _refused(why: str) -> UsageError:
    return UsageError("Holdfast does not fetch from such an address.", why, _EXAMPLES)


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        # urlsplit's own words repeat the address, and with it a password
        raise UsageError("The repository's address is malformed.", next=_EXAMPLES) from None
    return parts


def _with_scheme(text: str) -> RepositoryAddress:
    parts = _split(text)
    scheme = parts.scheme.lower()
    if scheme == "https":
        return _https(parts)
    if scheme in ("ssh", "git+ssh"):
        return _ssh(parts)
    if scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path:
            raise _refused("A file address names a folder of this machine: file:///path.")
        return _local(unquote(parts.path))
    if scheme in ("http", "git"):
        raise _refused(
            f"{scheme}:// is neither encrypted nor authenticated: code could be swapped."
        )
    raise _refused("Only https, ssh and folders of this machine are fetched from.")


def _local(text: str) -> RepositoryAddress:
    if any(ord(sign) < 32 for sign in text):
        raise UsageError("The repository's path holds control characters.", next=_EXAMPLES)
    try:
        path = Path(text).expanduser().absolute()
    except RuntimeError:
        raise UsageError("There is no such home folder.", next=_EXAMPLES) from None
    parts: list[str] = []
    for part in path.parts[1:]:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return RepositoryAddress(RepositoryKind.LOCAL, "/" + "/".join(parts))


def _https(parts: SplitResult) -> RepositoryAddress:
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "The repository's address holds a credential.",
            "An address is stored and shown; a password or token in it would be too.",
            "Take it out. A token goes to the keychain: holdfast repository add ADDRESS --token",
        )
    host = _host(parts.hostname)
    path = unquote(parts.path).rstrip("/")
    page = read_page(path, host, parts.query)
    if not page.ref and is_other_page(path, host):
        raise UsageError(
            "This is a page about the repository, not the repository or a branch of it.",
            next=_EXAMPLES,
        )
    path = page.repository
    if path.count("/") < 1 or not path.isprintable() or _UNREADABLE in path or _leads_astray(path):
        raise UsageError("The address names no repository on that host.", next=_EXAMPLES)
    ref = parse_branch(page.ref) if page.ref else None
    place = host if parts.port in (None, 443) else f"{host}:{parts.port}"
    return RepositoryAddress(
        RepositoryKind.HTTPS,
        f"https://{place}{quote(path, safe=_AS_IT_IS)}",
        host,
        parts.port,
        None if page.held else ref,
        ref if page.held else None,
        parse_entrypoint(page.path) if page.path and page.is_file else None,
        parse_entrypoint(page.path) if page.path and not page.is_file else None,
    )


def _ssh(parts: SplitResult) -> RepositoryAddress:
    if parts.password is not None:
        raise UsageError(
            "The repository's address holds a password.",
            "An address is stored and shown; the password in it would be too.",
            "Take it out. SSH servers are shown a key: holdfast repository add ADDRESS",
        )
    host = _host(parts.hostname)
    user = _user(parts.username)
    if len(parts.path) < 2 or not _safe_path(parts.path):
        raise UsageError("The address names no repository on that host.", next=_EXAMPLES)
    place = host if parts.port in (None, 22) else f"{host}:{parts.port}"
    path = parts.path.rstrip("/")
    return RepositoryAddress(RepositoryKind.SSH, f"ssh://{user}@{place}{path}", host, parts.port)


def _short_ssh(match: re.Match[str]) -> RepositoryAddress:
    host, path = _host(match["host"]), match["path"].rstrip("/")
    user = _user(match["user"])
    if len(host) == 1 or not _safe_path(path):
        raise UsageError("This is not the address of a repository.", next=_EXAMPLES)
    return RepositoryAddress(RepositoryKind.SSH, f"{user}@{host}:{path}", host)


def _host(host: str | None) -> str:
    if host and ":" in host and not host.startswith("["):
        host = f"[{host}]"
    if not host or not _HOST.fullmatch(host):
        raise UsageError("The address names no host that could exist.", next=_EXAMPLES)
    return host.lower()


def _user(user: str | None) -> str:
    if user is None:
        return "git"
    if not _USER.fullmatch(user):
        raise UsageError("The address names no user that could exist.", next=_EXAMPLES)
    return user


def _safe_path(path: str) -> bool:
    """Whether git and a remote shell take the path for nothing but a path."""
    return (
        _SSH_PATH.fullmatch(path) is not None
        and not path.startswith("-")
        and not _leads_astray(path)
    )


def _leads_astray(path: str) -> bool:
    """Whether it leads to another host or out of the server's folder, or has a part that some
    program takes for an option."""
    parts = path.lstrip("/").split("/")
    return path.startswith("//") or any(part == ".." or part.startswith("-") for part in parts)
