"""What is wrong with a certificate and its chain, in words. The verdict is cryptography's; the
words are for what its few sentences do not tell apart. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from holdfast.node.certificate_facts import hash_words, names_of, title

_LEAST_RSA_BITS = 2048
_FORGEABLE = ("MD5", "SHA-1")
#: More than a chain of any public authority has.
_LONGEST = 8


def server_fault(
    chain: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    host: str,
    now: datetime,
) -> str:
    """Why a client of `host` that trusts `roots` refuses this chain; "" if it does not. chain:
    as it is served, the certificate itself first."""
    leaf = chain[0]
    return (
        _own_fault(leaf, now)
        or _names_fault(leaf, host)
        or _purpose_fault(leaf, ExtendedKeyUsageOID.SERVER_AUTH, "a TLS server")
        or _chain_fault(chain, roots, now)
        or _verdict(chain, roots, host, now)
    )


def client_fault(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], now: datetime
) -> str:
    """The same of a client's certificate, which a server with `roots` looks at."""
    return (
        _own_fault(chain[0], now)
        or _purpose_fault(chain[0], ExtendedKeyUsageOID.CLIENT_AUTH, "a TLS client")
        or _chain_fault(chain, roots, now)
        or _verdict(chain, roots, None, now)
    )


def authority_fault(authority: x509.Certificate, root: x509.Certificate, now: datetime) -> str:
    """Why an authority of ours cannot be relied upon."""
    if fault := _own_fault(authority, now) or _own_fault(root, now):
        return fault
    return "" if _issued(authority, root) else f"“{title(root.subject)}” did not sign it."


def covers(leaf: x509.Certificate, host: str) -> bool:
    """Whether a browser takes it for this host: exactly, or by one star for the first part."""
    wanted = host.lower()
    star = "*." + wanted.partition(".")[2]
    return any(name.lower() in (wanted, star) for name in names_of(leaf))


def issuer_among(
    last: x509.Certificate, roots: Sequence[x509.Certificate]
) -> x509.Certificate | None:
    """The root that is the last of a chain, or issued it."""
    if last in roots:
        return last
    return next((root for root in roots if _issued(last, root)), None)


def _own_fault(leaf: x509.Certificate, now: datetime, of: str = "It") -> str:
    if now < leaf.not_valid_before_utc:
        return f"{of} is not valid before {leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC."
    if now >= leaf.not_valid_after_utc:
        return f"{of} expired on {leaf.not_valid_after_utc:%Y-%m-%d %H:%M} UTC."
    key = leaf.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _LEAST_RSA_BITS:
        return f"{of} has an RSA key of {key.key_size} bits, and {_LEAST_RSA_BITS} are the least."
    if (used := hash_words(leaf)) in _FORGEABLE:
        return f"{of} is signed with {used}, which can be forged."
    return ""


def _names_fault(leaf: x509.Certificate, host: str) -> str:
    try:
        leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return "It has no subject alternative names, and nothing else tells whom it is for."
    if covers(leaf, host):
        return ""
    told = names_of(leaf)
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""
    return f"It is for {', '.join(told[:3])}{more}, and not for {host}."


def _purpose_fault(leaf: x509.Certificate, wanted: x509.ObjectIdentifier, words: str) -> str:
    if _is_authority(leaf):
        return "It is an authority's own certificate, which no server or client should use."
    try:
        uses = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        uses = x509.ExtendedKeyUsage([])
    return "" if wanted in uses else f"It does not say that it may be used by {words}."


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return found.value.ca


def _chain_fault(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], now: datetime
) -> str:
    if len(chain) > _LONGEST:
        return f"Its chain holds {len(chain)} certificates; {_LONGEST} are the most."
    leaf, *above = chain
    if leaf in roots:
        return ""
    if leaf.subject == leaf.issuer:
        return "It is signed by itself: no authority vouches for it."
    for below, issuer in zip(chain, above, strict=False):
        if not _issued(below, issuer):
            return _order_fault(chain, below, issuer)
        if not _is_authority(issuer):
            return f"Its issuer “{title(issuer.subject)}” is no authority."
        if fault := _own_fault(issuer, now, f"Its issuer “{title(issuer.subject)}”"):
            return fault
    last = chain[-1]
    if issuer_among(last, roots) is not None:
        return ""
    if last.subject == last.issuer:
        return f"Its root “{title(last.subject)}” is not trusted here."
    return f"Its chain is incomplete: the certificate of “{title(last.issuer)}” is missing."


def _order_fault(
    chain: Sequence[x509.Certificate], below: x509.Certificate, issuer: x509.Certificate
) -> str:
    if any(_issued(below, other) for other in chain if other is not below):
        return "Its chain is in the wrong order: each certificate has to come before its issuer's."
    if any(_issued(other, below) for other in chain if other is not below):
        return "Its chain is in the wrong order: the certificate itself has to come first."
    return (
        f"Its chain is incomplete: “{title(issuer.subject)}” did not issue what stands before it,"
        f" and the certificate of “{title(below.issuer)}” is missing."
    )


def _issued(below: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        below.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _verdict(
    chain: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    host: str | None,
    now: datetime,
) -> str:
    if not roots:
        return "No authority is known that could vouch for it."
    leaf, *above = chain
    policy = PolicyBuilder().store(Store(list(roots))).time(now)
    try:
        if host is None:
            policy.build_client_verifier().verify(leaf, above)
        else:
            policy.build_server_verifier(_subject(host)).verify(leaf, above)
    except VerificationError as error:
        return f"Its chain does not verify: {str(error).partition(' (encountered')[0]}."
    return ""


def _subject(host: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
