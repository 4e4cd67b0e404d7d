"""The recovery kit on a real engine: a keychain is lost, and nothing with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import pytest
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.adapters.root_file_system import DebianRootFileSystems
from holdfast.domain import names
from holdfast.domain.app import AppState
from holdfast.domain.container import ContainerSpec, PushedFile, RamVolume, VolumeMount
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.names import AppName
from holdfast.domain.node import Item
from holdfast.domain.operation import CancelToken
from holdfast.domain.recovery_kit import Kit, KitState
from holdfast.node.age_file import decrypt
from holdfast.presenters.kit_page import kit_page

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

APP, SECOND = AppName("ledger"), AppName("second")
NOTES = plain_app(
    "pathlib.Path('/data/note').read_text() + ' ' + os.environ.get('TOKEN', '')",
    "pathlib.Path('/data/note').exists() or pathlib.Path('/data/note').write_text('kept')",
)


@dataclass(frozen=True)
class Kept:
    """The app of before the kit, and the kit."""

    repository: Repository
    kit: Kit

    @property
    def page(self) -> bytes:
        return kit_page(self.kit).encode()


def kit_commands(page: str) -> str:
    """The commands of a page, as a shell would be given them."""
    marked = "#   "
    lines = [line.removeprefix(marked) for line in page.splitlines() if line.startswith(marked)]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def repository(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    made = Repository(tmp_path_factory.mktemp("ledger") / "repository")
    made.commit(NOTES)
    yield made
    world.remove(APP)


@pytest.fixture
def kept(world: World, repository: Repository) -> Iterator[Kept]:
    if world.state(APP) is None:
        world.deploy(repository, APP)
    world.run(world.desk.import_secrets(APP, b'TOKEN = "first"\n', merge=False))
    yield Kept(repository, world.run(world.desk.create_kit(another=False)))
    if world.state(SECOND) is not None:
        world.remove(SECOND)
    world.forget_kit()


def test_a_lost_keychain_is_no_lost_data(world: World, other: World, kept: Kept) -> None:
    assert world.visit("ledger.localhost").text == "kept first"
    world.seal()
    with pytest.raises(HoldfastError) as told:
        other.run(other.desk.unseal())
    assert "holdfast kit open" in told.value.next
    wrong = kept.page.replace(b"AGE-SECRET-KEY-1", b"AGE-SECRET-KEY-2")
    before = world.node.keys.shared.files.read()
    with pytest.raises(UsageError):
        other.run(other.desk.open_kit(wrong))
    assert world.node.keys.shared.files.read() == before
    assert other.keychain.names(world.service) == []
    assert other.run(other.desk.open_kit(kept.page)).apps == (APP,)
    other.run(other.desk.unseal())
    # its health is asked for every few seconds only
    wait_until(lambda: other.state(APP) is AppState.RUNNING, "it is seen to run")
    # the CA that visitors trust already goes on
    assert world.visit("ledger.localhost").text == "kept first"
    assert other.visit("ledger.localhost").text == "kept first"


def test_two_admins_work_on_one_node(world: World, other: World, kept: Kept) -> None:
    other.run(other.desk.open_kit(kept.page))
    other.deploy(kept.repository, SECOND)
    other.run(other.desk.import_secrets(APP, b'TOKEN = "second"\n', merge=False))
    world.seal()
    world.run(world.desk.unseal())
    assert world.visit("ledger.localhost").text == "kept second"
    assert world.visit("second.localhost").text == "kept "
    world.run(world.desk.import_secrets(SECOND, b'TOKEN = "third"\n', merge=False))
    other.run(other.desk.restart(SECOND))
    assert other.visit("second.localhost").text == "kept third"
    status = world.run(world.desk.kit())
    assert (status.state, status.admins) == (KitState.CONFIRMED, ("Bo", "tests"))


def test_a_removed_app_is_in_nobodys_hands(world: World, other: World, kept: Kept) -> None:
    other.run(other.desk.open_kit(kept.page))
    key = world.node.keys.volume_key(APP)
    removal = other.run(other.desk.remove(APP))
    assert removal.left == ()
    assert Item("key file", "ledger.age") in removal.removed
    world.run(world.desk.unseal())
    contents = world.node.keys.shared.files.read()
    assert set(contents) == {"node"}
    held = list(decrypt("node", contents["node"], kept.kit.identity).values())
    for each in (world, other):
        items = each.keychain.names(world.service)
        held += [each.keychain.read(world.service, name) for name in items]
    assert not [value for value in held if key.reveal() in value.reveal()]


def test_what_a_search_finds_of_a_file_of_keys_is_left(world: World, kept: Kept) -> None:
    files = world.node.keys.shared.files
    before = files.read()[APP]
    world.remove(APP)
    files.replace(APP, before, {APP: None})
    removal = world.run(world.desk.remove(APP))
    assert Item("key file", "ledger.age") in removal.removed
    assert removal.left == ()


def test_the_keeper_is_started_again_when_it_is_gone(world: World, kept: Kept) -> None:
    for end in (world.engine.kill, world.engine.remove):
        end(names.KEYS)
        assert world.run(world.desk.check_kit(kept.page)).apps == (APP,)


def test_nothing_readable_lies_on_the_node(world: World, kept: Kept) -> None:
    key = world.node.keys.volume_key(APP).reveal().decode()
    identity = kept.kit.identity.reveal().decode()
    listing = world.shell(names.KEYS, "cd /mnt && find . -type f && cat keys/* inbox/*")
    assert "./keys/ledger.age" in listing
    for secret in (key, identity, "TOKEN", "first"):
        assert secret not in listing
    assert world.shell(names.KEYS, "ls -A /mnt/inbox") == ""


@pytest.fixture(scope="module")
def bare_image(world: World) -> str:
    """A machine with Debian's tools and nothing of ours."""
    tag = "holdfast-tests/bare:1"
    if not world.engine.image_id(tag):
        cache = Path(platformdirs.user_cache_dir("holdfast"))
        packages = ("age", "fuse3", "gocryptfs", "tini")
        archive = DebianRootFileSystems(cache).archive("trixie", packages, CancelToken())
        with archive as content:
            world.engine.import_image(content, tag, CancelToken())
    return tag


