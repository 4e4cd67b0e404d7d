"""What a list of containers says of an app."""

from __future__ import annotations

from datetime import UTC, datetime

from holdfast.domain import names
from holdfast.domain.app import AppState
from holdfast.domain.container import ContainerFacts
from holdfast.domain.names import AppName
from holdfast.node.inventory import AppParts

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def container(role: str, state: str, status: str, operation: str = "") -> ContainerFacts:
    labels = {names.LABEL_ROLE: role, names.LABEL_OPERATION: operation}
    return ContainerFacts(role, role, "", labels, state, status, NOW, {}, ())


def state(*containers: ContainerFacts) -> AppState:
    mounter = container("volume", "running", "Up 2 hours")
    return AppParts(AppName("map"), 700_001, (mounter, *containers)).state


def test_an_app_that_was_killed_has_crashed_unless_somebody_stops_it() -> None:
    killed = container("run", "exited", "Exited (137) 1 second ago")
    assert state(killed) is AppState.CRASHED
    assert state(killed, container("lock", "running", "Up", "stop")) is AppState.STOPPED


def test_an_app_that_ended_as_asked_is_stopped() -> None:
    assert state(container("run", "exited", "Exited (143) 1 second ago")) is AppState.STOPPED


def test_an_app_that_does_not_answer_has_crashed_unless_somebody_starts_it() -> None:
    silent = container("run", "running", "Up 9 seconds (unhealthy)")
    assert state(silent) is AppState.CRASHED
    assert state(silent, container("lock", "running", "Up", "restart")) is AppState.STARTING


def test_an_app_that_serves_runs_beside_what_a_killed_deploy_left() -> None:
    serves = container("run", "running", "Up 2 hours (healthy)")
    for status in ("Up 9 seconds (unhealthy)", "Up 2 seconds (health: starting)"):
        left = container("run", "running", status)
        assert state(left, serves) is AppState.RUNNING
        assert state(serves, left) is AppState.RUNNING
