"""holdfast prove: plants marks on the node, and searches its disk for them."""

from __future__ import annotations

import typer

from holdfast.cli.failures import NotAllWell
from holdfast.cli.forms.proof import proof_form
from holdfast.cli.session import Json, Name, Node, session_of
from holdfast.cli.tables.proof import proof_table
from holdfast.domain.names import parse_app_name
from holdfast.domain.proof import Verdict
from holdfast.presenters.proof import remedy, sentence


def prove(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """Plant marks as an app plants data, and search the node's disk for them."""
    session = session_of(context, json, node)
    proof, _ = session.carry_out(session.desk.prove(parse_app_name(name)))
    form, human = proof_form(proof), proof_table(proof)
    if proof.verdict is Verdict.PROVED:
        session.show(form, human)
        return
    what = f"It is not proved that {proof.app} leaves nothing in the clear."
    session.fail(NotAllWell(form, what, sentence(proof), remedy(proof)), human)
