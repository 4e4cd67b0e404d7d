"""Where visitors reach a node, in sentences, and what is left to do so that they do."""

from __future__ import annotations

from holdfast.domain.publication import Published


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
            "Choose a domain for the apps with --base-domain: names below localhost lead every "
            "visitor to his own machine."
        )
    else:
        steps.append(f"Let the DNS lead *.{domain} to {address}.")
    steps.append("Visitors have to trust the CA, unless a certificate of your own is served.")
    steps += (
        f"{app} keeps its host name, which is not below {domain}: "
        f"holdfast app deploy … --name {app} --host-name {app}.{domain}"
        for app in published.elsewhere
        if domain != "localhost"
    )
    return tuple(steps)
