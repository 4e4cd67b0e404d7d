"""Asks an ACME server when it would have a certificate renewed (ARI, RFC 9773).

ari.py KEPT DIRECTORY CHAIN   asks, if it is time to, and keeps in the file KEPT as JSON what is
                              known: certificate (as ARI names it) and serial (hex), begins and
                              ends of the suggested window, at, a moment in it that was drawn once,
                              explanation (an address, or ""), again, when to ask next

What the server does not say is left out. So is everything about another certificate: a failure
leaves what was known of this one.
"""

from __future__ import annotations

import json
import sys
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from random import uniform

# certbot's own libraries
import requests
from acme import errors
from acme.client import ClientNetwork, ClientV2
from cryptography import x509
from josepy.errors import Error as JoseError

#: Where the server does not say when to ask again, or does not answer.
_USUAL = timedelta(hours=6)
_LEAST, _MOST = timedelta(minutes=1), timedelta(days=1)
_SECONDS = 30
_LONGEST = 300

Known = dict[str, str]


def main(kept: Path, directory: str, chain: Path) -> int:
    now = datetime.now(UTC)
    certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    name = name_of(certificate)
    if name is None:
        return 0
    known = read(kept, name)
    # a clock that was wrong may have put it too far ahead
    if "again" in known and now < datetime.fromisoformat(known["again"]) < now + _MOST:
        return 0
    known |= {"certificate": name, "serial": f"{certificate.serial_number:x}"}
    try:
        answer, known["again"] = asked(directory, name, now)
        known = taken(known, answer, certificate)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, errors.Error, JoseError):
        # requests' own errors are OSErrors; whatever it was, a third of the life is what counts
        known["again"] = (now + _USUAL).isoformat()
    part = kept.with_suffix(".part")
    part.write_text(json.dumps(known))
    part.replace(kept)
    return 0


def name_of(certificate: x509.Certificate) -> str | None:
    """None where it says too little to have one."""
    try:
        issuer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    if issuer.key_identifier is None:
        return None
    serial = certificate.serial_number
    # as it stands in the certificate: a number with a sign
    parts = (issuer.key_identifier, serial.to_bytes(serial.bit_length() // 8 + 1))
    return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def read(kept: Path, name: str) -> Known:
    try:
        known: Known = json.loads(kept.read_text())
    except (OSError, ValueError):
        return {}
    return known if known.get("certificate") == name else {}


def asked(directory: str, name: str, now: datetime) -> tuple[dict[str, object] | None, str]:
    """The answer, None from a server that has no such thing, and when to ask again."""
    network = ClientNetwork(None, timeout=_SECONDS, user_agent="holdfast")
    try:
        place = ClientV2.get_directory(directory, network)["renewalInfo"]
    except KeyError:
        return None, (now + _MOST).isoformat()
    answer = network.get(f"{place.rstrip('/')}/{name}")
    return answer.json(), (now + wait_of(answer, now)).isoformat()


def wait_of(answer: requests.Response, now: datetime) -> timedelta:
    """As its Retry-After says, in seconds or as a date, within reason."""
    told = answer.headers.get("Retry-After", "").strip()
    try:
        wait = timedelta(seconds=int(told)) if told.isdigit() else parsedate_to_datetime(told) - now
    except (ValueError, TypeError, OverflowError):
        return _USUAL
    return min(max(wait, _LEAST), _MOST)


def taken(known: Known, answer: dict[str, object] | None, certificate: x509.Certificate) -> Known:
    """Raises KeyError, TypeError, ValueError or AttributeError for an answer that is of no use."""
    plain = {name: known[name] for name in ("certificate", "serial", "again")}
    if answer is None:
        return plain
    window = answer["suggestedWindow"]
    begins, ends = (moment(window[name]) for name in ("start", "end"))
    if not begins < ends <= certificate.not_valid_after_utc:
        raise ValueError(window)
    drawn = known.get("at")
    same = (known.get("begins"), known.get("ends")) == (begins.isoformat(), ends.isoformat())
    if drawn is None or not same:
        drawn = (begins + (ends - begins) * uniform(0, 1)).isoformat()
    explanation = answer.get("explanationURL")
    told = explanation if isinstance(explanation, str) else ""
    is_address = told.startswith(("https://", "http://")) and len(told) <= _LONGEST
    return {
        **plain,
        "begins": begins.isoformat(),
        "ends": ends.isoformat(),
        "at": drawn,
        "explanation": told if is_address and told.isprintable() else "",
    }


def moment(told: str) -> datetime:
    """RFC 3339."""
    read = datetime.fromisoformat(told)
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
