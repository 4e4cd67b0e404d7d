"""What is known of the big forges: how they call a token's owner, and where they take a key."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.connection import Connection, CredentialKind
from holdfast.domain.forge_account import BITBUCKET_API, GITEA_API, GITLAB_API
from holdfast.domain.repository import RepositoryAddress, RepositoryKind
from holdfast.domain.secret import Secret


@dataclass(frozen=True, slots=True)
class Forge:
    """user: of a token that names none. keys_page: where a repository's deploy keys are set, below
    its own page."""

    user: str
    keys_page: str


_FORGES = {
    "github.com": Forge("x-access-token", "settings/keys/new"),
    "gitlab.com": Forge("oauth2", "-/settings/repository#js-deploy-keys-settings"),
    "bitbucket.org": Forge("x-token-auth", "admin/access-keys/"),
    "codeberg.org": Forge("git", "settings/keys"),
    "gitea.com": Forge("git", "settings/keys"),
}


#: By which pages an API's forge lists a repository's deploy keys; GitHub's is as Gitea's.
_KEYS_LISTS = {
    GITLAB_API: "-/settings/repository",
    BITBUCKET_API: "admin/access-keys/",
    GITEA_API: "settings/keys",
}
#: How a person's API token of Bitbucket's begins; those of a repository begin otherwise.
_PERSONS = b"ATATT"


def token_user(address: RepositoryAddress, token: Secret) -> str:
    """The user of a token that came without one."""
    if address.host == "bitbucket.org" and token.reveal().startswith(_PERSONS):
        return "x-bitbucket-api-token-auth"
    forge = _FORGES.get(address.host or "")
    return forge.user if forge else "git"


def own_user(address: RepositoryAddress, kept: Connection) -> str:
    """The user that was given with a token, "" where it is the one of tokens without."""
    if kept.credential is not CredentialKind.TOKEN or kept.secret is None:
        return ""
    return "" if kept.user == token_user(address, kept.secret) else kept.user


def is_known_forge(address: RepositoryAddress) -> bool:
    return address.host in _FORGES


def deploy_keys_page(address: RepositoryAddress) -> str | None:
    """The page on which a repository's deploy keys are added, where that is known."""
    forge = _FORGES.get(address.host or "")
    path = repository_path(address)
    return f"https://{address.host}/{path}/{forge.keys_page}" if forge else None


def deploy_keys_list(address: RepositoryAddress, api: str) -> str:
    """The page on which the forge with this API lists a repository's deploy keys."""
    pages = (page for path, page in _KEYS_LISTS.items() if api.endswith(path))
    page = next(pages, "settings/keys")
    return f"https://{address.host}/{repository_path(address)}/{page}"


def ssh_address(address: RepositoryAddress) -> str | None:
    """The SSH address of a repository that was given by HTTPS, where that is known."""
    if address.kind is not RepositoryKind.HTTPS or address.host not in _FORGES:
        return None
    return f"git@{address.host}:{repository_path(address)}.git"


def repository_path(address: RepositoryAddress) -> str:
    """`owner/name`, and what lies between on some forges."""
    _, _, rest = address.url.partition(address.host or "")
    port, slash, path = rest.partition("/")
    within = path if slash and (not port or port[1:].isdigit()) else rest.lstrip(":")
    return within.strip("/").removesuffix(".git")
