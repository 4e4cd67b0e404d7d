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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from holdfast.domain.errors import HoldfastError, KeyMissing, NotLetIn, ProofUnknown
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
#: The named volume that the key opens; left out for the one that an app begins with.
CIPHER = "cipher"
#: The key of the volume that takes the place of that one, see `reencryption`.
NEXT_KEY = "next-volume-key"
#: What the volume is being given for a key, see `key_change`: one of the two opens it.
CHANGED_KEY = "changed-volume-key"
SECRETS = "secrets.toml"
BEFORE = "secrets-before.toml"
CERTIFICATE = "certificate.json"
#: Who may visit the app, and the CA that issues its visitors' certificates.
ACCESS = "access.json"
#: The host names that it has beside its main one.
NAMES = "names.json"

_ROSTER = "recipients.json"
_PROOF = "proof-of-origin"
_PROOF_BEFORE = "proof-of-origin-before"
_RENEWAL = "renewal.json"
_ITEM = "admin"


@dataclass(frozen=True, slots=True)
class Admin:
    """This workstation: its identity, and the proof that all files of the node hold. next: the
    one that it is about to write into them, should it have been killed meanwhile."""

    identity: Secret
    proof: Secret
    next: Secret | None = None

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
class Renewal:
    """A revocation that is not finished. revoked: whose admission ended. recipient: theirs.
    authorities: how many of the steps are done by which the authorities are replaced. volumes:
    the app and the named volume that the revoked admin's key opens. accesses: the app and the mark
    of the visitors' CA whose key they had."""

    revoked: str
    recipient: str
    volumes: Mapping[str, str]
    authorities: int = 0
    accesses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shelf:
    """All files as of one reading. node: the opened `node.age`, without what the rest tells.
    proof_before: what files may hold too that were not yet written anew since a revocation."""

    contents: Mapping[str, bytes] = field(repr=False)
    admin: Admin
    roster: Roster
    node: Mapping[str, Secret]
    renewal: Renewal | None = None
    proof_before: Secret | None = None

    def open(self, name: str, identity: Secret | None = None) -> dict[str, Secret] | None:
        """None if there is no such file. identity: another one that opens it, the kit's say.
        Raises WrongIdentity."""
        if name not in self.contents:
            return None
        proofs = [proof for proof in (self.admin.proof, self.proof_before) if proof is not None]
        return open_file(name, self.contents[name], identity or self.admin.identity, proofs)


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
            opened = decrypt(NODE, contents[NODE], admin.identity)
        except WrongIdentity:
            raise _not_let_in() from None
        proof = opened.get(_PROOF)
        if proof is None or proof not in (admin.proof, admin.next):
            raise _unknown_proof()
        return read_node(contents, replace(admin, proof=proof, next=None), opened)

    def admin(self) -> Admin | None:
        try:
            item = json.loads(self._keychain.read(self._service(), _ITEM).reveal())
        except KeyMissing:
            return None
        following = Secret(item["next"].encode()) if "next" in item else None
        identity, proof = (Secret(item[part].encode()) for part in ("identity", "proof"))
        return Admin(identity, proof, following)

    def enlist(self, proof: Secret | None = None) -> Admin:
        """This workstation's identity, kept in its keychain; made if there is none. proof: what
        the node's files hold, None if there are none yet."""
        known = self.admin()
        wanted = Admin(
            known.identity if known else new_identity(),
            proof or Secret(secrets.token_hex(32).encode()),
        )
        if known != wanted:
            self.keep_admin(wanted)
        return wanted

    def keep_admin(self, admin: Admin) -> None:
        parts = {"identity": admin.identity, "proof": admin.proof, "next": admin.next}
        item = {name: part.reveal().decode() for name, part in parts.items() if part is not None}
        self._keychain.write(self._service(), _ITEM, Secret(json.dumps(item).encode()))

    def put(self, shelf: Shelf, name: str, files: Mapping[str, Secret]) -> None:
        """Write a file to all of the roster. Raises AppBusy if it or the roster has changed since
        the shelf was read."""
        content = encrypt(name, {**files, _PROOF: shelf.admin.proof}, shelf.roster.recipients)
        seen = {NODE: shelf.contents.get(NODE), name: shelf.contents.get(name)}
        self.files.replace(name, content, seen)

    def put_node(self, shelf: Shelf) -> None:
        """Write who can open the files, and the authorities: from then on all goes to them.
        shelf: as it was read, with what shall be otherwise."""
        files = {**shelf.node, _ROSTER: _json(asdict(shelf.roster))}
        if shelf.renewal is not None:
            files[_RENEWAL] = _json(asdict(shelf.renewal))
        if shelf.proof_before is not None:
            files[_PROOF_BEFORE] = shelf.proof_before
        self.put(shelf, NODE, files)


def open_file(
    name: str, content: bytes, identity: Secret, proofs: Sequence[Secret]
) -> dict[str, Secret]:
    """The files in one of ours, which has to hold one of these proofs. Raises WrongIdentity;
    HoldfastError for one that nobody wrote who may."""
    opened = decrypt(name, content, identity)
    if opened.pop(_PROOF, None) not in proofs:
        raise not_ours(name)
    return opened


def proof_in(opened: Mapping[str, Secret]) -> Secret:
    return opened[_PROOF]


def read_node(contents: Mapping[str, bytes], admin: Admin, opened: Mapping[str, Secret]) -> Shelf:
    """What is read out of an opened `node.age`."""
    told = json.loads(opened[_ROSTER].reveal())
    roster = Roster(told["kit"], told["confirmed"], told["admins"], told.get("kit_proof", ""))
    ours = (_ROSTER, _PROOF, _PROOF_BEFORE, _RENEWAL)
    node = {path: file for path, file in opened.items() if path not in ours}
    renewal = Renewal(**json.loads(opened[_RENEWAL].reveal())) if _RENEWAL in opened else None
    return Shelf(contents, admin, roster, node, renewal, opened.get(_PROOF_BEFORE))


def _json(value: object) -> Secret:
    return Secret(json.dumps(value, indent=1).encode())


def not_ours(name: str) -> HoldfastError:
    return HoldfastError(
        f"The node's key file of {name} was not written by an admin.",
        "It can be opened, and lacks the proof that all others hold: somebody put it there.",
        "Look at who can write to the node's disk. Nothing was taken from that file.",
    )


def _unknown_proof() -> HoldfastError:
    return ProofUnknown(
        "This workstation does not know who wrote the node's keys.",
        "They hold another proof of origin than its keychain: an admin was revoked, or somebody"
        " who is none wrote them.",
        "If an admin was revoked, let it in with the new recovery kit: holdfast kit open",
    )


def _not_let_in() -> NotLetIn:
    return NotLetIn(
        "This workstation cannot open the node's keys.",
        "Its keychain holds no identity that the node's files were encrypted to.",
        "Let it in with the recovery kit: holdfast kit open",
    )
