"""An app's encrypted volume: one line in the list of all, and its own page."""

from __future__ import annotations

from holdfast.domain.node import VolumeFacts
from holdfast.presenters.quantities import size
from holdfast.presenters.rows import Cell, Column, Row
from holdfast.presenters.states import Look, Shape, Tone

SEALED = Look("Sealed", Shape.SQUARE, Tone.SEALED)
OPEN = Look("Unsealed", Shape.DISC, Tone.GOOD)
COLUMNS = (
    Column("App", 180, 3),
    Column("State", 120, 1),
    Column("Cipher", 140, 2),
    Column("On disk", 100, numeric=True),
    Column("Contents", 100, numeric=True),
)
CONTENT_COLUMNS = (Column("What is in it", 200, 3), Column("Size", 100, 1, numeric=True))
KEY = "Key"
CHANGE_KEY = "Change the key"
ABOUT_KEY = (
    "Another key opens the volume from then on. Its files stay as they are, and the app runs on."
)
KEY_CHANGED = (
    "The volume has a new key. Where there is a recovery kit, it and all admins have it too."
)
NO_REVOCATION = (
    "It shuts nobody out: whoever kept a copy of the volume's configuration file and its old key "
    "still opens what lies in it."
)
REVOKE_IN_WINDOW = "To shut an admin out, revoke them on the page Recovery kit."
REVOKE_BY_COMMAND = "To shut an admin out: holdfast kit revoke"
NOT_READ = "This volume is sealed: what is in it cannot be read."


def volume_look(volume: VolumeFacts) -> Look:
    return SEALED if volume.sealed else OPEN


def volume_row(volume: VolumeFacts) -> Row:
    look = volume_look(volume)
    inside = None if volume.sealed else sum(count for _, count in volume.contents)
    return Row(
        key=volume.app,
        cells=(
            Cell(volume.app, strong=True, order=volume.app),
            Cell(look.word, look=look, order=look.word),
            Cell(volume.cipher, order=volume.cipher),
            Cell(size(volume.cipher_bytes), order=volume.cipher_bytes or -1),
            Cell(size(inside), order=-1 if inside is None else inside),
        ),
        search=f"{volume.app} {look.word} {volume.cipher}".lower(),
    )


def volume_facts(volume: VolumeFacts) -> tuple[tuple[str, str], ...]:
    return (
        ("State", volume_look(volume).word),
        ("Cipher", volume.cipher),
        ("On disk", f"{size(volume.cipher_bytes)} of ciphertext"),
    )


def content_rows(volume: VolumeFacts) -> tuple[Row, ...]:
    return tuple(
        Row(name, (Cell(name.capitalize(), order=name), Cell(size(count), order=count)))
        for name, count in volume.contents
    )
