"""What a deploy does about secrets that are committed, and says of those that are missing."""

from __future__ import annotations

from holdfast.domain.asked_secrets import (
    asked_secrets,
    committed_secrets,
    missing_secrets,
    worth_reading,
)
from holdfast.domain.names import AppName
from holdfast.domain.operation import Line, Steps
from holdfast.node.node import Node
from holdfast.node.sources import Sources, read_sources
from holdfast.node.volume import Volume

#: So many names are told; all of them are in the list of the app's secrets.
_TOLD = 8


def look_after_secrets(
    node: Node, name: AppName, volume: Volume, release: str, slot: str | None = None
) -> Steps[None]:
    """As `find_secrets`, of what git keeps of a release, told line by line. slot: where its
    checkout is, if not under its own id."""
    sources = read_sources(node, name, volume.uid, release, worth_reading)
    for line in find_secrets(node, name, volume, slot or release, sources):
        yield Line(line)


def find_secrets(
    node: Node, name: AppName, volume: Volume, slot: str, sources: Sources
) -> list[str]:
    """Leave committed secrets files out of the checkout in `slot`; what is to be told, of these and
    of secrets that the code lacks. sources: the texts of what is `worth_reading`.

    Releases of Streamlit that cannot be told where secrets lie prefer the repository's file.
    """
    committed = committed_secrets(sources.paths)
    told = []
    if committed:
        volume.discard(*(f"releases/{slot}/checkout/{path}" for path in committed))
        told.append(
            f"A secret is committed: {', '.join(committed)}. It is left out of what runs, but "
            "whoever reads the repository reads it: change its values, and remove it there."
        )
    asked = asked_secrets(sources.texts)
    missing = [m for m in missing_secrets(node.keys.secrets(name), asked) if not m.optional]
    if missing:
        first = ", ".join(f"{each.name} ({each.where})" for each in missing[:_TOLD])
        more = f" and {len(missing) - _TOLD} more" if len(missing) > _TOLD else ""
        told.append(
            f"The code asks for secrets that are not there: {first}{more}. "
            f"Set them with: holdfast secrets set {name} SECRET"
        )
    return told
