"""The checkout of an app that runs, renewed file by file from what was fetched."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

from holdfast.domain.errors import DeployFailed
from holdfast.domain.stored import from_json
from holdfast.node.fetcher import Fetcher


@dataclass(frozen=True, slots=True)
class Renewal:
    """What came of renewing a checkout: all of it is done unless one of these says why not.

    in_the_way: what the app made where the commit has something else. broken, line, why: a file
    that Python cannot compile.
    """

    in_the_way: str | None = None
    broken: str | None = None
    line: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class LiveCheckout:
    """fetcher: one that is shown the checkout as `live`. Commits are named by refs of ours."""

    fetcher: Fetcher

    def stage(self, before: str, after: str) -> None:
        """Fill the fetcher's own checkout with those files alone that `after` adds or changes."""
        origin = self.fetcher.origin()
        url = origin.url if origin else ""
        self.fetcher.run("stage", before, after, url, address=origin, needed=False)

    def renew(self, before: str, after: str, last: str, python: str) -> Renewal:
        """Bring what was staged into the live checkout; what was deleted goes from it.
        Raises DeployFailed where a changed Python file cannot be compiled."""
        done = self.fetcher.run("renew", before, after, last, python)
        renewal = from_json(Renewal, done.output)
        if renewal.broken is not None:
            line = f", line {renewal.line}" if renewal.line else ""
            raise DeployFailed(
                "The new commit is broken.",
                f"{renewal.broken}{line}: {renewal.why}.",
                "Correct it and push again. The release before serves on.",
            )
        return renewal

    def to_the_end(self) -> AbstractContextManager[None]:
        """For the time of the block a cancel ends nothing."""
        return self.fetcher.to_the_end()

    def mark_unfinished(self) -> None:
        """It is of no commit: no renewal is begun on it, a redeploy is made."""
        self.fetcher.run("unfinished")

    def strangers(self, kept_as: str) -> tuple[str, ...]:
        """The files in it that are not of this commit: the app wrote them."""
        entries = self.fetcher.run("entries", kept_as).output.decode(errors="replace").split("\0")
        facts = [entry.partition("\t") for entry in entries if entry]
        paths = {path for _, _, path in facts}
        modules = tuple(f"{path}/" for kind, _, path in facts if kind.startswith("160000"))
        live = self.fetcher.run("live").output.decode(errors="replace").split("\0")
        others = (path for path in live if path and path not in paths)
        return tuple(sorted(path for path in others if not path.startswith(modules)))
