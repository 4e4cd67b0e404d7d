"""What an app's page may load from: a choice, and the policy by which a browser holds to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from holdfast.domain.errors import UsageError


class Allowed(StrEnum):
    OWN = "own"
    LISTED = "listed"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class PageSources:
    """hosts: beside the app's own; a leading `*.` stands for whatever lies below."""

    allowed: Allowed = Allowed.ANYWHERE
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageRules:
    """What an app's pages may do. quiet: no usage statistics leave them."""

    quiet: bool = True
    sources: PageSources = PageSources()


#: Where Streamlit's page asks for the address of its statistics, and where it sends them.
STATISTICS_HOSTS = ("data.streamlit.io", "webhooks.fivetran.com")
#: Where charts and maps fetch data by themselves. A policy can only name what is let through.
DATA_HOSTS = (
    "*.amazonaws.com",
    "*.arcgis.com",
    "*.arcgisonline.com",
    "*.cartocdn.com",
    "*.github.io",
    "*.githubusercontent.com",
    "*.googleapis.com",
    "*.gstatic.com",
    "*.hf.co",
    "*.hf.space",
    "*.huggingface.co",
    "*.lottiefiles.com",
    "*.maptiler.com",
    "*.openfreemap.org",
    "*.openmaptiles.org",
    "*.openstreetmap.org",
    "*.opentopomap.org",
    "*.protomaps.com",
    "*.stadiamaps.com",
    "*.tiles.mapbox.com",
    "api.mapbox.com",
    "cdn.bokeh.org",
    "cdn.jsdelivr.net",
    "cdn.plot.ly",
    "cdn.pydata.org",
    "cdnjs.cloudflare.com",
    "demotiles.maplibre.org",
    "esm.sh",
    "huggingface.co",
    "unpkg.com",
)
#: Together they stand in one header of every answer.
_MOST_CHARACTERS = 1500
_HOST = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}(:[0-9]{1,5})?")
_OWN = "'self' data: blob:"
_CODE = "'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'"


def parse_sources(allowed: str, hosts: list[str]) -> PageSources:
    """Raises UsageError for what is no choice or no host."""
    try:
        chosen = Allowed(allowed)
    except ValueError:
        raise UsageError(
            f"“{allowed[:60]}” is no choice.",
            "A page may load from: own, listed, anywhere.",
            "Choose one of them.",
        ) from None
    known = tuple(dict.fromkeys(_parse_host(host) for host in hosts))
    if chosen is Allowed.LISTED and not known:
        raise UsageError(
            "No host is listed.", "The page may load from listed hosts.", "Name at least one."
        )
    if chosen is Allowed.OWN and known:
        raise UsageError(
            "No host can be listed.",
            "The page may load from its own host alone.",
            "Choose listed hosts, or name none.",
        )
    if sum(map(len, known)) > _MOST_CHARACTERS:
        raise UsageError(
            "These are too many hosts.",
            f"Together their names may have {_MOST_CHARACTERS:,} characters.",
            "Name those below one domain at once: *.example.org",
        )
    return PageSources(chosen, known)


def _parse_host(text: str) -> str:
    """A host, perhaps with a port; of an address that was pasted, its host."""
    given = text.strip().lower()
    host = urlsplit(given).netloc if "://" in given else given.rstrip("/")
    if not is_host(host):
        raise UsageError(
            f"“{text[:80]}” is not a host.",
            "It has a form such as tiles.example.org or *.example.org.",
            "Correct it.",
        )
    if takes_statistics(host):
        raise UsageError(
            f"“{host[:80]}” takes usage statistics.",
            "Whether it is asked is decided by the choice for usage statistics alone.",
            "Leave it out.",
        )
    return host


def is_host(text: str) -> bool:
    """Whether it can be listed: in lower case, perhaps with a port, or with `*.` before it."""
    return _HOST.fullmatch(text) is not None


def takes_statistics(host: str) -> bool:
    return any(covers(host, each) for each in STATISTICS_HOSTS)


def covers(source: str, host: str) -> bool:
    """Whether a source of a policy stands for `host`."""
    name = source.partition(":")[0]
    return host.endswith(name[1:]) if name.startswith("*.") else host == name


def content_security_policy(rules: PageRules, authority: str) -> str | None:
    """The header's value; None where nothing is held back. authority: the app's own host and
    port, as visitors type them."""
    sources = rules.sources
    anywhere = sources.allowed is Allowed.ANYWHERE
    if anywhere and not rules.quiet:
        return None
    listed = [f"https://{host}" for host in sources.hosts]
    # not all browsers take 'self' for the websocket too
    asked = [f"wss://{authority}", *listed, *(f"wss://{host}" for host in sources.hosts)]
    if anywhere:
        asked += [f"https://{host}" for host in DATA_HOSTS]
    if not rules.quiet:
        asked += [f"https://{host}" for host in STATISTICS_HOSTS]
    loaded = " ".join((_OWN, _CODE, *(["*"] if anywhere else listed)))
    return f"default-src {loaded}; connect-src {' '.join((_OWN, *asked))}"
