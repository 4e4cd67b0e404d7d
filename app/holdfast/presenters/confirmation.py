"""What is asked before a verb that nothing undoes: the name of what it is done to, typed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Confirmation:
    """heading: above what will happen. warning: beneath the field."""

    verb: str
    name: str
    heading: str
    warning: str

    @property
    def act(self) -> str:
        return f"{self.verb} {self.name}"

    @property
    def keep(self) -> str:
        return f"Keep {self.name}"

    @property
    def ask(self) -> str:
        return f"Type {self.name} to confirm"

    def is_given(self, typed: str) -> bool:
        return typed.strip() == self.name
