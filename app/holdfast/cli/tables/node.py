"""How the node is, and what a watch tells of it."""

from __future__ import annotations

from rich.console import Group, RenderableType

from holdfast.cli.tables.layout import look_text, pairs
from holdfast.domain.keeping import News, NewsKind
from holdfast.domain.node import NodeStatus
from holdfast.domain.publication import Published
from holdfast.presenters.problem import explain_unattended
from holdfast.presenters.publication import reach_sentence, still_to_do
from holdfast.presenters.states import NODE_LOOKS


def node_table(status: NodeStatus) -> RenderableType:
    return pairs(
        ("State", look_text(NODE_LOOKS[status.state])),
        ("Apps", str(status.apps)),
        ("Engine", status.engine_version),
        ("Socket", status.socket),
        ("Data", status.data_root),
        ("containerd", status.containerd_root),
        ("Image", status.image),
    )


def published_table(published: Published) -> RenderableType:
    return Group(reach_sentence(published), *still_to_do(published))


def news_line(told: News) -> str:
    """One line of `node watch`."""
    problem = explain_unattended(told.error) if told.error else None
    why = (
        " ".join(part for part in (problem.what, problem.why, problem.next) if part)
        if problem
        else ""
    )
    words = {
        NewsKind.CONNECTED: "Connected to the node.",
        NewsKind.LOST: f"The node is lost. {why}",
        NewsKind.STEP: told.text,
        NewsKind.LINE: told.text,
        NewsKind.DONE: "Done.",
        NewsKind.FAILED: f"Failed. {why}",
    }
    duty = f"{told.duty}: " if told.duty else ""
    return f"{told.at.astimezone():%Y-%m-%d %H:%M:%S}  {duty}{words[told.kind]}"
