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
_USERS = {
    ExtendedKeyUsageOID.SERVER_AUTH: "a TLS server",
    ExtendedKeyUsageOID.CLIENT_AUTH: "a TLS client",
}
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
        _first_fault(chain)
        or _own_fault(leaf, now)
        or _authority_fault(leaf)
        or _names_fault(leaf, host)
        or _purpose_fault(leaf, ExtendedKeyUsageOID.SERVER_AUTH)
        or _chain_fault(chain, roots, now)
        or _verdict(chain, roots, host, now)
    )


def client_fault(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], now: datetime
) -> str:
    """The same of a client's certificate, which a server with `roots` looks at."""
    return (
        _first_fault(chain)
        or _own_fault(chain[0], now)
        or _authority_fault(chain[0])
        or _purpose_fault(chain[0], ExtendedKeyUsageOID.CLIENT_AUTH)
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


def linked(chain: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The first one, and of the others those that lead upwards from it, each before its issuer."""
    path, left = [chain[0]], [each for each in chain if each != chain[0]]
    while path[-1].subject != path[-1].issuer:
        issuer = next((each for each in left if _issued(path[-1], each)), None)
        if issuer is None:
            break
        path.append(issuer)
        left = [each for each in left if each != issuer]
    return path


def superfluous(chain: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """What stands in a chain and leads nowhere, or stands there twice."""
    left = list(chain)
    for each in linked(chain):
        left.remove(each)
    return left


def superfluous_words(chain: Sequence[x509.Certificate]) -> str:
    """What could be left out of a chain that is taken as it is; "" if nothing."""
    named = dict.fromkeys(f"“{title(each.subject)}”" for each in superfluous(chain))
    return f"Its chain holds more than it needs: {', '.join(named)}." if named else ""


def issuer_among(
    last: x509.Certificate, roots: Sequence[x509.Certificate]
) -> x509.Certificate | None:
    """The root that is the last of a chain, or issued it."""
    if last in roots:
        return last
    return next((root for root in roots if _issued(last, root)), None)


def root_above(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]
) -> x509.Certificate | None:
    """The root that a chain leads to; None if to none of these."""
    return next((root for each in linked(chain) if (root := issuer_among(each, roots))), None)


def _first_fault(chain: Sequence[x509.Certificate]) -> str:
    first, *above = chain
    if _is_authority(first) and not all(map(_is_authority, above)):
        return "Its chain is in the wrong order: the certificate itself has to come first."
    return ""


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


def _authority_fault(leaf: x509.Certificate) -> str:
    if _is_authority(leaf):
        return "It is an authority's own certificate, which no server or client should use."
    return ""


def _purpose_fault(leaf: x509.Certificate, wanted: x509.ObjectIdentifier) -> str:
    try:
        uses = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        uses = x509.ExtendedKeyUsage([])
    if wanted in uses:
        return ""
    missing = f"not say that it may be used by {_USERS[wanted]}."
    others = [told for use, told in _USERS.items() if use in uses]
    return f"It is for {others[0]}, and does {missing}" if others else f"It does {missing}"


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
    leaf = chain[0]
    if leaf in roots:
        return ""
    if leaf.subject == leaf.issuer:
        return "It is signed by itself: no authority vouches for it."
    path = linked(chain)
    places = [chain.index(each) for each in path]
    if places != sorted(places):
        return "Its chain is in the wrong order: each certificate has to come before its issuer's."
    for each in path:
        if each is not leaf:
            if not _is_authority(each):
                return f"Its issuer “{title(each.subject)}” is no authority."
            if fault := _own_fault(each, now, f"Its issuer “{title(each.subject)}”"):
                return fault
        if issuer_among(each, roots) is not None:
            return ""
    last = path[-1]
    if last.subject == last.issuer:
        return f"Its root “{title(last.subject)}” is not trusted here."
    others = [each for each in superfluous(chain) if each not in path]
    return _missing(last, others)


def _missing(last: x509.Certificate, others: Sequence[x509.Certificate]) -> str:
    """others: what stands in the chain beside those that lead up to the last."""
    missing = f"the certificate of “{title(last.issuer)}” is missing."
    if not others:
        return f"Its chain is incomplete: {missing}"
    told = f"“{title(others[0].subject)}” did not issue what stands before it"
    return f"Its chain is incomplete: {told}, and {missing}"


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
