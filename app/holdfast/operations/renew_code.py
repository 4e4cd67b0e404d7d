"""Renew the code of an app that runs; where the new code raises, the code of before comes back."""

from __future__ import annotations

import re
from dataclasses import dataclass

from holdfast.domain.app import Commit
from holdfast.domain.asked_secrets import committed_secrets
from holdfast.domain.changes import Change
from holdfast.domain.errors import DeployFailed, HoldfastError
from holdfast.node.app_mask import app_mask
from holdfast.node.live_checkout import LiveCheckout
from holdfast.node.node import Node
from holdfast.node.open_page import OpenPage
from holdfast.operations.serving_app import OpenedApp

#: What a renewal that was cut short leaves in a checkout (renew.py).
CUT_SHORT = ".holdfast-renewal"
#: Seconds that a run of the script is waited for: the first of a page, and that of the new code.
_FIRST_RUN, _NEXT_RUN, _LATER_RUN = 6.0, 2.5, 1.0
_LOG_LINES = 40
_EXCEPTION = re.compile(r"\b\w*(Error|Exception|Exit|Interrupt|Warning)\b(: |$)")


@dataclass(frozen=True, slots=True)
class Push:
    """From the release that serves to the one that its code shall become."""

    app: OpenedApp
    id: str
    commit: Commit

    @property
    def refs(self) -> tuple[str, str]:
        return f"refs/holdfast/{self.app.release.id}", f"refs/holdfast/{self.id}"


def renew_code(
    node: Node, checkout: LiveCheckout, push: Push, changes: tuple[Change, ...], page: OpenPage
) -> str | None:
    """Why it was not done, if so. Raises DeployFailed where the new code raises, which it has put
    back, or tells why it could not."""
    app, (before, after) = push.app, push.refs
    _stage(checkout, push, changes, before, after)
    # only now does Streamlit watch what the script has imported
    first = page.run(_FIRST_RUN)
    renewal = checkout.renew(before, after, app.release.entrypoint, app.release.python)
    if renewal.in_the_way is not None:
        return _in_the_way(renewal.in_the_way)
    # of a script that runs long it is not known whether the new code raises
    then = page.run(_NEXT_RUN) if first is not None else None
    while then is not None and then.raised and (later := page.run(_LATER_RUN)):
        # it had begun before the last file was in its place
        then = later
    if first is not None and then is not None and then.raised and not first.raised:
        raised = _last_exception(node, app)
        if why := _put_back(checkout, push, changes):
            checkout.mark_unfinished()
            raise DeployFailed(
                "The new commit is broken, and its code serves.",
                f"The app's script raises an exception: {raised} The code of before could not be"
                f" put back: {why}",
                "Correct it and push again, which makes a full redeploy. Or return to an earlier"
                f" release: holdfast app rollback {app.configuration.name}",
            )
        page.run(_NEXT_RUN)
        raise DeployFailed(
            "The new commit is broken.",
            f"The app's script raises an exception: {raised}",
            "Correct it and push again. The code of before was put back, and serves on.",
        )
    return None


def _put_back(checkout: LiveCheckout, push: Push, changes: tuple[Change, ...]) -> str | None:
    """Why it was not done, if so."""
    release, (before, after) = push.app.release, push.refs
    try:
        with checkout.to_the_end():
            _stage(checkout, push, changes, after, before)
            renewal = checkout.renew(after, before, release.entrypoint, release.python)
    except HoldfastError as error:
        return f"{error.what} {error.why}"
    return None if renewal.in_the_way is None else _in_the_way(renewal.in_the_way)


def _stage(
    checkout: LiveCheckout, push: Push, changes: tuple[Change, ...], before: str, after: str
) -> None:
    """The files that differ, without the secrets that are committed among them."""
    checkout.stage(before, after)
    committed = committed_secrets(change.path for change in changes)
    if committed:
        push.app.volume.discard(*(f"releases/{push.id}/checkout/{path}" for path in committed))


def _last_exception(node: Node, app: OpenedApp) -> str:
    """As the app's log tells it, its secrets hidden."""
    log = app.volume.log_tail(_LOG_LINES)
    mask = app_mask(node.keys, app.configuration.name)
    lines = [mask.hide(line) for line in log]
    found = [line for line in lines if _EXCEPTION.search(line)]
    return (found or lines or ["its log says no more"])[-1].strip()[-300:]


def _in_the_way(path: str) -> str:
    if path == CUT_SHORT:
        return "An update before was cut short."
    return f"The app wrote {path}, where the commit has something else."
