"""Inspect a repository before anything is made of it: read on the node, in RAM alone."""

from __future__ import annotations

from holdfast.domain import names
from holdfast.domain.asked_secrets import worth_reading
from holdfast.domain.branches import EVERY_TAG
from holdfast.domain.candidates import files_of_candidates, find_candidates
from holdfast.domain.contents import find_contents, possible_pointers
from holdfast.domain.dependencies import parse_packages
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.pin import choose_pin
from holdfast.domain.repository import parse_repository, within_refs
from holdfast.domain.requests import RepositoryFacts
from holdfast.node.images import PYTHON_VERSIONS
from holdfast.node.inventory import all_parts
from holdfast.node.looks import looking
from holdfast.node.node import Node
from holdfast.node.publication import proposed_publication
from holdfast.node.sources import worth_a_look

#: Files that Git LFS keeps; beyond them its size is told too low.
_MOST_POINTERS = 5000


def inspect_repository(
    node: Node,
    repository: str,
    branch: str | None,
    entrypoint: str | None = None,
    pin: str | None = None,
) -> Operation[RepositoryFacts]:
    """entrypoint: a file to propose, whether or not it looks like an app. pin: a tag or a commit
    that is read instead of a branch."""

    def body(cancel: CancelToken) -> Steps[RepositoryFacts]:
        yield Step("Read the repository")
        address = parse_repository(repository)
        # a window may be opened on an engine that has never been prepared, or by a newer version
        yield from node.images.ensure_node_image(cancel)
        with looking(node, address, cancel=cancel) as fetcher:
            branches = fetcher.branches(EVERY_TAG)
            address = within_refs(address, branches.commits, branches.tags)
            held = pin or (None if branch else address.pin)
            if held is None:
                chosen = branches.choose(branch or address.branch)
                read, wanted = None, branches.wanted(chosen)
            else:
                # what a deploy of it follows once it is unpinned
                chosen = branches.default
                read = choose_pin(held, branches)
                wanted = read.wanted(branches)
            yield Step(f"Read {read.name if read else f'the branch {chosen}'}")
            ref = "refs/holdfast/look"
            commit = fetcher.fetch(wanted, ref)
            uncommitted = fetcher.uncommitted()
            tree = fetcher.checkout(ref)
            named = entrypoint or address.entrypoint
            looked_at = worth_a_look(tree.sizes, worth_reading)
            looked_at += worth_a_look(tree.sizes, possible_pointers, _MOST_POINTERS)
            # at once: a person waits, and each reading is a process in the container
            texts = fetcher.read(list({*files_of_candidates(tree.paths, named), *looked_at}))
            asked = {path: texts[path] for path in looked_at}
            contents = find_contents(tree.sizes, asked, fetcher.submodules)
        candidates = find_candidates(tree.paths, texts.__getitem__, named, list(PYTHON_VERSIONS))
        packages = parse_packages(texts["packages.txt"]) if "packages.txt" in texts else ()
        name = names.propose_app_name(address.url)
        taken = {part.name for part in all_parts(node)}
        if name in taken:
            free = (f"{name[:37]}-{number}" for number in range(2, 99))
            name = next((AppName(other) for other in free if other not in taken), name)
        return RepositoryFacts(
            address=address.url,
            branches=tuple(sorted(branches.commits)),
            default_branch=chosen,
            commit=commit,
            candidates=candidates,
            debian_packages=packages,
            proposed_name=name,
            proposed_host_name=proposed_publication(node.keys).host_name(name),
            contents=contents,
            uncommitted=uncommitted,
            tags=tuple(branches.tags),
            pin=read,
        )

    return Operation("Read the repository", target="inspect", body=body)
