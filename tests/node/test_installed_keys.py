"""Deploy keys that Holdfast installs itself, on a real engine, an SSH server and a forge's API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from bitbucket_forge import bitbucket_forge
from forge import Forge, forge
from forge_here import ForgeHere
from gitea_forge import gitea_forge
from github_forge import TOKEN, GitHubForge, github_forge
from gitlab_forge import gitlab_forge
from lan import ADDRESS
from world import World, plain_app

from holdfast.domain.connection import ConnectionRequest, HostKeyUnknown, Repository
from holdfast.domain.errors import UsageError
from holdfast.domain.forge_account import ForgeError, ForgeKind, ForgeUnreachable, SignIn
from holdfast.domain.names import AppName
from holdfast.node.deploy_keys import new_key_pair
from holdfast.node.node import Node
from holdfast.operations.connect_repository import connect_repository, rotate_key
from holdfast.operations.forge import read_forge_hosts, sign_out
from holdfast.operations.remove import remove_app
from holdfast.operations.repositories import check_repository, disconnect_repository

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

NAME = "team/till"


@pytest.fixture(scope="module")
def place() -> Iterator[Forge]:
    with forge() as made:
        yield made


@pytest.fixture
def api(place: Forge) -> Iterator[GitHubForge]:
    with github_forge(place) as made:
        yield made


@pytest.fixture
def node(world: World, api: GitHubForge) -> Iterator[Node]:
    before = world.picture()
    made = replace(world.node, github=lambda: api)
    made.forge_access.sign_in(TOKEN, SignIn(api=f"https://{ADDRESS}/api/v3"))
    yield made
    world.run(sign_out(made))
    assert world.picture() == before


def install(world: World, node: Node, place: Forge, host_key: str) -> Repository:
    request = ConnectionRequest(address=place.ssh(NAME), host_key=host_key, install=True)
    return world.run(connect_repository(node, request))


def test_a_key_is_installed_rotated_and_goes_with_its_app(
    world: World, node: Node, place: Forge, api: GitHubForge
) -> None:
    place.repository(NAME).commit(plain_app("'open'"))
    with place.speaking_ssh() as host_key:
        made = install(world, node, place, host_key)
        assert made.installed and made.contact is not None and not made.contact.error
        [first] = api.installed.keys.values()
        assert made.public_key.startswith(first[1])
        world.deploy(place.ssh(NAME), "till")
        rotated = world.run(rotate_key(node, place.ssh(NAME), None))
        assert rotated.installed and not rotated.rotating
        [second] = api.installed.keys.values()
        assert rotated.public_key.startswith(second[1]) and second != first
    removal = world.run(remove_app(node, AppName("till")))
    assert (removal.left, removal.by_hand, api.installed.keys) == ((), (), {})


def test_by_its_https_address_a_forge_of_ones_own_is_asked_for_its_host_key_first(
    world: World, node: Node, place: Forge, api: GitHubForge
) -> None:
    place.repository(NAME).commit(plain_app("'open'"))
    request = ConnectionRequest(address=f"https://{ADDRESS}/{NAME}", install=True)
    with place.speaking_ssh() as host_key:
        with pytest.raises(HostKeyUnknown) as unknown:
            world.run(connect_repository(node, request))
        assert [key.fingerprint for key in unknown.value.offered] == [host_key]
        assert api.installed.keys == {}
        made = world.run(connect_repository(node, replace(request, host_key=host_key)))
        assert made.address == f"git@{ADDRESS}:{NAME}.git"
        assert made.installed and made.contact is not None and not made.contact.error
        assert world.run(read_forge_hosts(node)) == {ADDRESS}
    removal = world.run(disconnect_repository(node, made.address, anyway=False))
    assert (removal.by_hand, api.installed.keys) == ((), {})


@pytest.mark.parametrize(
    ("kind", "speak", "path"),
    [
        (ForgeKind.GITLAB, gitlab_forge, "api/v4"),
        (ForgeKind.FORGEJO, gitea_forge, "api/v1"),
        (ForgeKind.BITBUCKET, bitbucket_forge, "2.0"),
    ],
)
def test_other_forges_get_a_key_and_lose_it_too(
    world: World,
    place: Forge,
    kind: ForgeKind,
    speak: Callable[[Forge], AbstractContextManager[ForgeHere]],
    path: str,
) -> None:
    place.repository(NAME).commit(plain_app("'open'"))
    before = world.picture()
    with speak(place) as other, place.speaking_ssh() as host_key:
        node = replace(world.node, forges={**world.node.forges, kind: lambda: other})
        wanted = SignIn(api=f"https://{ADDRESS}/{path}", forge=kind)
        node.forge_access.sign_in(TOKEN, wanted)
        made = install(world, node, place, host_key)
        assert made.installed and made.contact is not None and not made.contact.error
        [first] = other.installed.keys.values()
        assert made.public_key.startswith(first[1])
        rotated = world.run(rotate_key(node, place.ssh(NAME), None))
        assert rotated.installed and not rotated.rotating
        [second] = other.installed.keys.values()
        assert rotated.public_key.startswith(second[1]) and second != first
        removal = world.run(disconnect_repository(node, place.ssh(NAME), anyway=False))
        assert (removal.by_hand, other.installed.keys) == ((), {})
        assert world.run(sign_out(node, kind))
    assert world.picture() == before


def test_a_key_of_ones_own_takes_the_place_of_one_that_is_installed(
    world: World, node: Node, place: Forge, api: GitHubForge
) -> None:
    place.repository(NAME).commit(plain_app("'open'"))
    mine = new_key_pair("mine")
    with place.speaking_ssh() as host_key:
        install(world, node, place, host_key)
        api.installed.keys[99] = (NAME, " ".join(mine.public.split()[:2]))
        place.add_key(mine.public, NAME)
        own = ConnectionRequest(address=place.ssh(NAME), host_key=host_key, key=mine.private)
        assert not world.run(connect_repository(node, own)).installed
        assert list(api.installed.keys) == [99]
        with pytest.raises(UsageError, match="Another key is kept"):
            install(world, node, place, host_key)
        checked = world.run(check_repository(node, place.ssh(NAME)))
        assert checked.contact is not None and not checked.contact.error
    removal = world.run(disconnect_repository(node, place.ssh(NAME), anyway=False))
    assert (removal.by_hand, list(api.installed.keys)) == ((), [99])


def test_a_second_rotation_takes_back_the_key_that_never_opened_anything(
    world: World, node: Node, place: Forge, api: GitHubForge
) -> None:
    place.repository(NAME).commit(plain_app("'open'"))
    with place.speaking_ssh() as host_key:
        install(world, node, place, host_key)
    first = set(api.installed.keys)
    for _ in range(2):
        # the repository does not answer
        assert world.run(rotate_key(node, place.ssh(NAME), None)).rotating
        assert len(api.installed.keys) == 2 and first < set(api.installed.keys)
    removal = world.run(disconnect_repository(node, place.ssh(NAME), anyway=False))
    assert (removal.by_hand, api.installed.keys) == ((), {})


@pytest.mark.parametrize("lost", [1, 2])
def test_a_key_whose_installation_got_no_answer_is_looked_for(
    world: World, node: Node, place: Forge, api: GitHubForge, lost: int
) -> None:
    place.repository(NAME).commit(plain_app("'open'"))
    with place.speaking_ssh() as host_key:
        api.installed.lost = lost
        with pytest.raises(ForgeUnreachable) as told:
            install(world, node, place, host_key)
        kept = node.connections.all()
        if lost == 1:
            # it was found by its public half, and taken back
            assert (kept, api.installed.keys) == ([], {})
        else:
            assert len(api.installed.keys) == len(kept) == 1
            assert "is not known" in told.value.why
        made = install(world, node, place, host_key)
        assert made.installed and made.contact is not None and not made.contact.error
        [installed] = api.installed.keys.values()
        assert made.public_key.startswith(installed[1])
        api.installed.lost = lost
        with pytest.raises(ForgeUnreachable):
            world.run(rotate_key(node, place.ssh(NAME), None))
        assert len(api.installed.keys) == lost
    removal = world.run(disconnect_repository(node, place.ssh(NAME), anyway=False))
    assert (removal.by_hand, api.installed.keys, node.connections.all()) == ((), {}, [])


def test_what_github_refuses_leaves_nothing(
    world: World, node: Node, place: Forge, api: GitHubForge
) -> None:
    place.repository(NAME).commit(plain_app("'open'"))
    api.gone = True
    with place.speaking_ssh() as host_key:
        with pytest.raises(ForgeUnreachable):
            install(world, node, place, host_key)
        assert node.connections.all() == []
        api.gone = False
        made = install(world, node, place, host_key)
        api.gone = True
        with pytest.raises(ForgeError):
            world.run(rotate_key(node, place.ssh(NAME), None))
        [kept] = node.connections.all()
        assert (kept.public_key, kept.secret_before) == (made.public_key, None)
        # it still opens the repository
        checked = world.run(check_repository(node, place.ssh(NAME)))
        assert checked.contact is not None and not checked.contact.error
    removal = world.run(disconnect_repository(node, place.ssh(NAME), anyway=False))
    [told] = removal.by_hand
    assert f"https://{ADDRESS}/{NAME}/settings/keys" in told
    assert node.connections.all() == []
