"""A search of what a forge lists, the same at each: words of name and description, and an owner."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from holdfast.domain.forge_account import Listed, Search

#: What a search shows at most, and how many repositories it looks at for that.
_MOST_SHOWN, MOST_LOOKED_AT = 50, 1000


def found(there: Iterable[Listed], words: str, organisation: str) -> Search:
    """there: asked for no further than it takes, page by page."""
    wanted = words.lower().split()
    seen = 0
    fitting: list[Listed] = []
    for each in islice(there, MOST_LOOKED_AT):
        seen += 1
        if _matches(each, wanted, organisation):
            fitting.append(each)
        if len(fitting) > _MOST_SHOWN:
            break
    more = len(fitting) > _MOST_SHOWN or seen == MOST_LOOKED_AT
    return Search(tuple(fitting[:_MOST_SHOWN]), more)


def _matches(listed: Listed, words: list[str], organisation: str) -> bool:
    text = f"{listed.name} {listed.description}".lower()
    within = not organisation or listed.name.lower().startswith(f"{organisation.lower()}/")
    return within and all(word in text for word in words)
