"""What git could not do, out of its own words."""

from __future__ import annotations

from holdfast.domain.errors import RepositoryError
from holdfast.domain.repository import RepositoryAddress, RepositoryKind


def explain_git(address: RepositoryAddress, text: str) -> RepositoryError:
    """text: what git wrote to standard error."""
    lower = text.lower()
    last = next((line for line in reversed(text.strip().splitlines()) if line.strip()), "")
    if "could not resolve host" in lower or "name or service not known" in lower:
        return RepositoryError(
            f"There is no host {address.host}.",
            "The node could not find its address.",
            "Check the spelling, and the node's network.",
        )
    if any(sign in lower for sign in ("terminal prompts disabled", "authentication failed", "403")):
        return RepositoryError(
            "The repository does not exist, or needs a credential.",
            f"{address.host} asked for a user name and password.",
            "Check the address. A private repository can be deployed from a clone on this machine.",
        )
    if "smudge" in lower:
        told = next((line for line in text.splitlines() if "error" in line.lower()), last)
        return RepositoryError(
            "A file that the repository keeps in Git LFS could not be fetched.",
            told[:200],
            "Check that it was pushed with: git lfs push --all origin. Of a folder, only what its"
            " origin has is fetched.",
        )
    if "not our ref" in lower:
        return RepositoryError(
            "The repository does not have the commit that is asked for.",
            last[:200],
            "Push it there, or choose one that is there.",
        )
    if "failed to connect" in lower or "couldn't connect" in lower:
        return RepositoryError(
            f"{address.host} does not answer.",
            last[:200],
            "Check the address. A server on the node itself is refused: serve it from elsewhere.",
        )
    if "host key verification failed" in lower or "no matching host key" in lower:
        return RepositoryError(
            f"The host key of {address.host} is not known.",
            "Holdfast does not speak to an SSH server whose key nobody has confirmed.",
            "Use the repository's https address.",
        )
    if "permission denied" in lower and address.kind is RepositoryKind.SSH:
        return RepositoryError(
            "The repository needs a credential.",
            f"{address.host} accepted no key.",
            "A private repository can be deployed from a clone on this machine.",
        )
    if any(sign in lower for sign in ("not found", "does not appear to be", "does not exist")):
        return RepositoryError(
            "There is no such repository.", last[:200], "Check the address and its spelling."
        )
    if "certificate" in lower:
        return RepositoryError(
            f"The certificate of {address.host} could not be verified.",
            last[:200],
            "Add its CA to this machine's trusted certificates; Holdfast passes them on.",
        )
    return RepositoryError(
        "The repository could not be read.", last[:300], "Check the address and try again."
    )
