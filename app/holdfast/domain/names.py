"""Names and labels of everything that we own on an engine, spelled here and nowhere else."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from typing import NewType
from urllib.parse import unquote

import idna

from holdfast.domain.errors import UsageError

AppName = NewType("AppName", str)
HostName = NewType("HostName", str)

LABEL_APP = "holdfast.app"
LABEL_ROLE = "holdfast.role"
LABEL_RELEASE = "holdfast.release"
LABEL_HOST = "holdfast.host"
LABEL_NODE = "holdfast.node"
LABEL_PORT = "holdfast.port"
LABEL_UID = "holdfast.uid"
LABEL_OPERATION = "holdfast.operation"
LABEL_BY = "holdfast.by"
LABEL_SINCE = "holdfast.since"
LABEL_PROVEN = "holdfast.proven"
LABEL_PROOF = "holdfast.proof"

#: Roles of containers that end with the operation that needs them.
SHORT_LIVED = frozenset({"fetch", "build", "packages", "firewall", "rekey", "sweeper"})

PREFIX = "holdfast-"
EDGE = "holdfast-edge"
EDGE_KEYS = "holdfast-edge-keys"
#: Where the ACME clients show the edge what they got, in RAM.
EDGE_ACME = "holdfast-edge-acme"
JOBS = "holdfast-jobs"
NODE_VOLUME = "holdfast-node"
#: Keeps, as a label, what was proven on the engine.
PROVEN_VOLUME = "holdfast-probe"
#: An app that never is: under its name an engine is tried.
PROBE = AppName("probe")
#: The app with marks in it that a proof deploys, and the name under which one proof is made.
PROOF, PROVING = AppName("proof"), AppName("proving")
SEARCH = "holdfast-search"
CONTROL = "holdfast-control"
#: An image of one container, which must not outlive a proof.
CONTROL_IMAGE = "holdfast/control:latest"
KEYS = "holdfast-keys"
KEYS_INBOX = "holdfast-keys-inbox"
#: `holdfast-keys-lock`, under which an admin is revoked; no app has this name.
KEYS_LOCK = AppName("keys")

#: 40 characters leave room for `holdfast-APP-proxy-RELEASE` within a 63-character host name.
_APP = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
#: `holdfast-edge`, `holdfast-jobs` and others of these are ours.
_RESERVED = frozenset({"edge", "jobs", "node", "keys", "probe", PROOF, PROVING})


def parse_app_name(text: str) -> AppName:
    """Return `text` as an app's name, or raise UsageError."""
    if not _APP.fullmatch(text) or "--" in text:
        raise UsageError(
            f"“{text[:60]}” cannot be an app's name.",
            "A name has 1 to 40 lower-case letters, digits and single hyphens, "
            "and begins and ends with a letter or digit.",
            "Choose another with --name.",
        )
    if text in _RESERVED:
        raise UsageError(
            f"“{text}” cannot be an app's name.", "Holdfast uses it itself.", "Choose another."
        )
    return AppName(text)


def parse_host_name(text: str) -> HostName:
    """Return `text` as a DNS host name (RFC 1123, lower case; an international one by its IDNA
    form), or raise UsageError."""
    host = text.lower().rstrip(".")
    if not host.isascii():
        # what is none is refused below, as it was typed
        with suppress(idna.IDNAError):
            host = idna.encode(host, uts46=True).decode()
    labels = host.split(".")
    if len(host) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(part) for part in labels):
        raise UsageError(
            f"“{text[:80]}” is not a host name.",
            "It needs at least two parts of letters, digits and hyphens, such as sales.localhost.",
            "Choose another name.",
        )
    return HostName(host)


def propose_app_name(repository: str) -> AppName:
    """Make a valid name out of a repository's address: its last part, tidied."""
    last = repository.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1].removesuffix(".git")
    plain = unicodedata.normalize("NFKD", unquote(last).casefold()).encode("ascii", "ignore")
    tidy = re.sub(r"[^a-z0-9]+", "-", plain.decode()).strip("-")[:40].strip("-")
    if not tidy or tidy in _RESERVED:
        tidy = f"{tidy}-app".strip("-")
    return AppName(tidy)


def cipher_volume(app: AppName) -> str:
    """The one that an app begins with."""
    return f"{PREFIX}{app}-cipher"


def next_cipher_volume(app: AppName, volume: str) -> str:
    """The one that takes the place of `volume`: cipher, cipher-2, cipher-3 and so on."""
    first = cipher_volume(app)
    number = volume.removeprefix(first).removeprefix("-")
    return f"{first}-{int(number or 1) + 1}"


def key_volume(app: AppName) -> str:
    return f"{PREFIX}{app}-keys"


def mounter(app: AppName) -> str:
    return f"{PREFIX}{app}-volume"


def lock(app: AppName) -> str:
    return f"{PREFIX}{app}-lock"


def seal(app: AppName) -> str:
    return f"{PREFIX}{app}-seal"


def acme(app: AppName) -> str:
    return f"{PREFIX}{app}-acme"


def network(app: AppName) -> str:
    return f"{PREFIX}{app}"


def sidecar(app: AppName, release: str) -> str:
    return f"{PREFIX}{app}-proxy-{release}"


def sidecar_keys(app: AppName, release: str) -> str:
    return f"{PREFIX}{app}-proxy-keys-{release}"


def runner(app: AppName, release: str) -> str:
    return f"{PREFIX}{app}-run-{release}"


def ram_volume(app: AppName, purpose: str, release: str) -> str:
    return f"{PREFIX}{app}-{purpose}-{release}"


def task(app: AppName, role: str) -> str:
    """A short-lived container: fetch, build, packages, rekey, sweeper."""
    return f"{PREFIX}{app}-{role}"


def firewall(guarded: str) -> str:
    """What closes the firewall of a container. Several of an app are closed side by side."""
    return f"{guarded}-firewall"


def plain_view_root(app: AppName) -> str:
    """Where the engine's host shares this app's decrypted views, in RAM on systemd hosts."""
    return f"/run/holdfast/{app}"


def labels(app: AppName, role: str, **more: str) -> dict[str, str]:
    """The labels that every object of an app carries; `more` by short name (release=…)."""
    return {
        LABEL_APP: app,
        LABEL_ROLE: role,
        **{f"holdfast.{key}": value for key, value in more.items()},
    }


def cipher_labels(app: AppName, uid: int) -> dict[str, str]:
    """Of a volume that is made. That of a proof's app says so: an earlier release let users take
    the name for an app of theirs."""
    made_for = {LABEL_PROOF: "yes"} if app == PROOF else {}
    return {**labels(app, "cipher", uid=str(uid)), **made_for}
