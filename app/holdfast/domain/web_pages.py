"""The address of a forge's web page: which repository it shows, and what of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class WebPage:
    """repository: its path on the host. ref: a branch, a tag or the id of a commit, and where the
    page shows a path, perhaps a part of a longer name. held: it is none that moves, as a branch
    does. is_file: whether path is that of a file."""

    repository: str
    ref: str = ""
    path: str | None = None
    is_file: bool = False
    held: bool = False


_REPOSITORY = "(?P<repository>/[^/]+/[^/]+)"
_COMMIT = "[0-9a-fA-F]{7,40}"
#: With a path after a name, which may hold slashes itself.
_TREES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_REPOSITORY}/(?P<page>tree|blob)/(?P<rest>.+)",
        r"(?P<repository>/.+?)/-/(?P<page>tree|blob)/(?P<rest>.+)",
        rf"{_REPOSITORY}/src/(?P<page>branch|tag|commit)/(?P<rest>.+)",
    )
)
#: Of a tag or a commit as a whole.
_HELD = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_REPOSITORY}/commits?/(?P<ref>{_COMMIT})",
        rf"(?P<repository>/.+?)/-/commit/(?P<ref>{_COMMIT})",
        rf"{_REPOSITORY}/releases/tag/(?P<ref>.+)",
        r"(?P<repository>/.+?)/-/(?:tags|releases)/(?P<ref>.+)",
    )
)
#: Elsewhere `src` may be a part of a repository's path.
_BITBUCKET = "bitbucket.org"
_BITBUCKET_TREE = re.compile(rf"{_REPOSITORY}/(?P<page>src)/(?P<rest>.+)")
_OTHER = re.compile(r"/[^/]+/[^/]+/(commit|commits|pull|issues|releases|actions|wiki)(/.*)?")


def read_page(path: str, host: str, query: str = "") -> WebPage:
    """path: of an address, without a slash at its end. One that is no page is a repository's."""
    for pattern in _HELD:
        if page := pattern.fullmatch(path):
            return WebPage(page["repository"], page["ref"], held=True)
    trees = (*_TREES, _BITBUCKET_TREE) if host == _BITBUCKET else _TREES
    page = next((found for each in trees if (found := each.fullmatch(path))), None)
    if page is None:
        return WebPage(path)
    ref, _, rest = page["rest"].partition("/")
    if page["page"] == "src" and re.fullmatch(_COMMIT, ref):
        # Bitbucket names beside a commit the branch of which it is shown
        ref = dict(parse_qsl(query)).get("at", ref)
    # Gitea's pages and Bitbucket's do not tell a file from a folder
    untold = page["page"] not in ("tree", "blob")
    is_file = page["page"] == "blob" or (untold and rest.endswith(".py"))
    held = page["page"] in ("tag", "commit")
    return WebPage(page["repository"], ref, rest or None, is_file, held)


def is_other_page(path: str, host: str) -> bool:
    """Whether it is about the repository, and shows none of its files. See `read_page` first."""
    return host in ("github.com", "codeberg.org") and _OTHER.fullmatch(path) is not None
