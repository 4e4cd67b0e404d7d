"""Pin: an app is held to one commit, and follows its branch again when it is unpinned."""

from __future__ import annotations

from dataclasses import replace

from holdfast.domain.following import Followed
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.pin import Pin, parse_pin
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.operations.follow import check_branch
from holdfast.operations.serving_app import open_app
from holdfast.operations.update import update_app


def pin_app(node: Node, name: AppName, wanted: str | None) -> Operation[Followed]:
    """wanted: a tag or a commit, which is made to serve first; None for the commit that serves.
    It is held to nothing before that serves. Raises what `update_app` does."""
    given = parse_pin(wanted) if wanted is not None else None

    def body(cancel: CancelToken) -> Steps[Followed]:
        if given is not None:
            yield from update_app(node, name, given).body(cancel)
        else:
            yield Step("Keep what it is pinned to")
            with holding(node, name, "pin"):
                app = open_app(node, name)
                pin = Pin(commit=app.release.commit.id)
                app.keep(follow=replace(app.configuration.follow, pin=pin, failed=None))
        return (yield from check_branch(node, name).body(cancel))

    return Operation(f"Pin {name}", target=name, body=body)


def unpin_app(node: Node, name: AppName) -> Operation[Followed]:
    """It follows its branch again, in the mode that it had. No error where it is not pinned."""

    def body(cancel: CancelToken) -> Steps[Followed]:
        yield Step("Follow the branch again")
        with holding(node, name, "unpin"):
            app = open_app(node, name)
            app.keep(follow=replace(app.configuration.follow, pin=None))
        return (yield from check_branch(node, name).body(cancel))

    return Operation(f"Unpin {name}", target=name, body=body)
