"""The age files of a node, opened with this workstation's own identity: what every admin and the
recovery kit can read.

`node.age` says who that is, and holds the authorities; `APP.age` an app's volume key and secrets.
Each holds the same random proof of origin, which nobody knows who cannot open one of them: age
itself does not tell who wrote a file, and whoever can write to the node's disk could else add a
recipient of their own, or secrets.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

from holdfast.domain.errors import HoldfastError, KeyMissing, NotLetIn
from holdfast.domain.secret import Secret
from holdfast.node.age_file import (
    WrongIdentity,
    decrypt,
    encrypt,
    new_identity,
    recipient_of,
)
from holdfast.node.key_files import KeyFiles
from holdfast.ports import Keychain

NODE = "node"
VOLUME_KEY = "volume-key"
SECRETS = "secrets.toml"
BEFORE = "secrets-before.toml"
CERTIFICATE = "certificate.json"

_ROSTER = "recipients.json"
_PROOF = "proof-of-origin"
_ITEM = "admin"


@dataclass(frozen=True, slots=True)
class Admin:
    """This workstation: its identity, and the proof that all files of the node hold."""

    identity: Secret
    proof: Secret

    @property
    def recipient(self) -> str:
        return recipient_of(self.identity)


@dataclass(frozen=True, slots=True)
class Roster:
    """Who can open the node's files. kit: a recipient. admins: recipient to whose it is.
    kit_proof: what only the kit's identity makes out of the proof of origin."""

    kit: str
    confirmed: bool
    admins: Mapping[str, str]
    kit_proof: str

    @property
    def recipients(self) -> tuple[str, ...]:
        return (self.kit, *self.admins)


@dataclass(frozen=True, slots=True)
class Shelf:
    """All files as of one reading. node: the opened `node.age`, without what is told by roster."""

    contents: Mapping[str, bytes] = field(repr=False)
    admin: Admin
    roster: Roster
    node: Mapping[str, Secret]

    def open(self, name: str) -> dict[str, Secret] | None:
        """None if there is no such file. Raises WrongIdentity."""
        if name not in self.contents:
            return None
        return open_file(name, self.contents[name], self.admin.identity, self.admin.proof)


class SharedKeys:
    """service: the keychain's service of this node."""

    def __init__(self, keychain: Keychain, service: Callable[[], str], files: KeyFiles) -> None:
        self._keychain = keychain
        self._service = service
        self.files = files

    def look(self) -> Shelf | None:
        """None where the node has no recovery kit. Raises NotLetIn."""
        contents = self.files.read()
        if NODE not in contents:
            return None
        admin = self.admin()
        if admin is None:
            raise _not_let_in()
        try:
            opened = open_file(NODE, contents[NODE], admin.identity, admin.proof)
        except WrongIdentity:
            raise _not_let_in() from None
        return Shelf(contents, admin, *read_node(opened))

    def admin(self) -> Admin | None:
        try:
            item = json.loads(self._keychain.read(self._service(), _ITEM).reveal())
        except KeyMissing:
            return None
        return Admin(Secret(item["identity"].encode()), Secret(item["proof"].encode()))

    def enlist(self, proof: Secret | None = None) -> Admin:
        """This workstation's identity, kept in its keychain; made if there is none. proof: what
        the node's files hold, None if there are none yet."""
        known = self.admin()
        wanted = Admin(
            known.identity if known else new_identity(),
            proof or Secret(secrets.token_hex(32).encode()),
        )
        if known != wanted:
            item = {
                "identity": wanted.identity.reveal().decode(),
                "proof": wanted.proof.reveal().decode(),
            }
            self._keychain.write(self._service(), _ITEM, Secret(json.dumps(item).encode()))
        return wanted

    def put(self, shelf: Shelf, name: str, files: Mapping[str, Secret]) -> None:
        """Write a file to all of the roster. Raises AppBusy if it or the roster has changed since
        the shelf was read."""
        content = encrypt(name, {**files, _PROOF: shelf.admin.proof}, shelf.roster.recipients)
        seen = {NODE: shelf.contents.get(NODE), name: shelf.contents.get(name)}
        self.files.replace(name, content, seen)

    def put_node(self, shelf: Shelf, roster: Roster, node: Mapping[str, Secret]) -> None:
        """Write who can open the files, and the authorities: from then on all goes to them."""
        told = {**asdict(roster), "admins": dict(roster.admins)}
        text = Secret(json.dumps(told, indent=1).encode())
        written = Shelf(shelf.contents, shelf.admin, roster, node)
        self.put(written, NODE, {**node, _ROSTER: text})


def open_file(
    name: str, content: bytes, identity: Secret, proof: Secret | None
) -> dict[str, Secret]:
    """The files in one of ours. proof: None where it is not known yet. Raises WrongIdentity;
    HoldfastError for one that nobody wrote who may."""
    opened = decrypt(name, content, identity)
    if proof is not None and opened.pop(_PROOF, None) != proof:
        raise not_ours(name)
    return opened


def proof_in(opened: Mapping[str, Secret]) -> Secret:
    return opened[_PROOF]


def read_node(opened: Mapping[str, Secret]) -> tuple[Roster, dict[str, Secret]]:
    """The roster, and the rest of `node.age`."""
    told = json.loads(opened[_ROSTER].reveal())
    rest = {path: file for path, file in opened.items() if path not in (_ROSTER, _PROOF)}
    return Roster(told["kit"], told["confirmed"], told["admins"], told.get("kit_proof", "")), rest


def not_ours(name: str) -> HoldfastError:
    return HoldfastError(
        f"The node's key file of {name} was not written by an admin.",
        "It can be opened, and lacks the proof that all others hold: somebody put it there.",
        "Look at who can write to the node's disk. Nothing was taken from that file.",
    )


def _not_let_in() -> NotLetIn:
    return NotLetIn(
        "This workstation cannot open the node's keys.",
        "Its keychain holds no identity that the node's files were encrypted to.",
        "Let it in with the recovery kit: holdfast kit open",
    )
