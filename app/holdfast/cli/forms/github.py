"""GitHub's account and repositories as JSON."""

from __future__ import annotations

from holdfast.cli.forms.form import Form, moment
from holdfast.domain.forge_account import Account, Search


def account_form(account: Account) -> Form:
    return {
        "login": account.login,
        "host": account.host,
        "token": account.kind.value,
        "expires": moment(account.expires) if account.expires else None,
        "rights": [
            {"name": right.name, "state": right.state.value, "use": right.use or None}
            for right in account.rights
        ],
        "organisations": list(account.organisations),
    }


def search_form(search: Search) -> Form:
    return {
        "repositories": [
            {
                "name": each.name,
                "address": each.address,
                "private": each.private,
                "description": each.description,
                "pushed": moment(each.pushed) if each.pushed else None,
            }
            for each in search.repositories
        ],
        "more": search.more,
    }
