"""A node whose Holdfast was upgraded: the image of the new version is not there yet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from keeping import keeping
from world import Repository, World, plain_app

from holdfast.domain.app import AppState
from holdfast.domain.keeping import NewsKind
from holdfast.domain.names import AppName
from holdfast.operations.keep_node import duties_of, keep_node
from holdfast.ports import ImageMissing

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP = AppName("kept-on")


def test_it_is_told_and_a_connected_desktop_makes_it(
    world: World, new_repository: Callable[[], Repository]
) -> None:
    repository = new_repository()
    repository.commit(plain_app("'here'"))
    world.deploy(repository, APP)
    try:
        world.api.remove_image(world.node.images.node_image, force=True)
        with pytest.raises(ImageMissing, match="holdfast node start"):
            world.run(world.desk.stop(APP))
        assert world.state(APP) is AppState.RUNNING
        with keeping(keep_node(world.node, lambda node: duties_of(node, unseal=False))) as keeper:
            keeper.wait_for(NewsKind.DONE, "Make the node's image")
        world.run(world.desk.stop(APP))
        assert world.state(APP) is AppState.STOPPED
    finally:
        world.make_images("3.13")
        world.remove(APP)
