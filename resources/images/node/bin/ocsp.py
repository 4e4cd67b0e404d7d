"""Asks CAs whether the edge's certificates are still good, so that it can show visitors the answer.

ocsp.py beside FOLDER   puts what is known beside the certificates of a configuration that is about
                        to be used
ocsp.py ask             asks for what is due, and gives it to the edge as it runs

It is about certificates that were imported or come from an ACME server, and that name a responder.
What was answered last is kept in /keys/ocsp.json, by the certificate's SHA-256: answer (DER, in
base64), and failed, since when there is none and why. OpenSSL asks, and checks the signature. What
is good, and in its time, is shown to visitors; a certificate that was revoked is served without.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from served import KEYS, SERVED, held_still

_KEPT = KEYS / "ocsp.json"
_MASTER = "/keys/master"
_SECONDS = 10
#: Of an answer that does not say until when it is good.
_UNTIL = timedelta(hours=12)
#: One that sends an answer drop by drop is left as well.
_PATIENCE = ("timeout", str(3 * _SECONDS))
_ASK = (*_PATIENCE, "openssl", "ocsp", "-no_nonce", "-timeout", str(_SECONDS), "-partial_chain")


@dataclass(frozen=True)
class Asked:
    """file: the certificate's, whose issuer and responder these are."""

    file: Path
    certificate: x509.Certificate
    issuer: x509.Certificate
    responder: str
    has_issuer: bool

    @property
    def key(self) -> str:
        return self.certificate.fingerprint(SHA256()).hex()


Kept = dict[str, dict[str, object]]


def main() -> int:
    if sys.argv[1] == "beside":
        # waits for nobody who asks: the edge is about to change its routes
        put_beside(KEYS / sys.argv[2])
        return 0
    with (KEYS / "asking").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ask()
    return 0


def put_beside(folder: Path) -> None:
    for stale in (*folder.glob("*/*.pem.ocsp"), *folder.glob("*/*.pem.issuer")):
        stale.unlink()
    kept = read_kept()
    for asked in all_asked(folder):
        if not asked.has_issuer:
            write(Path(f"{asked.file}.issuer"), asked.issuer.public_bytes(Encoding.PEM))
        # without an answer an empty file: one can be given later
        write(Path(f"{asked.file}.ocsp"), good(kept.get(asked.key, {})) or b"")


def ask() -> None:
    kept = read_kept()
    known: Kept = {}
    with held_still():
        served = list(all_asked(SERVED))
    for asked in served:
        entry = kept.get(asked.key, {})
        if is_due(entry):
            entry = answered(asked, entry)
        known[asked.key] = entry
        if answer := good(entry):
            # the worker may have been begun without it
            tell(f"@1 set ssl ocsp-response {base64.b64encode(answer).decode()}")
    write(_KEPT, json.dumps(known).encode())


def all_asked(folder: Path) -> Iterator[Asked]:
    roots = certificates(folder / "visitors-ca.pem")
    for line in (folder / "certs.list").read_text().splitlines():
        name = line.partition(" ")[0]
        if name.startswith(("own/", "acme/")):
            chain = certificates(folder / name)
            found = responder_of(chain[0]) if chain else None
            issuer = issuer_of(chain[0], [*chain[1:], *roots]) if found else None
            if found and issuer:
                yield Asked(folder / name, chain[0], issuer, found, issuer in chain)


def certificates(file: Path) -> list[x509.Certificate]:
    """None where there is something else: an ACME client may show what it likes."""
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError):
        return []


def responder_of(certificate: x509.Certificate) -> str | None:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except (x509.ExtensionNotFound, ValueError):
        return None
    places = (
        each.access_location.value
        for each in access.value
        if each.access_method == x509.AuthorityInformationAccessOID.OCSP
        and isinstance(each.access_location, x509.UniformResourceIdentifier)
    )
    return next((place for place in places if place.startswith(("http://", "https://"))), None)


def issuer_of(
    certificate: x509.Certificate, among: list[x509.Certificate]
) -> x509.Certificate | None:
    for each in among:
        try:
            certificate.verify_directly_issued_by(each)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return each
    return None


def answered(asked: Asked, before: dict[str, object]) -> dict[str, object]:
    """What is known after asking. An answer of before stays until there is another one."""
    with tempfile.TemporaryDirectory(dir="/keys") as made:
        place = Path(made)
        issuer, leaf, got = (str(place / name) for name in ("issuer.pem", "leaf.pem", "got.der"))
        write(Path(issuer), asked.issuer.public_bytes(Encoding.PEM))
        write(Path(leaf), asked.certificate.public_bytes(Encoding.PEM))
        whom = ("-issuer", issuer, "-CAfile", issuer, "-no-CApath", "-no-CAstore", "-cert", leaf)
        done = subprocess.run(
            [*_ASK, *whom, "-url", asked.responder, "-respout", got],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
        if "Response verify OK" in done.stderr and Path(got).exists():
            answer = Path(got).read_bytes()
            read = read_answer(answer)
            if read is not None and until(read) > datetime.now(UTC):
                return {"answer": base64.b64encode(answer).decode(), "failed": None}
            why = "Its answer is out of time."
        else:
            why = complaint(done.stderr)
    failed = before.get("failed")
    since = failed["since"] if isinstance(failed, dict) else datetime.now(UTC).isoformat()
    return {"answer": before.get("answer"), "failed": {"since": since, "why": why}}


def complaint(said: str) -> str:
    """OpenSSL's reasons, without the numbers before them."""
    lines = [line.split(":") for line in said.splitlines() if ":error:" in line]
    told = [": ".join(part for part in line[5:6] + line[8:] if part) for line in lines]
    return "; ".join(dict.fromkeys(told))[:400] or said.strip()[-400:] or "no answer in time"


def is_due(entry: dict[str, object]) -> bool:
    """Once half of the time is over for which the last answer is good. A CA may not know yet what
    it has just issued: it is asked again at once."""
    read = read_answer(answer_of(entry))
    if read is None or entry.get("failed"):
        return True
    if read.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        return True
    begun = read.this_update_utc
    return datetime.now(UTC) >= begun + (until(read) - begun) / 2


def good(entry: dict[str, object]) -> bytes | None:
    answer = answer_of(entry)
    read = read_answer(answer)
    if read is None or read.certificate_status is not ocsp.OCSPCertStatus.GOOD:
        return None
    return answer if until(read) > datetime.now(UTC) else None


def answer_of(entry: dict[str, object]) -> bytes:
    return base64.b64decode(str(entry.get("answer") or ""))


def read_answer(answer: bytes) -> ocsp.OCSPResponse | None:
    """None where it says nothing of the certificate."""
    try:
        read = ocsp.load_der_ocsp_response(answer)
    except ValueError:
        return None
    return read if read.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL else None


def until(read: ocsp.OCSPResponse) -> datetime:
    return read.next_update_utc or read.this_update_utc + _UNTIL


def read_kept() -> Kept:
    kept: Kept = json.loads(_KEPT.read_text()) if _KEPT.exists() else {}
    return kept


def write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def tell(words: str) -> None:
    with socket.socket(socket.AF_UNIX) as master:
        master.settimeout(_SECONDS)
        master.connect(_MASTER)
        master.sendall(f"{words}\n".encode())
        master.shutdown(socket.SHUT_WR)
        while master.recv(65536):
            pass


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
