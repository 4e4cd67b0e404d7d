"""The node as JSON, and what a watch tells of it."""

from __future__ import annotations

from holdfast.cli.forms.form import Form, moment
from holdfast.domain.keeping import News
from holdfast.domain.node import NodeStatus
from holdfast.domain.publication import Published
from holdfast.presenters.problem import explain_unattended


def node_form(status: NodeStatus) -> Form:
    return {
        "state": status.state.value,
        "engine_version": status.engine_version,
        "socket": status.socket,
        "data_root": status.data_root,
        "containerd_root": status.containerd_root,
        "image": status.image,
        "apps": status.apps,
    }


def published_form(published: Published) -> Form:
    publication = published.publication
    return {
        "address": publication.address,
        "https_port": publication.https_port,
        "http_port": publication.http_port,
        "base_domain": publication.base_domain,
        "place": published.place,
        "elsewhere": list(published.elsewhere),
        "addresses": list(published.addresses),
        "private_open": list(published.private_open),
        "closed": list(published.closed),
    }


def news_form(news: News) -> Form:
    """A line of `node watch`."""
    problem = explain_unattended(news.error) if news.error else None
    return {
        "at": moment(news.at),
        "news": news.kind.value,
        "duty": news.duty or None,
        "text": news.text or None,
        "error": {"what": problem.what, "why": problem.why, "next": problem.next}
        if problem
        else None,
    }
