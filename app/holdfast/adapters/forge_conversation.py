"""Plain questions to a forge's API: with a time limit, the CAs of this machine, and no redirect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import requests
from requests.auth import AuthBase

from holdfast.adapters.forge_refusals import unreachable

_SECONDS = 15
#: What is raised of a page that somebody in between answers with.
NOT_UNDERSTOOD = (AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Conversation:
    """verify: the file of CAs that this machine trusts, True for the library's own."""

    api: str
    session: requests.Session
    verify: bool | str

    def send(
        self, method: str, path: str, body: object = None, **query: object
    ) -> requests.Response:
        return self.session.request(
            method,
            f"{self.api}/{path}",
            params={name: str(value) for name, value in query.items()},
            json=body,
            timeout=_SECONDS,
            verify=self.verify,
            # a token is carried to no other address
            allow_redirects=False,
        )


class Line(Protocol):
    """A conversation with one kind of forge, which knows its refusals and its pages."""

    def ask(self, method: str, path: str) -> Any: ...
    def pages(self, path: str) -> Iterator[Any]: ...


def remove_keys(line: Line, path: str, key: str) -> bool:
    """Delete a public key, whatever it is called, from a list of them; whether it was there."""
    wanted = key.split()[:2]
    there = [each["id"] for each in line.pages(path) if each["key"].split()[:2] == wanted]
    for each in there:
        line.ask("DELETE", f"{path}/{int(each)}")
    return bool(there)


@contextmanager
def conversation(api: str, auth: AuthBase, verify: bool | str) -> Iterator[Conversation]:
    """auth: shows the token. The library asks no .netrc of the user's where there is such a
    thing. Raises ForgeUnreachable, also for what was not understood within the block."""
    with requests.Session() as session:
        session.auth = auth
        try:
            yield Conversation(api, session, verify)
        except (requests.RequestException, *NOT_UNDERSTOOD) as error:
            raise unreachable(api, error) from None
