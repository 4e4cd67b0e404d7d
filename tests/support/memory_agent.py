"""An ssh agent that holds keys and speaks to nobody."""

from __future__ import annotations

from contextlib import AbstractContextManager

from holdfast.domain.ssh_agent import AgentKey, AgentSilent, SshPlace
from holdfast.ports import Speaking

_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIIVIC02vnjFyL{}RHfvIGNtOgJMe769ccccddddeee"
WORK = AgentKey("ssh-ed25519", _KEY.format("work"), "ada at work")
HOME = AgentKey("ssh-ed25519", _KEY.format("home"), "ada at home")


class MemoryAgent:
    """Of which there is none where it holds no key."""

    def __init__(self, *keys: AgentKey) -> None:
        self._keys = keys

    def held(self) -> tuple[AgentKey, ...]:
        if not self._keys:
            raise AgentSilent("There is no ssh agent here.", next="Start one: ssh-add")
        return self._keys

    def upload_pack(
        self, place: SshPlace, key: AgentKey, known_hosts: str
    ) -> AbstractContextManager[Speaking]:
        raise NotImplementedError
