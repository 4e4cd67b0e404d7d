"""The forges of the desk in memory: an account at each, the same repositories there, and the keys
that they were given."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from holdfast.adapters.github_refusals import device_refusal
from holdfast.domain.forge_account import (
    Account,
    DeviceCode,
    ForgeKind,
    ForgeUnreachable,
    Listed,
    NotSignedIn,
    Search,
    SignIn,
    TokenKind,
    credential,
    parse_api,
    public_forge,
    token_kind,
    wanted_scopes,
    web_host,
)
from holdfast.domain.repository import parse_repository
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
    narrow-token (it may not read organisations), code-refused and code-expired (of the code that
    is typed in a browser).
    The token `expired` is not taken. installed: addresses whose keys are there."""

    def __init__(self, faults: Collection[str]) -> None:
        self._faults = faults
        self._accounts: dict[ForgeKind, Account] = {}
        self.installed: set[str] = set()

    def sign_in(self, wanted: SignIn) -> Account:
        self._reach()
        token = wanted.token or Secret(b"gho_typed")
        if token == Secret(b"expired"):
            host = web_host(wanted.api)
            raise NotSignedIn(f"{host} does not accept the token.", "It has expired.")
        credential(wanted, token)
        wide = ("delete_repo",) if "wide-token" in self._faults else ()
        # GitHub names organisations only to who may read them
        narrow = "narrow-token" in self._faults
        fine = token.reveal().startswith(b"github_pat_")
        account = Account(
            login="ada",
            kind=token_kind(token),
            scopes=None if fine else ("repo", *(() if narrow else ("read:org",)), *wide),
            organisations=() if narrow else ("team",),
            api=parse_api(wanted.api, wanted.forge),
        )
        if wanted.forge is not ForgeKind.GITHUB:
            scopes = (*wanted_scopes(wanted.forge), *wide)
            kind = TokenKind.API if wanted.forge is ForgeKind.BITBUCKET else TokenKind.ACCESS
            account = replace(account, kind=kind, scopes=scopes)
        if wanted.forge is ForgeKind.GITLAB:
            account = replace(account, organisations=())
        self._accounts[wanted.forge] = replace(account, forge=wanted.forge)
        return self._accounts[wanted.forge]

    def wait_for_code(self) -> None:
        """As it ends where the token does not come."""
        for fault, answer in (("code-refused", "access_denied"), ("code-expired", "expired_token")):
            if fault in self._faults:
                raise device_refusal(answer)

    def sign_out(self, forge: ForgeKind = ForgeKind.GITHUB) -> bool:
        return self._accounts.pop(forge, None) is not None

    def account(self, forge: ForgeKind = ForgeKind.GITHUB) -> Account:
        if forge not in self._accounts:
            raise NotSignedIn(
                f"You are not signed in to {forge.value}.",
                "No token is kept on this workstation.",
                f"Sign in: {forge.sign_in}",
            )
        self._reach()
        return self._accounts[forge]

    def hosts(self) -> frozenset[str]:
        return frozenset(account.host for account in self._accounts.values())

    def search(self, words: str, organisation: str, forge: ForgeKind = ForgeKind.GITHUB) -> Search:
        host = self.account(forge).host
        return Search(
            tuple(
                replace(each, address=each.address.replace("github.com", host))
                for each in LISTED
                if all(word in f"{each.name} {each.description}".lower() for word in words.split())
                and each.name.startswith(f"{organisation}/" if organisation else "")
            )
        )

    def account_for(self, address: str) -> Account:
        """That of the forge where a repository is."""
        host = parse_repository(address).host
        own = (forge for forge, each in self._accounts.items() if each.host == host)
        return self.account(next(own, None) or public_forge(host) or ForgeKind.GITHUB)

    def install(self, address: str) -> None:
        self.account_for(address)
        self.installed.add(address)

    def take_back(self, address: str) -> tuple[str, ...]:
        if address not in self.installed:
            return ()
        try:
            self.account_for(address)
        except (NotSignedIn, ForgeUnreachable) as error:
            return (f"Delete the deploy key yourself: {error.what}",)
        self.installed.discard(address)
        return ()

    def _reach(self) -> None:
        if "no-github" in self._faults:
            raise ForgeUnreachable("github.com cannot be reached.", "No connection came about.")
