"""Where an app's visitor certificate comes from, and the choice of another source, in words."""

from __future__ import annotations

from holdfast.domain.acme import LETS_ENCRYPT, AcmeServer, parse_acme
from holdfast.domain.certificate import CertificateRole, CertificateSource, WatchedCertificate
from holdfast.domain.errors import UsageError
from holdfast.presenters.own_certificate import covered

TITLE = "Where it comes from"
SERVER = "ACME server"
SERVER_HINT = LETS_ENCRYPT
EMAIL = "It may write to"
EMAIL_HINT = "Nobody"
CHOOSE_CA = "CA of a private server…"
AGREE = "I have read the server's terms, and agree to them"
GET = "Get it from this server"
RENEW = "Renew it now"
DROP = "Back to Holdfast's own CA"
_SENTENCES = {
    CertificateSource.INTERNAL: (
        "Holdfast's own CA made it, and browsers have to trust that. An ACME server, such as Let's"
        " Encrypt, gives one that they trust already, once it has reached this host's name on"
        " port 80 and found this node there. The node renews it by itself. One that another CA"
        " gave you can be imported."
    ),
    CertificateSource.ACME: (
        "An ACME server gave it. Its key and the account lie in the app's encrypted volume. The"
        " node renews it by itself, while the app is unsealed."
    ),
}


def can_choose(row: WatchedCertificate) -> bool:
    """Whether another source is offered."""
    return row.role is CertificateRole.VISITORS and row.app is not None


def sentence(row: WatchedCertificate) -> str:
    if row.source is CertificateSource.OWN:
        return (
            f"It was imported, and covers {covered(row.certificate.names)}. Its key lies in the"
            " keychain. Holdfast does not renew it: replace it before it ends. For one of an ACME"
            " server, go back to Holdfast's own CA first."
        )
    return _SENTENCES[row.source]


def parsed(directory: str, email: str, roots: bytes = b"") -> tuple[AcmeServer | None, str]:
    """What was written, or what is wrong with it."""
    try:
        return parse_acme(directory.strip() or LETS_ENCRYPT, email.strip(), roots), ""
    except UsageError as error:
        return None, f"{error.what} {error.why}".strip()
