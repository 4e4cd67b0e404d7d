"""Secrets as JSON, by their names."""

from __future__ import annotations

from collections.abc import Iterable

from holdfast.cli.forms.form import Form
from holdfast.domain.asked_secrets import AskedSecret
from holdfast.domain.requests import SecretsApplied
from holdfast.domain.secrets_values import SecretValue


def secrets_form(applied: SecretsApplied) -> Form:
    return {"name": applied.name, "secrets": list(applied.secrets), "applied": applied.applied}


def listed_secrets_form(
    found: Iterable[SecretValue], missing: Iterable[AskedSecret], size: int
) -> Form:
    """size: of the whole document, in bytes."""
    return {
        "secrets": [
            {
                "name": each.name,
                "type": each.type.value,
                "environment": each.environment,
                "bytes": each.bytes,
                "reason": each.no_variable,
            }
            for each in found
        ],
        "missing": [
            {
                "name": each.name,
                "environment": each.variable,
                "where": each.where,
                "optional": each.optional,
            }
            for each in missing
        ],
        "bytes": size,
    }


def secret_form(name: str, value: str) -> Form:
    """Holds a value, which was asked for with --reveal."""
    return {"name": name, "value": value}
