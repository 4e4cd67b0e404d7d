"""The templates that travel with the program, filled in."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from holdfast.shipped import RESOURCES

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **facts: object) -> str:
    """The text of a template of resources/templates. Nothing is escaped: check facts before."""
    return _templates().get_template(template).render(facts)


@cache
def _templates() -> Environment:
    # a window that only watches writes no proxy's configuration, and is spared 2 MB
    jinja2 = import_module("jinja2")
    made: Environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(RESOURCES / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return made
