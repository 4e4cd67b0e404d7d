"""The New app page: what was found, what is proposed, what will happen, why Deploy waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from holdfast.domain.errors import UsageError
from holdfast.domain.forges import repository_path
from holdfast.domain.names import parse_app_name, parse_host_name
from holdfast.domain.node import FIRST_EDGE_PORT
from holdfast.domain.repository import (
    RepositoryAddress,
    is_commit_id,
    parse_repository,
    within_refs,
)
from holdfast.domain.requests import Candidate, DeployRequest, RepositoryFacts, unsent_line
from holdfast.presenters.quantities import count, short, size

READING = "Reading the repository…"
TOKEN_KEPT = "The address held a token. It goes to your keychain, and is not shown again."
DEFAULT_MEMORY_MIB = 1024
DEFAULT_CPUS = 1.0
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Form:
    """What the fields hold. python and command are "" for Holdfast's own choice. pin: a tag
    or a commit, chosen instead of a branch; "" where none is."""

    repository: str
    branch: str = ""
    entrypoint: str = ""
    python: str = ""
    name: str = ""
    host_name: str = ""
    memory_mib: int = DEFAULT_MEMORY_MIB
    cpus: float = DEFAULT_CPUS
    command: str = ""
    pin: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """A branch, or what an app is pinned to: a tag or a whole id of a commit. A repository may have
    several of one name."""

    name: str
    is_pin: bool = False

    @property
    def shown(self) -> str:
        return short(self.name) if self.is_pin and is_commit_id(self.name) else self.name


@dataclass(frozen=True, slots=True)
class FieldErrors:
    name: str = ""
    host_name: str = ""
    entrypoint: str = ""
    python: str = ""

    @property
    def first(self) -> str:
        return self.name or self.host_name or self.entrypoint or self.python


def check(
    form: Form, facts: RepositoryFacts | None, taken: frozenset[str], hosts: frozenset[str]
) -> FieldErrors:
    """taken, hosts: names and host names that are in use on the node."""
    name = _refusal(parse_app_name, form.name) or (
        f"{form.name} is in use. Redeploy it from its page, or choose another name."
        if form.name in taken
        else ""
    )
    host = _refusal(parse_host_name, form.host_name) or (
        f"{form.host_name} leads to another app." if form.host_name in hosts else ""
    )
    chosen = facts.candidate(form.entrypoint) if facts else None
    python = chosen.why_no_python if chosen and not form.python else ""
    return FieldErrors(name, host, _without_app(form, facts, chosen), python)


def _without_app(form: Form, facts: RepositoryFacts | None, chosen: Candidate | None) -> str:
    if not form.entrypoint and not form.command:
        none = facts is not None and not facts.proposed.path
        found = "None was found. " if none else ""
        return f"{found}Name the file that starts the app, or a start command."
    return chosen.why_not if chosen else ""


def _refusal(parse: object, text: str) -> str:
    assert callable(parse)
    try:
        parse(text)
    except UsageError as error:
        return error.why if text else "This is needed."
    return ""


def why_not(form: Form, facts: RepositoryFacts | None, errors: FieldErrors, connected: bool) -> str:
    """Why Deploy is not possible yet, or ""."""
    if not connected:
        return "The node does not answer."
    if facts is None:
        read = "This repository has not been read."
        return read if form.repository else "Name a repository first."
    if facts.candidate(form.entrypoint) is None:
        return "The entrypoint has not been looked at."
    return errors.first and "One of the fields needs attention."


def entrypoint_note(facts: RepositoryFacts, path: str) -> str:
    """What is known of a file as an entrypoint."""
    chosen = facts.candidate(path)
    if chosen is None:
        return "Nobody has looked at it yet: leave the field, and it is read."
    if not chosen.path:
        return ""
    others = len(facts.candidates) - 1
    more = f"; {count(others, 'other candidate')}" if others else ""
    return f"Found: {chosen.framework}{more}."


def commit_line(facts: RepositoryFacts) -> str:
    line = f"{short(facts.commit.id)} {facts.commit.message}, by {facts.commit.author}"
    return f"{line}. The app stays at it, whatever is pushed." if facts.pin else line


def offered(facts: RepositoryFacts) -> tuple[tuple[str, tuple[Ref, ...]], ...]:
    """What may be read and deployed, below headings; one alone needs none, and has ""."""
    branches = tuple(Ref(each) for each in facts.branches)
    tags = tuple(Ref(each, is_pin=True) for each in facts.tags)
    read = read_ref(facts)
    commit = (read,) if read not in (*branches, *tags) else ()
    found = (("Branches", branches), ("Tags", tags), ("Commit", commit))
    held = tuple((heading, refs) for heading, refs in found if refs)
    return held if len(held) > 1 else (("", branches),)


def read_ref(facts: RepositoryFacts) -> Ref:
    """The one that was read."""
    if facts.pin is None:
        return Ref(facts.default_branch)
    return Ref(facts.pin.tag or facts.pin.commit, is_pin=True)


def page_shown(text: str) -> RepositoryAddress | None:
    """What a pasted page shows; None for whatever else stands in the field."""
    try:
        address = parse_repository(text)
    except UsageError:
        return None
    return address if address.is_page else None


def same_repository(page: RepositoryAddress, address: str) -> bool:
    """Whether a page is of the repository that has this address, perhaps by SSH."""
    other = parse_repository(address)
    return (page.host, repository_path(page)) == (other.host, repository_path(other))


def shown_of(page: RepositoryAddress, facts: RepositoryFacts) -> tuple[Ref, str | None]:
    """The branch, tag or commit that a page shows, and the file."""
    known = within_refs(page, facts.branches, facts.tags)
    ref = Ref(known.pin, is_pin=True) if known.pin else Ref(known.branch or facts.default_branch)
    return ref, known.entrypoint


def dependency_line(chosen: Candidate | None) -> tuple[str, str]:
    """The dependency file of a candidate, and why that one. chosen: None before it was read."""
    if chosen is None or chosen.why_not:
        return "Not known", ""
    return chosen.dependency_file or "None found", chosen.dependency_reason


def python_reason(chosen: Candidate | None) -> str:
    if chosen is None or not chosen.python:
        return ""
    if chosen.python_requirement:
        return f"The newest that the project's own “{chosen.python_requirement}” admits."
    return "The newest this node offers; the project asks for none."


def also_found(facts: RepositoryFacts, entrypoint: str) -> tuple[tuple[str, str], ...]:
    """(label, text) of what else there is to know, what asks for something first."""
    held = facts.contents
    chosen = facts.candidate(entrypoint)
    some = (
        ("Not committed", unsent_line(facts.uncommitted), facts.uncommitted),
        (
            "Missing secrets",
            f"{_few(each.name for each in held.asked)}: the code reads them. Set them in the app's"
            " tab Secrets, once it is deployed.",
            held.asked,
        ),
        (
            "Committed secrets",
            f"{_few(held.committed)}: left out of what runs. Whoever reads the repository reads"
            " them: change their values.",
            held.committed,
        ),
        (
            "Package indexes",
            f"{_few(chosen.indexes if chosen else ())}: if a password is needed there, deploy with"
            " holdfast app deploy --secrets FILE.",
            chosen.indexes if chosen else (),
        ),
        ("Submodules", _few(held.submodules), held.submodules),
        (
            "Git LFS",
            f"{count(held.large_files, 'file')}, {size(held.large_bytes)}",
            held.large_files,
        ),
    )
    size_of_all = ("Size", f"{count(held.files, 'file')}, {size(held.size_bytes)}")
    return (*((label, text) for label, text, there in some if there), size_of_all)


def _few(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return f"{', '.join(every[:_SHOWN])}{more}"


def visitors_address(host: str, edge_address: str | None) -> str:
    """What visitors will open. edge_address: IP:PORT of the edge, None before its first start."""
    port = edge_address.rpartition(":")[2] if edge_address else str(FIRST_EDGE_PORT)
    return f"https://{host or '…'}{'' if port == '443' else f':{port}'}/"


def packages_line(facts: RepositoryFacts) -> tuple[str, str]:
    if not facts.debian_packages:
        return "None", "There is no packages.txt in the root."
    return ", ".join(facts.debian_packages), "From packages.txt."


def what_will_happen(
    form: Form, facts: RepositoryFacts | None, edge_address: str | None = None
) -> tuple[tuple[str, str], ...]:
    """(headline, detail) of each part, in the order in which it happens."""
    if facts is None:
        return (
            ("Read the repository", "Branches, entrypoint, dependencies and Python are found."),
            ("Show what was found", "Each can be changed before anything is deployed."),
            ("Deploy when you say so", "Nothing runs on the node until then."),
        )
    chosen = facts.candidate(form.entrypoint)
    python = form.python or (chosen.python if chosen else "")
    packages = len(facts.debian_packages)
    known = chosen is not None and not chosen.why_not
    alone = "the framework alone" if known else "what it needs"
    needs = (chosen.dependency_file if chosen else None) or alone
    extra = f" and {count(packages, 'Debian package')}" if packages else ""
    start = form.command or form.entrypoint or "the entrypoint"
    return (
        ("Make an encrypted volume", "Its key is new and stays in your keychain."),
        _fetched(form, facts),
        (
            f"Install {needs}{extra}",
            f"For {f'Python {python}' if python else 'its Python'}, away from other apps.",
        ),
        (f"Start {start}", f"At most {form.memory_mib} MiB and {_cpus(form.cpus)}."),
        (f"Serve {visitors_address(form.host_name, edge_address)}", _route_opens(edge_address)),
    )


def _fetched(form: Form, facts: RepositoryFacts) -> tuple[str, str]:
    commit = short(facts.commit.id)
    if facts.pin is not None and facts.pin.tag is None:
        return f"Fetch the commit {commit}", "The app is pinned to it."
    if form.pin:
        return f"Fetch the tag {form.pin}", f"Commit {commit}. The app is pinned to it."
    return f"Fetch {form.branch or facts.default_branch}", f"Commit {commit}."


def _route_opens(edge_address: str | None) -> str:
    opens = "The route opens when the app answers."
    return opens if edge_address else f"{opens} If that port is in use, the next free one is taken."


def _cpus(cpus: float) -> str:
    return f"{cpus:g} CPU" if cpus == 1 else f"{cpus:g} CPUs"


def request(form: Form, facts: RepositoryFacts) -> DeployRequest:
    """Only what differs from Holdfast's own choice is asked for by name."""
    chosen = facts.candidate(form.entrypoint)
    own_python = chosen.python if chosen else ""
    return DeployRequest(
        # a page of a branch, pasted, would name that one
        repository=facts.address if form.pin else form.repository,
        name=form.name,
        branch=None if form.pin else form.branch or facts.default_branch,
        pin=form.pin or None,
        entrypoint=form.entrypoint or None,
        python=form.python if form.python != own_python else None,
        host_name=form.host_name,
        memory_bytes=form.memory_mib << 20,
        cpus=form.cpus,
        command=form.command or None,
    )
