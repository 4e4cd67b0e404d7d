"""What leaves an app by usage statistics, in words that say no more than the policy does."""

from __future__ import annotations

import pytest

from holdfast.domain.names import AppName
from holdfast.domain.page_sources import (
    STATISTICS_HOSTS,
    Allowed,
    PageRules,
    PageSources,
    content_security_policy,
)
from holdfast.domain.requests import AppTelemetry
from holdfast.domain.statistics import effective
from holdfast.domain.telemetry import Telemetry
from holdfast.presenters.telemetry import about_sources, leaves

HOSTS = " and ".join(STATISTICS_HOSTS)
SOURCES = {
    Allowed.ANYWHERE: PageSources(),
    Allowed.LISTED: PageSources(Allowed.LISTED, ("tiles.example.org",)),
    Allowed.OWN: PageSources(Allowed.OWN),
}


def told(sources: PageSources, quiet: bool = True, choice: Telemetry = Telemetry.OFF) -> str:
    holds = effective(choice, "streamlit", None)
    app = AppTelemetry(AppName("board"), choice, None, holds, "streamlit", sources, quiet)
    return dict(leaves(app))["From visitors' browsers: usage statistics"]


@pytest.mark.parametrize("allowed", Allowed)
def test_what_is_refused_to_a_quiet_page_is_what_its_policy_refuses(allowed: Allowed) -> None:
    policy = content_security_policy(PageRules(True, SOURCES[allowed]), "board.localhost")
    assert policy is not None
    loaded, asked = policy.split("; ")
    assert not any(host in policy for host in STATISTICS_HOSTS)
    assert "*" not in asked.split()
    said = told(SOURCES[allowed])
    from_anywhere = "*" in loaded.split()
    assert (f"scripts may not connect to {HOSTS};" in said) is from_anywhere
    assert ("pictures and frames may come from there" in said) is from_anywhere
    assert (f"neither connect to {HOSTS} nor load from there" in said) is not from_anywhere


def test_a_page_without_a_policy_is_said_to_be_refused_nothing() -> None:
    assert told(PageSources(), quiet=False) == "None."
    assert about_sources(Allowed.ANYWHERE, quiet=False) == "Nothing is held back."
    assert told(PageSources(), False, Telemetry.ON) == f"Sent to {HOSTS}."
