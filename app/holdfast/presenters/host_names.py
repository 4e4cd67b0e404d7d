"""The host names of an app: how each leads there, and what is typed for a new one."""

from __future__ import annotations

from holdfast.domain.errors import UsageError
from holdfast.domain.host_names import AppNames, FurtherName, NamesChange, changed, parse_change

TITLE = "Further names"
READING = "Reading the app's names…"
UNKNOWN = "The app's names are kept among its keys, which cannot be read now."
HINT = "shop.example.org"
NAME = "Another name"
WAYS = {False: "Serves the app", True: "Redirects to the main name"}
DOES = "What it does"
ADD, REMOVE = "Add", "Remove"
ABOUT = (
    "They lead here for the same visitors as the main name. A change takes effect at once, and"
    " pages that are open stay open. For a name in another domain the node needs a new CA, which"
    " browsers have to trust, unless a certificate of your own covers the name."
)


def way(name: FurtherName) -> str:
    return WAYS[name.redirects]


def rows(names: AppNames) -> tuple[tuple[str, str], ...]:
    """Each name, and how it leads to the app."""
    main = ((str(names.main), "Main name"),) if names.main else ()
    return (*main, *((each.host, way(each)) for each in names.further))


def adding(names: AppNames, typed: str, redirects: bool) -> tuple[NamesChange | None, str]:
    """The change that is meant, or what is wrong with it; neither where nothing is typed."""
    if not typed.strip():
        return None, ""
    hosts = [typed.strip()]
    try:
        change = parse_change(redirect=hosts) if redirects else parse_change(add=hosts)
        changed(names, change)
    except UsageError as error:
        return None, f"{error.what} {error.why}".strip()
    return change, ""
