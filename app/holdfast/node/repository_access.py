"""What a fetch container is handed to reach one repository: files in its RAM, and nothing else."""

from __future__ import annotations

from urllib.parse import quote

from holdfast.domain.connection import Connection, CredentialKind
from holdfast.domain.container import PushedFile
from holdfast.domain.host_keys import known_hosts, known_name
from holdfast.domain.repository import RepositoryAddress
from holdfast.node.connections import Reach

_FOLDER = "access"
#: As fetch.sh knows them, below /mnt/job.
_KEY, _KEY_BEFORE, _KNOWN_HOSTS, _TOKEN, _CERTIFICATES = (
    f"{_FOLDER}/{name}"
    for name in ("key", "key-before", "known_hosts", "credentials", "certificates.pem")
)


def access_files(address: RepositoryAddress, reach: Reach) -> list[PushedFile]:
    """All of them, empty where there is nothing: what another repository needed is overwritten."""
    connection = reach.connection
    contents = dict.fromkeys((_KEY, _KEY_BEFORE, _TOKEN), b"")
    contents[_CERTIFICATES] = reach.certificates.encode()
    contents[_KNOWN_HOSTS] = known_hosts(known_name(address), reach.host_keys).encode()
    if connection is not None and connection.secret is not None:
        if connection.credential is CredentialKind.TOKEN:
            contents[_TOKEN] = _token_line(address, connection)
        else:
            contents[_KEY] = connection.secret.reveal()
            before = connection.secret_before
            contents[_KEY_BEFORE] = before.reveal() if before else b""
    return [PushedFile(path, content, 0o600) for path, content in contents.items()]


def _token_line(address: RepositoryAddress, connection: Connection) -> bytes:
    """As git-credential-store(1) keeps it: it is given to this host alone."""
    assert connection.secret is not None
    place = address.url.removeprefix("https://").partition("/")[0]
    token = quote(connection.secret.reveal(), safe="")
    return f"https://{quote(connection.user, safe='')}:{token}@{place}\n".encode()
