"""The runner: lanes, order, threads, cancelling, and nothing left behind."""

from __future__ import annotations

import threading
from typing import Any

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from holdfast.domain.operation import (
    CancelToken,
    Fact,
    Line,
    Operation,
    Outcome,
    Step,
    Steps,
    Update,
)
from holdfast.presenters.activity import Phase
from holdfast.ui.bridge import BATCH, MOST_UNREAD, Mailbox
from holdfast.ui.runner import OperationRunner


class Gate:
    """Blocks an operation until it is opened or closed."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.entered = threading.Event()

    def close(self) -> None:
        self._event.set()

    def hold(self, cancel: CancelToken) -> None:
        with cancel.closing(self):
            self.entered.set()
            self._event.wait()


def held(title: str, target: str, gate: Gate, order: list[str]) -> Operation[None]:
    def body(cancel: CancelToken) -> Steps[None]:
        order.append(f"{title} begins")
        yield Step("Hold")
        gate.hold(cancel)
        order.append(f"{title} ends")

    return Operation(title, target, body)


def quick(lines: int) -> Operation[str]:
    def body(cancel: CancelToken) -> Steps[str]:
        yield Step("Print")
        for at in range(lines):
            yield Line(str(at))
        return "done"

    return Operation("Print", "printer", body)


def test_all_updates_arrive_in_order_on_the_windows_thread(
    runner: OperationRunner, qtbot: QtBot
) -> None:
    seen: list[Update] = []
    threads: set[threading.Thread] = set()

    def read(batch: list[Update]) -> None:
        threads.add(threading.current_thread())
        assert len(batch) <= 501
        seen.extend(batch)

    running = runner.start(quick(20_000))
    running.updated.connect(read)
    with qtbot.waitSignal(running.finished, timeout=60_000) as ended:
        pass
    assert ended.args[0].result == "done"
    assert seen == [Step("Print"), *(Line(str(at)) for at in range(20_000))]
    assert threads == {threading.main_thread()}


def test_one_target_is_served_in_turn_and_two_at_once(
    runner: OperationRunner, qtbot: QtBot
) -> None:
    order: list[str] = []
    first, second, other = Gate(), Gate(), Gate()
    one = runner.start(held("one", "sales", first, order))
    two = runner.start(held("two", "sales", second, order))
    three = runner.start(held("three", "map", other, order))
    qtbot.waitUntil(lambda: first.entered.is_set() and other.entered.is_set())
    assert "two begins" not in order
    assert two.record.phase is Phase.WAITING
    for gate in (first, second, other):
        gate.close()
    qtbot.waitUntil(lambda: None not in (one.outcome, two.outcome, three.outcome))
    assert order.index("one ends") < order.index("two begins")


def test_cancel_closes_what_blocks(runner: OperationRunner, qtbot: QtBot) -> None:
    order: list[str] = []
    gate = Gate()
    running = runner.start(held("one", "sales", gate, order))
    qtbot.waitUntil(gate.entered.is_set)
    with qtbot.waitSignal(running.finished) as ended:
        running.cancel()
    assert ended.args[0].cancelled
    assert order == ["one begins"]
    assert running.record.phase is Phase.CANCELLED


def test_a_waiting_operation_is_cancelled_at_once_and_never_begins(
    runner: OperationRunner, qtbot: QtBot
) -> None:
    order: list[str] = []
    gate = Gate()
    first = runner.start(held("one", "sales", gate, order))
    waiting = runner.start(held("two", "sales", Gate(), order))
    qtbot.waitUntil(gate.entered.is_set)
    runner.cancel_waiting(waiting)
    assert waiting.outcome is not None
    assert waiting.outcome.cancelled
    gate.close()
    qtbot.waitUntil(lambda: first.outcome is not None)
    assert order == ["one begins", "one ends"]


def test_an_error_is_an_outcome_and_the_lane_goes_on(runner: OperationRunner, qtbot: QtBot) -> None:
    def broken(cancel: CancelToken) -> Steps[None]:
        yield Step("Break")
        raise ValueError("it broke")

    failed = runner.start(Operation("Break", "printer", broken))
    after = runner.start(quick(1))
    qtbot.waitUntil(lambda: after.outcome is not None)
    assert failed.outcome is not None
    assert str(failed.outcome.error) == "it broke"
    assert failed.record.problem is not None
    assert after.record.phase is Phase.DONE


def test_questions_are_answered_while_a_lane_is_held(runner: OperationRunner, qtbot: QtBot) -> None:
    gate = Gate()
    holding = runner.start(held("one", "printer", gate, []))
    answers: list[Any] = []
    runner.ask(quick(0), answers.append)
    assert runner.asking
    qtbot.waitUntil(lambda: bool(answers))
    assert answers[0].result == "done"
    assert not runner.asking
    assert holding.outcome is None
    gate.close()


def test_a_newer_fact_replaces_an_unread_one() -> None:
    mailbox = Mailbox(lambda: None)
    for update in (Fact(1), Line("between"), Fact(2)):
        mailbox.post(update)
    assert [update for _, update in mailbox.take()] == [Line("between"), Fact(2)]
    assert mailbox.is_empty


def test_the_bell_is_rung_for_the_first_of_what_is_unread_and_at_the_end() -> None:
    rings: list[None] = []
    mailbox = Mailbox(lambda: rings.append(None))
    for at in range(2 * BATCH):
        mailbox.post(Line(str(at)))
    assert len(rings) == 1
    # who has taken a part of it comes again unasked
    mailbox.take()
    mailbox.post(Line("more"))
    assert len(rings) == 1
    while not mailbox.is_empty:
        mailbox.take()
    mailbox.post(Fact(1))
    assert len(rings) == 2
    mailbox.close(Outcome())
    assert len(rings) == 3


def test_lines_that_nobody_can_read_in_time_are_dropped_and_steps_are_not() -> None:
    mailbox = Mailbox(lambda: None)
    mailbox.post(Step("Print"))
    for at in range(MOST_UNREAD):
        mailbox.post(Line(str(at)))
    assert mailbox.take()[0][1] == Step("Print")
    for at in range(2 * MOST_UNREAD):
        mailbox.post(Line(f"more {at}"))
    assert mailbox.take()[0][1] == Line(f"more {MOST_UNREAD}")


def test_what_a_follower_publishes_is_not_kept_for_nobody(
    runner: OperationRunner, qtbot: QtBot
) -> None:
    seen: list[Update] = []

    def body(cancel: CancelToken) -> Steps[None]:
        yield Line("one")

    following = runner.follow(Operation("Follow", "map", body))
    following.updated.connect(seen.extend)
    record = following.record
    with qtbot.waitSignal(following.finished):
        pass
    assert seen == [Line("one")]
    assert list(record.lines) == []
    shown = runner.start(quick(2))
    qtbot.waitUntil(lambda: shown.outcome is not None)
    assert list(shown.record.lines) == ["0", "1"]


def test_the_window_has_a_turn_between_the_news_of_two_operations(
    runner: OperationRunner, qtbot: QtBot
) -> None:
    turns: list[str] = []
    gates = (Gate(), Gate())

    def waits(gate: Gate) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            yield Line("news")
            gate.hold(cancel)

        return Operation("Follow", "map", body)

    for gate in gates:
        running = runner.follow(waits(gate))
        running.updated.connect(lambda _: turns.append("news"))
        running.updated.connect(lambda _: QTimer.singleShot(0, lambda: turns.append("turn")))
    # both have posted before either is delivered: nothing runs on this thread meanwhile
    for gate in gates:
        assert gate.entered.wait(5)
    qtbot.waitUntil(lambda: turns.count("turn") == 2)
    assert turns == ["news", "turn", "news", "turn"]
    for gate in gates:
        gate.close()


def test_shutting_down_joins_every_thread(qapp: object, qtbot: QtBot) -> None:
    before = set(threading.enumerate())
    runner = OperationRunner()
    gates = [Gate(), Gate(), Gate()]
    runner.start(held("one", "sales", gates[0], []))
    runner.start(held("queued", "sales", Gate(), []))
    ended: list[int] = []

    def slow_to_end(cancel: CancelToken) -> Steps[None]:
        yield Step("Follow")
        try:
            gates[1].hold(cancel)
        finally:
            # the last of all threads to end, with something left to do
            for thread in threading.enumerate():
                if thread.name.startswith(("operation", "question")):
                    thread.join()
            ended.append(sum(range(3_000_000)))

    runner.follow(Operation("Follow", "map", slow_to_end))
    runner.ask(held("ask", "map", gates[2], []), lambda _: None)
    qtbot.waitUntil(lambda: all(gate.entered.is_set() for gate in gates))
    runner.shut_down()
    assert ended
    runner.shut_down()
    assert set(threading.enumerate()) == before
