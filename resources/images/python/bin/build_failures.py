"""Tells in plain words why uv or mksquashfs failed, from what they printed."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SHOWN_LINES = 15
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@`']+@")
#: What a build printed comes after this; the words in it are not uv's.
_BUILD_OUTPUT = re.compile(r"\[std(?:err|out)\]")


class BuildFailure(Exception):
    """What happened, why, and what to do, each as sentences for the admin."""

    def __init__(self, what: str, why: str, next: str) -> None:
        super().__init__(what)
        self.what, self.why, self.next = what, why, next

    def told(self) -> dict[str, str]:
        return {"what": self.what, "why": self.why, "next": self.next}


def without_credentials(line: str) -> str:
    """The line without the user names, passwords and tokens of its addresses."""
    return _CREDENTIALS.sub("…@", line)


def asked_without_tls(host: str) -> BuildFailure:
    return BuildFailure(
        f"The package index {host} is asked without TLS.",
        "A build that has passwords asks nobody without it: whoever listens on the way reads them.",
        "Name it with https:// in the project.",
    )


def host_without_tls(lines: Iterable[str]) -> str | None:
    """Whom uv could not reach without TLS, as its last lines tell."""
    plain = _BUILD_OUTPUT.split("\n".join(lines))[0]
    found = re.search(
        r"^\W*(?:error|cause|Caused by):.*?http://(?:…@)?([^/:`)\s]+)", plain, re.MULTILINE
    )
    return found[1] if found else None


def explain(lines: Iterable[str], status: int = 1) -> BuildFailure:
    """The failure that a program's last lines and exit status tell of."""
    whole = "\n".join(lines)
    # older releases of uv draw a tree around their causes
    plain = re.sub(r"[\s×╰─▶├│]+", " ", _BUILD_OUTPUT.split(whole)[0])
    for tell in (_space, _hash, _network, _build, _python, _packages, _malformed):
        if failure := tell(plain, whole, status):
            return failure
    return BuildFailure(
        "The environment could not be built.",
        _last_lines(whole) or f"The program ended with status {status}.",
        "Look at the lines above, correct the repository and deploy again.",
    )


def _space(_plain: str, whole: str, status: int) -> BuildFailure | None:
    full = re.search(r"No space left on device|os error 28\b|Errno 28\b", whole)
    memory = re.search(r"Cannot allocate memory|os error 12\b|\bMemoryError\b", whole)
    if not (full or memory or status in (-9, 137)):
        return None
    return BuildFailure(
        "The build ran out of " + ("room." if full else "memory."),
        "The environment is made in the node's RAM and packed onto its disk; one of them is full.",
        "Stop apps or remove unused ones on the node, or ask for fewer packages.",
    )


def _hash(plain: str, _whole: str, _status: int) -> BuildFailure | None:
    if not re.search(r"Hash mismatch", plain, re.IGNORECASE):
        return None
    name = _named(plain, r"Hash mismatch for `([^`]+)`", r"Failed to \w+(?: and build)? `([^`]+)`")
    return BuildFailure(
        f"{name} is not the file that the project pinned.",
        "The hash of what the index gave differs from the one in the project's dependency file.",
        "Renew the lock file if the pin is wrong. If it is right, somebody changed the package.",
    )


def _network(plain: str, _whole: str, _status: int) -> BuildFailure | None:
    found = re.search(
        r"error sending request|dns error|Could not connect|Request failed after|timed out"
        r"|Failed to fetch|Git operation failed|Connection re(?:fused|set)|peer certificate",
        plain,
        re.IGNORECASE,
    )
    if not found:
        return None
    host = re.search(r"https?://(?:…@)?([^/\s`'\")]+)", plain)
    where = host[1] if host else "The package index"
    return BuildFailure(
        f"{where} did not give what the build asked for.",
        _causes(plain),
        "Check the node's connection, its proxy and certificates, and the address; deploy again.",
    )


def _build(plain: str, whole: str, _status: int) -> BuildFailure | None:
    if not re.search(r"Failed to build|build backend returned|Failed to download and build", plain):
        return None
    name = _named(plain, r"Failed to (?:download and )?build:? `([^`]+)`")
    return BuildFailure(
        f"{name} does not build.",
        _last_lines(_BUILD_OUTPUT.split(whole)[-1]),
        "Choose a version of it that offers a wheel for this Python, or name the Debian packages "
        "that it builds with in packages.txt.",
    )


def _python(plain: str, _whole: str, _status: int) -> BuildFailure | None:
    found = re.search(
        r"Python version \((?P<current>[\d.]+)\) does not satisfy Python(?P<wanted>[<>=!~\d.,]+)"
        r" and (?P<name>\S+) depends on Python",
        plain,
    )
    if found:
        why = f"It asks for Python {found['wanted']}; this build has {found['current']}."
        name = found["name"]
    else:
        found = re.search(r"Because (\S+) has no wheels with a matching Python", plain)
        found = found or re.search(r"(\S+) (?:\([^)]*\) )?requires a different Python", plain)
        if not found:
            return None
        name, why = found[1], "No file of it fits the Python of this build."
    return BuildFailure(
        f"{name} needs another Python.",
        why,
        "Choose another version with --python, or another version of the package.",
    )


def _packages(plain: str, _whole: str, _status: int) -> BuildFailure | None:
    if "No solution found" not in plain:
        return None
    if found := re.search(r"(\S+) was not found in the (?:package registry|provided)", plain):
        return BuildFailure(
            f"There is no package {found[1]}.",
            "The package index has none of that name.",
            "Correct its name in the dependency file; an import's name is often another one.",
        )
    if found := re.search(r"there (?:is|are) no versions? of (\S+?),? (?:and|we)", plain):
        return BuildFailure(
            f"There is no version of {found[1].rstrip(',')} that the project admits.",
            _causes(plain),
            "Choose a version that exists.",
        )
    return BuildFailure(
        "The project's requirements contradict one another.",
        _causes(plain),
        "Loosen one of the named versions in the dependency file.",
    )


def _malformed(plain: str, _whole: str, _status: int) -> BuildFailure | None:
    if found := re.search(r"Distribution not found at: (\S+)", plain):
        return BuildFailure(
            f"There is nothing to install at {found[1].rpartition('/code/')[2]}.",
            "The dependency file names a folder or file that the repository does not hold.",
            "Correct its path in the repository; it begins at the dependency file's folder.",
        )
    if not re.search(
        r"(?:Couldn.t|Failed to) parse|Error parsing|TOML parse error|Invalid requirement|"
        r"does not appear to be a Python project|not valid (?:UTF-8|utf-8)",
        plain,
    ):
        return None
    file = re.search(r"in `(?:[^`]*/)?([^`/]+)`", plain)
    return BuildFailure(
        f"{file[1] if file else 'The dependency file'} cannot be read.",
        _causes(plain),
        "Correct it in the repository.",
    )


def _named(plain: str, *patterns: str) -> str:
    for pattern in patterns:
        if found := re.search(pattern, plain):
            return found[1]
    return "A package"


def _causes(plain: str) -> str:
    """uv's own reasons, without its “error:” and “cause:”."""
    told = plain.rpartition("error: ")[2] if "error: " in plain else plain
    return re.sub(r" cause: ", ": ", told).strip()[-600:]


def _last_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "\n".join(lines[-_SHOWN_LINES:])
