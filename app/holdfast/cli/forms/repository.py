"""Repositories as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from holdfast.cli.forms.form import Form, moment
from holdfast.domain.connection import Repository


def repository_form(repository: Repository) -> Form:
    contact = repository.contact
    return {
        "address": repository.address,
        "credential": repository.credential.value,
        "agent_key": repository.agent_key,
        "host_key": repository.host_key,
        "offered_host_key": repository.offered_host_key,
        "last_contact": moment(contact.when) if contact else None,
        "reachable": not contact.error if contact else None,
        "error": (contact.error or None) if contact else None,
        "apps": list(repository.apps),
    }


def connected_form(repository: Repository) -> Form:
    """public_key: what the repository's server has to know, null where a token opens it.
    installed: Holdfast told the server."""
    return {
        **repository_form(repository),
        "public_key": repository.public_key or None,
        "installed": repository.installed,
    }


def repositories_form(repositories: Iterable[Repository]) -> Form:
    return {"repositories": [repository_form(each) for each in repositories]}
