"""What the window says of an operation: its steps, their times, and a failure without secrets."""

from __future__ import annotations

from holdfast.domain.errors import DeployFailed
from holdfast.domain.operation import Line, Operation, Outcome, Step
from holdfast.presenters.activity import Phase, Record, strip_text


def record() -> Record:
    made = Record(Operation("Deploy sales", "sales", lambda cancel: iter(())), 0.0)  # type: ignore[arg-type,return-value]
    made.begin(10.0)
    made.add([(10.0, Step("Fetch")), (10.4, Line("token: abc")), (12.0, Step("Resolve"))])
    return made


def test_steps_have_times_and_the_last_one_the_state() -> None:
    made = record()
    lines = made.step_lines(15.0)
    assert [(line.title, line.time) for line in lines] == [("Fetch", "2.0 s"), ("Resolve", "3.0 s")]
    assert [line.look.word for line in lines] == ["Done", "Running"]
    assert strip_text([made], 15.0)[1] == "Deploy sales · Resolve · 5.0 s"


def test_a_failure_keeps_its_details_masked() -> None:
    made = record()
    made.finish(14.0, Outcome(error=DeployFailed("No.", "Because.", "Retry.")))
    assert made.phase is Phase.FAILED
    assert made.step_lines(99.0)[-1].time == "2.0 s"
    assert "Because." in made.details()
    assert "abc" not in made.details()


def test_a_cancel_after_the_end_changes_nothing() -> None:
    made = record()
    made.finish(14.0, Outcome(result=1))
    made.cancelling()
    assert made.phase is Phase.DONE