@pytest.fixture
def bare(world: World, kept: Kept, bare_image: str) -> Iterator[str]:
    """That machine with a copy of the node's volumes where the page looks for them, and the page.
    A person's root has every power; these are those that a mount needs, and to read a copy."""
    work = RamVolume("tests-bare", {}, 16 << 20, uid=0)
    volumes = (names.KEYS, names.cipher_volume(APP))
    spec = ContainerSpec(
        name="tests-bare",
        image=bare_image,
        command=("/usr/bin/tini", "--", "/bin/sleep", "infinity"),
        labels={},
        user="0:0",
        memory_bytes=256 << 20,
        capabilities=("SYS_ADMIN", "DAC_OVERRIDE", "CHOWN", "FOWNER"),
        devices=("/dev/fuse",),
        security=("apparmor=unconfined",),
        read_only=False,
        volumes=(
            VolumeMount(work.name, "/mnt/work"),
            *(VolumeMount(name, f"/mnt/{name}", read_only=True) for name in volumes),
        ),
    )
    world.engine.create_ram_volume(work)
    world.engine.create(spec)
    try:
        world.engine.start(spec.name)
        for name in volumes:
            place = f"{kept.kit.volumes}/{name}"
            world.shell(spec.name, f"mkdir -p {place} && cp -a /mnt/{name} {place}/_data")
        world.engine.push(spec.name, "/mnt/work", [PushedFile("kit.txt", kept.page)], uid=0)
        yield spec.name
    finally:
        world.engine.remove(spec.name)
        world.engine.remove_volume(work.name)


def test_the_page_alone_opens_the_data_on_a_bare_machine(
    world: World, kept: Kept, bare: str
) -> None:
    opening, closing = kit_commands(kept.page.decode()).split("umount", 1)
    work = "cd /mnt/work && set -e\n"
    done = world.engine.run(bare, ("/bin/sh", "-c", work + opening))
    assert done.exit_code == 0, done.error.decode(errors="replace")
    look = "cat ledger/plain/data/note; cat ledger/secrets.toml; ls ledger/plain"
    found = world.shell(bare, work + look)
    assert found.startswith('keptTOKEN = "first"')
    assert {"app.json", "data", "logs", "repository.git"} <= set(found.split())
    assert world.engine.run(bare, ("/bin/sh", "-c", f"{work}umount{closing}")).exit_code == 0
    assert world.shell(bare, work + "ls ledger/plain") == ""


def test_a_wrong_page_opens_nothing_on_a_bare_machine(world: World, kept: Kept, bare: str) -> None:
    identity = kept.kit.identity.reveal()
    wrong = identity[:-1] + (b"Q" if identity[-1:] != b"Q" else b"P")
    page = PushedFile("kit.txt", kept.page.replace(identity, wrong))
    world.engine.push(bare, "/mnt/work", [page], uid=0)
    opening = kit_commands(kept.page.decode()).split("umount", 1)[0]
    world.engine.run(bare, ("/bin/sh", "-c", "cd /mnt/work\n" + opening))
    assert world.shell(bare, "ls -A /mnt/work") == "kit.txt"
