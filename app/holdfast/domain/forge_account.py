"""A forge as an admin signs in to it: whose token it is, what it may do, and what it can list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.secret import Secret
from holdfast.domain.web_address import plain_address


class ForgeKind(StrEnum):
    """Those whose API Holdfast speaks."""

    GITHUB = "GitHub"
    GITLAB = "GitLab"
    GITEA = "Gitea"
    FORGEJO = "Forgejo"
    BITBUCKET = "Bitbucket"

    @property
    def asks_user(self) -> bool:
        """Whether it takes a token with the e-mail address of its owner alone."""
        return self is ForgeKind.BITBUCKET

    @property
    def command(self) -> str:
        """The noun of the command line."""
        return self.value.lower()

    @property
    def sign_in(self) -> str:
        return f"holdfast {self.command} sign-in"


#: Those that everybody may use; GitHub Enterprise and forges of one's own have others.
PUBLIC_API = "https://api.github.com"
PUBLIC_APIS = {
    ForgeKind.GITHUB: PUBLIC_API,
    ForgeKind.GITLAB: "https://gitlab.com/api/v4",
    ForgeKind.GITEA: "https://gitea.com/api/v1",
    ForgeKind.FORGEJO: "https://codeberg.org/api/v1",
    ForgeKind.BITBUCKET: "https://api.bitbucket.org/2.0",
}
#: Where the API of every GitLab, or of every Gitea and Forgejo, is below its own address, and that
#: of Bitbucket Cloud, of which there is one.
GITLAB_API, GITEA_API, BITBUCKET_API = "/api/v4", "/api/v1", "/2.0"
_API_PATHS = {
    ForgeKind.BITBUCKET: BITBUCKET_API,
    ForgeKind.GITLAB: GITLAB_API,
    ForgeKind.GITEA: GITEA_API,
    ForgeKind.FORGEJO: GITEA_API,
}
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class ForgeError(HoldfastError):
    """A forge did not do what it was asked."""


class NotSignedIn(ForgeError):
    """No token is kept, or the forge does not take it any more."""


class ForgeUnreachable(ForgeError):
    """No answer came. asked: whether the question may have arrived all the same."""

    def __init__(self, what: str, why: str = "", next: str = "", *, asked: bool = True) -> None:
        super().__init__(what, why, next)
        self.asked = asked


class TokenKind(StrEnum):
    ACCESS = "access token"
    API = "API token"
    CLASSIC = "classic"
    FINE_GRAINED = "fine-grained"
    OAUTH_APP = "OAuth app"
    GITHUB_APP = "GitHub App"


class RightState(StrEnum):
    HAS = "has"
    LACKS = "lacks"
    SPARE = "need not have"
    UNTOLD = "not told"


@dataclass(frozen=True, slots=True)
class Right:
    """name: as the forge calls it. use: what Holdfast does with it, "" for nothing. needed: that
    is more than a convenience."""

    name: str
    state: RightState
    use: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """scopes: None where the forge does not tell them. expires: None for a token without an end.
    api: where it was signed in."""

    login: str
    kind: TokenKind
    scopes: tuple[str, ...] | None = None
    expires: datetime | None = None
    organisations: tuple[str, ...] = ()
    api: str = PUBLIC_API
    forge: ForgeKind = ForgeKind.GITHUB

    @property
    def host(self) -> str:
        """Whose repositories it is about."""
        return web_host(self.api)

    @property
    def rights(self) -> tuple[Right, ...]:
        return rights_of(self.scopes, self.forge)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """token: one that was made by hand; None for a code that is typed in a browser, for which
    client_id names an OAuth app. user: whose token it is, where the forge asks for that: at
    Bitbucket the e-mail address of the account."""

    token: Secret | None = None
    user: str = ""
    client_id: str = ""
    api: str = PUBLIC_API
    forge: ForgeKind = ForgeKind.GITHUB


def credential(wanted: SignIn, token: Secret) -> Secret:
    """What is shown to the forge: the token, at Bitbucket with whose it is before it. Raises
    NotSignedIn."""
    if not wanted.forge.asks_user:
        return token
    if "@" not in wanted.user or ":" in wanted.user:
        raise NotSignedIn(
            f"{wanted.forge.value} takes a token with the e-mail address of its owner alone.",
            "None was given." if not wanted.user else f"“{wanted.user[:100]}” is none.",
            f"Give that of your Atlassian account: {wanted.forge.sign_in} --email ADDRESS",
        )
    return Secret(f"{wanted.user}:".encode() + token.reveal())


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """user_code: what is typed on `page`. interval: seconds between two looks whether it was.
    lasts: for how many seconds it is taken."""

    user_code: str
    page: str
    device_code: Secret
    client_id: str
    api: str
    interval: int
    lasts: int = 900


@dataclass(frozen=True, slots=True)
class Listed:
    """A repository that the token can see. name: owner/name. address: its https address."""

    name: str
    address: str
    private: bool
    description: str = ""
    pushed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """more: there are others, which were left out."""

    repositories: tuple[Listed, ...]
    more: bool = False


_LISTS = "lists private repositories, and installs and removes deploy keys"
_ORGANISATIONS = "tells your organisations, to choose among; nothing else needs it"
_CONVENIENT = frozenset({"read:org", "read:organization"})
_OF_BITBUCKET = (
    ("read:user:bitbucket", "tells whose token it is"),
    ("read:workspace:bitbucket", "tells your workspaces, in each of which is searched"),
    ("read:repository:bitbucket", "lists private repositories"),
    ("admin:repository:bitbucket", "tells deploy keys, and is asked for to change them"),
    ("write:ssh-key:bitbucket", "installs deploy keys"),
    ("delete:ssh-key:bitbucket", "removes deploy keys"),
)
#: Of each scope that is of use, those that contain it.
_GIVES = {
    "repo": frozenset({"repo"}),
    "read:org": frozenset({"read:org", "write:org", "admin:org"}),
    "api": frozenset({"api"}),
    "read:user": frozenset({"read:user", "write:user", "all"}),
    "write:repository": frozenset({"write:repository", "all"}),
    "read:organization": frozenset({"read:organization", "write:organization", "all"}),
    # of Bitbucket's none contains another
    **{name: frozenset({name}) for name, _ in _OF_BITBUCKET},
}
_OF_GITEA = (
    ("read:user", "tells whose token it is"),
    ("write:repository", _LISTS),
    ("read:organization", _ORGANISATIONS),
)
_WANTED = {
    ForgeKind.GITHUB: (("repo", _LISTS), ("read:org", _ORGANISATIONS)),
    ForgeKind.GITLAB: (("api", _LISTS),),
    ForgeKind.GITEA: _OF_GITEA,
    ForgeKind.FORGEJO: _OF_GITEA,
    ForgeKind.BITBUCKET: _OF_BITBUCKET,
}
_FINE_GRAINED = (
    ("Metadata: read", "lists private repositories"),
    ("Administration: read and write", "installs and removes deploy keys"),
)


def rights_of(
    scopes: Iterable[str] | None, forge: ForgeKind = ForgeKind.GITHUB
) -> tuple[Right, ...]:
    """What a token has, what it lacks, and what it need not have."""
    wanted = _WANTED[forge]
    if scopes is None:
        untold = _FINE_GRAINED if forge is ForgeKind.GITHUB else wanted
        return tuple(Right(name, RightState.UNTOLD, use) for name, use in untold)
    given = tuple(scopes)
    found = [
        Right(name, _state(not _GIVES[name].isdisjoint(given)), use, name not in _CONVENIENT)
        for name, use in wanted
    ]
    spare = [scope for scope in given if scope not in dict(wanted)]
    return (*found, *(Right(scope, RightState.SPARE) for scope in spare))


def wanted_scopes(forge: ForgeKind) -> tuple[str, ...]:
    """What a token has to have for all that is done with it."""
    return tuple(name for name, _ in _WANTED[forge])


def _state(given: bool) -> RightState:
    return RightState.HAS if given else RightState.LACKS


def token_kind(token: Secret) -> TokenKind:
    """GitHub's tokens tell by their beginning what they are."""
    beginnings = {
        b"github_pat_": TokenKind.FINE_GRAINED,
        b"gho_": TokenKind.OAUTH_APP,
        b"ghu_": TokenKind.GITHUB_APP,
    }
    begun = (kind for start, kind in beginnings.items() if token.reveal().startswith(start))
    return next(begun, TokenKind.CLASSIC)


