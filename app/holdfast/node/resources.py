"""The templates that travel with the program, filled in."""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from holdfast.shipped import RESOURCES

_templates = Environment(
    loader=FileSystemLoader(RESOURCES / "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render(template: str, **facts: object) -> str:
    """The text of a template of resources/templates. Nothing is escaped: check facts before."""
    return _templates.get_template(template).render(facts)
