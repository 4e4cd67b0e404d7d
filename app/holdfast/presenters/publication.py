"""Where visitors reach a node, in sentences, and what is left to do so that they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName
from holdfast.domain.publication import (
    ALL,
    LOOPBACK,
    Publication,
    Published,
    parse_publication,
)

TITLE = "Visitors"
READING = "Looking where visitors reach the node…"
UNKNOWN = "Where visitors reach the node is not known while it does not answer."
LEAVE_OPEN = "Leave them open to everybody who reaches the node"
DOMAIN_HINT = "apps.example.org"


def reach_sentence(published: Published) -> str:
    if published.place is None:
        return "Visitors reach nothing yet: the edge starts with the first app."
    if published.publication.is_loopback:
        return f"Visitors reach the apps from the node itself alone, at {published.place}."
    whence = "at every address of the node" if published.publication.is_everywhere else "there"
    return f"The edge listens on {published.place}: whoever reaches the node {whence} is a visitor."


def still_to_do(published: Published) -> tuple[str, ...]:
    publication = published.publication
    if publication.is_loopback:
        return ()
    domain = publication.base_domain
    address = "the node's address" if publication.is_everywhere else publication.address
    steps = []
    if domain == "localhost":
        steps.append(
            "Choose a domain for the apps (--base-domain): names below localhost lead every "
            "visitor to his own machine."
        )
    else:
        steps.append(f"Let the DNS lead *.{domain} to {address}.")
    steps += _about_private(published)
    steps.append("Visitors have to trust the CA, unless a certificate of your own is served.")
    if published.elsewhere and domain != "localhost":
        steps.append(
            f"Host names of before are kept: {', '.join(published.elsewhere)}. For another one "
            f"deploy with --name NAME --host-name NAME.{domain}"
        )
    return tuple(steps)


def to_be_asked(published: Published, address: str) -> str:
    """What becomes of apps whose code is private, before the node is published; "" for nothing."""
    opens = published.publication.is_loopback and address != LOOPBACK
    if not opens or not published.private_open:
        return ""
    whose, their = _private(published.private_open)
    return f"{whose}: {their} visitors will need a certificate, which the tab Access issues."


def _about_private(published: Published) -> Iterator[str]:
    if published.closed:
        whose, their = _private(published.closed)
        issue = f"holdfast access issue {_one(published.closed)} VISITOR --save FILE"
        yield f"{whose}: {their} visitors need a certificate now. Issue one: {issue}"
    if published.private_open:
        whose, _ = _private(published.private_open)
        close = f"holdfast access set {_one(published.private_open)} certificate"
        yield f"{whose}, and everybody who reaches the node may visit. Close: {close}"


def _private(apps: Sequence[AppName]) -> tuple[str, str]:
    """How a sentence about them begins, and its pronoun."""
    if len(apps) == 1:
        return f"{apps[0]} comes from a private repository", "its"
    return f"{', '.join(apps[:-1])} and {apps[-1]} come from private repositories", "their"


def _one(apps: Sequence[AppName]) -> str:
    return apps[0] if len(apps) == 1 else "NAME"


def places(published: Published) -> tuple[tuple[str, str], ...]:
    """What can be chosen: addresses, with their words."""
    now = published.publication.address
    offered = {
        LOOPBACK: "From this node alone",
        **{address: f"To {address}" for address in published.addresses},
        ALL: "To every address of the node",
    }
    offered.setdefault(now, f"To {now}")
    return tuple(offered.items())


def parsed(address: str, domain: str) -> tuple[Publication | None, str]:
    """What was chosen, or what is wrong with it. The ports are the usual ones."""
    try:
        return parse_publication(address, None, None, domain.strip() or "localhost"), ""
    except UsageError as error:
        return None, f"{error.what} {error.why}".strip()


def differs(published: Published, address: str, domain: str) -> bool:
    now = published.publication
    return (address, domain.strip() or "localhost") != (now.address, now.base_domain)


def action(published: Published, address: str) -> str:
    if address == published.publication.address:
        return "Use this domain"
    return "Take it back from the network" if address == LOOPBACK else "Publish the node"


def consequence(published: Published, address: str) -> str:
    """What the choice means, before it is made."""
    if address == published.publication.address:
        return ""
    if address == LOOPBACK:
        return "Nobody from the network reaches an app any more."
    return (
        "Ports 443 and 80. Whoever reaches them can open every app that takes no certificate;"
        " pages that are open now connect again."
    )
