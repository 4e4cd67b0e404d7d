"""GitHub of the desk in memory: one account, some repositories, and the keys that it was given."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from holdfast.adapters.github_refusals import device_refusal
from holdfast.domain.github import (
    Account,
    DeviceCode,
    GitHubUnreachable,
    Listed,
    NotSignedIn,
    Search,
    SignIn,
    parse_api,
    token_kind,
)
from holdfast.domain.secret import Secret

PUSHED = datetime(2026, 10, 1, 9, tzinfo=UTC)
CODE = DeviceCode(
    user_code="WDJB-MJHT",
    page="https://github.com/login/device",
    device_code=Secret(b"3584d83530557fdd1f46af8289938c8ef79f9dc5"),
    client_id="Iv1.team",
    api="https://api.github.com",
    interval=5,
)
LISTED = (
    Listed("team/sales", "https://github.com/team/sales.git", True, "What was sold", PUSHED),
    Listed("ada/notes", "https://github.com/ada/notes.git", False, "", PUSHED),
)


class MemoryGitHub:
    """Faults: no-github (it cannot be reached), wide-token (its token may do what nobody needs),
    code-refused and code-expired (of the code that is typed in a browser).
    The token `expired` is not taken. installed: addresses whose keys are there."""

    def __init__(self, faults: Collection[str]) -> None:
        self._faults = faults
        self._account: Account | None = None
        self.installed: set[str] = set()

    def sign_in(self, wanted: SignIn) -> Account:
        self._reach()
        token = wanted.token or Secret(b"gho_typed")
        if token == Secret(b"expired"):
            raise NotSignedIn("github.com does not accept the token.", "It has expired.")
        wide = ("delete_repo",) if "wide-token" in self._faults else ()
        fine = token.reveal().startswith(b"github_pat_")
        self._account = Account(
            login="ada",
            kind=token_kind(token),
            scopes=None if fine else ("repo", *wide),
            organisations=("team",),
            api=parse_api(wanted.api),
        )
        return self._account

    def wait_for_code(self) -> None:
        """As it ends where the token does not come."""
        for fault, answer in (("code-refused", "access_denied"), ("code-expired", "expired_token")):
            if fault in self._faults:
                raise device_refusal(answer)

    def sign_out(self) -> bool:
        kept, self._account = self._account is not None, None
        return kept

    def account(self) -> Account:
        if self._account is None:
            raise NotSignedIn(
                "You are not signed in to GitHub.",
                "No token is kept on this workstation.",
                "Sign in: holdfast github sign-in",
            )
        self._reach()
        return self._account

    def search(self, words: str, organisation: str) -> Search:
        self.account()
        return Search(
            tuple(
                each
                for each in LISTED
                if all(word in f"{each.name} {each.description}".lower() for word in words.split())
                and each.name.startswith(f"{organisation}/" if organisation else "")
            )
        )

    def install(self, address: str) -> None:
        self.account()
        self.installed.add(address)

    def take_back(self, address: str) -> tuple[str, ...]:
        if address not in self.installed:
            return ()
        try:
            self.account()
        except (NotSignedIn, GitHubUnreachable) as error:
            return (f"Delete the deploy key yourself: {error.what}",)
        self.installed.discard(address)
        return ()

    def _reach(self) -> None:
        if "no-github" in self._faults:
            raise GitHubUnreachable("github.com cannot be reached.", "No connection came about.")
