"""A proof as JSON."""

from __future__ import annotations

from holdfast.cli.forms.form import Form
from holdfast.domain.proof import Proof


def proof_form(proof: Proof) -> Form:
    return {
        "app": proof.app,
        "verdict": proof.verdict.value,
        "began": proof.began.isoformat(),
        "finished": proof.finished.isoformat(),
        "search_seconds": proof.seconds,
        "planted": [
            {"what": each.what, "way": each.way, "seen": each.seen} for each in proof.planted
        ],
        "controls": [{"where": each.where, "found": each.found} for each in proof.controls],
        "searched": [
            {"where": each.where, "number": each.number, "unit": each.unit, "bytes": each.bytes}
            for each in proof.places
        ],
        "forms": list(proof.forms),
        "hits": [
            {"what": each.what, "form": each.form, "where": each.where} for each in proof.hits
        ],
        "exceptions": list(proof.exceptions),
        "unsearched": [{"where": each.where, "reason": each.reason} for each in proof.unsearched],
        "limits": [{"what": each.what, "remedy": each.remedy} for each in proof.limits],
        "left": list(proof.left),
    }