def example_api(forge: ForgeKind) -> str:
    """Of one that is not the public one."""
    return f"https://HOST{_API_PATHS.get(forge, '/api/v3')}"


def parse_api(text: str, forge: ForgeKind = ForgeKind.GITHUB) -> str:
    """Raises UsageError for an address to which no token should be sent."""
    parts = plain_address(text.rstrip("/"))
    safe = ("https",) if parts is None or parts.hostname not in _LOOPBACK else ("https", "http")
    if parts is None or parts.scheme not in safe:
        raise UsageError(
            f"This is no address of a {forge.value} API.",
            "A token is sent over https alone, or over http to this machine itself, and the address"
            " holds neither a user name, a query nor a fragment.",
            f"Leave it out for {PUBLIC_APIS[forge]}; another one has {example_api(forge)}.",
        )
    path = _API_PATHS.get(forge, "")
    if not parts.path.rstrip("/").endswith(path):
        raise UsageError(
            f"This is no address of a {forge.value} API.",
            f"Those end in {path}.",
            f"Give it as {example_api(forge)}.",
        )
    return text.rstrip("/")


def web_host(api: str) -> str:
    """The host of the repositories that an API speaks of."""
    return (urlsplit(api).hostname or "").removeprefix("api.")


def public_forge(host: str | None) -> ForgeKind | None:
    """The forge whose public API speaks of the repositories of a host."""
    hosts = {web_host(api): forge for forge, api in PUBLIC_APIS.items()}
    return hosts.get(host or "")


def web_root(api: str) -> str:
    """The address of what people see, for the same API."""
    parts = urlsplit(api)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
