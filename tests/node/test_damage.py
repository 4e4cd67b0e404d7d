"""An encrypted file is changed on the node's disk: the check of its volume names it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from vault import Vault
from world import World

from holdfast.domain import names
from holdfast.domain.container import VolumeMount
from holdfast.domain.names import AppName

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP = AppName("vault")
SIZE = 123_457
#: As gocryptfs keeps it: a header, and for each block of 4,096 bytes 32 more.
CIPHER_SIZE = 18 + SIZE + 32 * -(-SIZE // 4096)
#: One byte in the middle of the only file of that size becomes another.
FLIP = f"""
file=$(find /cipher -type f -size {CIPHER_SIZE}c)
byte=$(od -An -tu1 -j 60000 -N 1 "$file")
printf "\\\\$(printf %03o $((byte ^ 1)))" | dd of="$file" bs=1 seek=60000 conv=notrunc 2>/dev/null
echo "$file" | wc -w
"""


@pytest.fixture
def file(world: World, vault: Vault) -> Iterator[str]:
    """An app's file, by its path within the volume."""
    runner = names.runner(APP, vault.release)
    world.shell(runner, f"head -c {SIZE} /dev/zero >/data/ledger.db && sync /data/ledger.db")
    yield "data/ledger.db"
    world.shell(runner, "rm /data/ledger.db")
    assert world.run(world.desk.verify_volume(APP)).sound


def test_a_file_that_was_changed_is_named(world: World, file: str) -> None:
    assert world.run(world.desk.verify_volume(APP)).sound
    cipher = VolumeMount(names.cipher_volume(APP), "/cipher")
    changed = world.helper(FLIP, volumes=(cipher,), capabilities=("DAC_OVERRIDE",))
    assert changed == "1"
    found = world.run(world.desk.verify_volume(APP))
    assert (found.sound, found.damaged) == (False, (file,))
    assert found.summary == "1 file is damaged: what it holds is not what was written there."
