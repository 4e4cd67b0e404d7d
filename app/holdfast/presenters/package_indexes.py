"""An app's logins at private package indexes: what is listed of them, typed in, and taken away."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.build_secrets import index_logins
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_change import index_document, merge, without_index
from holdfast.domain.secrets_document import tree_of

TITLE = "Package indexes"
ABOUT = (
    "With these logins packages are fetched from private indexes while the app is built, over TLS "
    "alone. The app itself is given none of them. Which indexes are asked, its requirements say."
)
NONE = "None yet: public packages need no login."
NEW = "Add a login"
ADD, REMOVE = "Add", "Remove"
HOST, USER, PASSWORD = "Host", "User", "Password or token"
HOST_HINT = "packages.example.lan"
#: What most indexes take beside a token.
USUAL_USER = "__token__"
REPLACES = "It replaces the login that there is for this host."
MEND = "The text has a mistake. Mend it first: Edit as text."


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What is shown of one login: never its password."""

    host: str
    user: str


def rows(document: Secret) -> tuple[IndexRow, ...]:
    return tuple(IndexRow(each.host, each.username) for each in index_logins(tree_of(document)))


def added(document: Secret, host: str, user: str, password: Secret) -> Secret:
    """The document with that login. Raises UsageError."""
    return merge(document, index_document(host.strip().lower(), user.strip(), password))


def removed(document: Secret, host: str) -> Secret:
    return without_index(document, host)
