"""`holdfast prove`, on a real engine: what it finds, and that nothing of it stays."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from at_rest import finished, search
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.container import VolumeMount
from holdfast.domain.errors import AppBusy
from holdfast.domain.marks import Marks
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Outcome, Step, Update, drive
from holdfast.domain.proof import Hit, Proof, Verdict
from holdfast.domain.repository import parse_repository
from holdfast.domain.requests import DeployRequest
from holdfast.node import payloads
from holdfast.node.controls import CONTROLS, in_the_clear
from holdfast.node.disk_search import searching
from holdfast.node.proof_app import MARKS, proof_files
from holdfast.node.proof_limits import HostMemory, Swap, find_limits
from holdfast.operations.deploy import deploy_under

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP = AppName("ledger")
SEARCH = "Search the disk"
LEAKY = "tests-leaky"


@pytest.fixture(scope="module")
def ledger(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    repository = Repository(tmp_path_factory.mktemp("ledger") / "repository")
    repository.commit(plain_app("sorted(os.listdir('/data'))"))
    world.deploy(repository, APP)
    yield
    world.remove(APP)


def secret_of_the_proof(world: World) -> str:
    """As its running app has it: what all marks begin with, and two letters."""
    [runner] = world.containers(names.PROOF, "run")
    told = world.shell(runner, f"cat {payloads.SECRETS_FILE}")
    return told.partition('"')[2].rstrip('"')


def test_a_sound_node_is_proved_and_nothing_of_the_proof_stays(world: World, ledger: None) -> None:
    before = world.picture()
    stems: list[str] = []

    def look(update: Update) -> None:
        if update == Step(SEARCH):
            stems.append(secret_of_the_proof(world)[:-2])
            # meanwhile the app itself serves on, and sees one file more
            assert world.visit("ledger.localhost").text == "['.holdfast-proof']"

            # and nobody else makes a proof
            assert isinstance(drive(world.desk.prove(APP), CancelToken(), ignore).error, AppBusy)

    proof = proved(drive(world.desk.prove(APP), CancelToken(), look))
    assert proof.verdict is Verdict.PROVED, proof
    assert len(proof.planted) == 6
    assert len(proof.controls) == 3
    assert proof.places[0].bytes > 100 << 20
    assert proof.places[0].number > 1000
    assert all(place.number for place in proof.places)
    assert len(proof.exceptions) == 1
    assert proof.left == ()
    assert world.run(world.desk.last_proof(APP)) == proof
    assert world.picture() == before
    assert world.visit("ledger.localhost").text == "[]"
    assert search(world, Marks((), stems[0])) == {}


def test_a_leak_is_found_and_named(world: World, ledger: None) -> None:
    before = world.picture()
    left_by_a_killed_proof(world)

    def leak(update: Update) -> None:
        if update == Step(SEARCH):
            write = f"echo {secret_of_the_proof(world)} | base64 >/mnt/leak/notes"
            world.helper(write, volumes=(VolumeMount(LEAKY, "/mnt/leak"),))

    world.engine.create_volume(LEAKY, {})
    try:
        proof = proved(drive(world.desk.prove(APP), CancelToken(), leak))
    finally:
        world.engine.remove_volume(LEAKY)
    assert proof.verdict is Verdict.LEAK
    assert {hit.what for hit in proof.hits} == {"a secret"}
    [on_disk] = [hit for hit in proof.hits if hit.where.startswith("/")]
    assert on_disk.where.endswith(f"/{LEAKY}/_data/notes")
    assert on_disk.form.startswith("base64")
    # the command that wrote it was told to whoever listens to the engine
    assert Hit("a secret", "plain", "events of the engine") in proof.hits
    assert any("1 volume" in limit.what for limit in proof.limits)
    assert world.picture() == before


def test_swap_is_searched_in_a_file_and_on_a_device(world: World, tmp_path: Path) -> None:
    marks = Marks(("memory",))
    for name in ("swapfile", "disk"):
        # whole sectors
        written = bytes(1 << 20) + marks["memory"].encode()
        (tmp_path / name).write_bytes(written.ljust(2 << 20, b"\0"))
    with loop_device(tmp_path / "disk") as device:
        asked = ([str(tmp_path / "swapfile")], [device, "/dev/no-such-swap"])
        with searching(world.node, *asked) as searcher:
            found = finished(searcher.search(marks, CancelToken()))
            writing = world.engine.run(names.SEARCH, ("/bin/sh", "-c", f"echo >{device}"))
    assert {seen.path for seen in found.seen} == {str(tmp_path / "swapfile"), device}
    assert found.bytes == 2 * (2 << 20)
    assert writing.exit_code
    memory = HostMemory((Swap(asked[0][0], True), *(Swap(path, False) for path in asked[1])), "")
    limits, shut = find_limits(world.node, memory, searcher)
    assert [each.where for each in shut] == ["swap on /dev/no-such-swap"]
    assert device in limits[0].what
    assert "swapoff" in limits[0].remedy


@contextmanager
def loop_device(file: Path) -> Iterator[str]:
    made = subprocess.run(
        ["losetup", "--find", "--show", file], check=True, capture_output=True, text=True
    )
    device = made.stdout.strip()
    try:
        yield device
    finally:
        subprocess.run(["losetup", "--detach", device], check=True)


def test_an_app_of_a_user_that_has_the_name_stays(world: World, ledger: None) -> None:
    """Sealed, as an earlier release may have left it."""
    cipher = names.cipher_volume(names.PROOF)
    uid = str(payloads.APP_UIDS[1])
    world.engine.create_volume(cipher, names.labels(names.PROOF, "cipher", uid=uid))
    try:
        outcome = drive(world.desk.prove(APP), CancelToken(), ignore)
        assert "is in the way" in str(outcome.error)
        assert world.cipher_volumes(names.PROOF) == [cipher]
    finally:
        world.engine.remove_volume(cipher)


@pytest.mark.parametrize("moment", ["Fetch the code", SEARCH])
def test_a_cancel_leaves_nothing(world: World, ledger: None, moment: str) -> None:
    before, cancel = world.picture(), CancelToken()

    def stop(update: Update) -> None:
        told = getattr(update, "text" if isinstance(update, Line) else "title", None)
        if told == moment:
            cancel.cancel()

    outcome = drive(world.desk.prove(APP), cancel, stop)
    assert outcome.cancelled, outcome
    assert world.picture() == before
    assert world.visit("ledger.localhost").text == "[]"


def left_by_a_killed_proof(world: World) -> None:
    marks = Marks((*MARKS, *CONTROLS))
    with world.node.local_repositories.made(proof_files(marks)) as folder:
        address, request = parse_repository(folder), DeployRequest(folder, names.PROOF)
        world.run(deploy_under(world.node, names.PROOF, request, address))
    with ExitStack() as stack:
        stack.enter_context(in_the_clear(world.node, marks))
        stack.pop_all()


def proved(outcome: Outcome[Proof]) -> Proof:
    assert outcome.result is not None, outcome.error
    return outcome.result


def ignore(update: Update) -> None:
    pass
