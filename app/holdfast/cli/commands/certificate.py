"""holdfast certificate: what the node proves itself with, and how long it lasts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from holdfast.cli import terminal
from holdfast.cli.failures import (
    MONITOR_CRITICAL,
    MONITOR_UNKNOWN,
    MONITOR_WARNING,
    Interrupted,
    NotAllWell,
)
from holdfast.cli.forms.certificate import (
    authority_form,
    certificate_check_form,
    certificates_form,
    imported_form,
    renewed_form,
    trusted_form,
)
from holdfast.cli.given import given_document, given_passphrase
from holdfast.cli.session import Json, Node, Session, group, session_of
from holdfast.cli.tables.certificate import (
    account_line,
    certificate_check_table,
    certificates_table,
    trouble_line,
)
from holdfast.domain.acme import LETS_ENCRYPT, parse_acme
from holdfast.domain.certificate import CertificateFiles, Certificates, CertificateState
from holdfast.domain.errors import HoldfastError, UsageError, reason_of
from holdfast.domain.names import parse_app_name
from holdfast.domain.secret import Secret
from holdfast.presenters.certificates import summary_line, trusted_line
from holdfast.presenters.quantities import count

application = group("The certificates that the node depends on.")


@application.command("list")
def list_certificates(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """List all certificates, each verified and compared with what is served right now."""
    session = session_of(context, json, node)
    found = session.ask(session.desk.certificates())
    session.show(certificates_form(found), certificates_table(found))


@application.command()
def check(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """For a monitor: status 0 all well, 1 near the end, 2 in trouble, 3 could not be asked."""
    session = session_of(context, json, node)
    found = _ask(session)
    form, human = certificate_check_form(found), certificate_check_table(found)
    for account in found.troubled_accounts:
        worst, summary = account_line(account), summary_line(found)
        session.fail(NotAllWell(form, summary, worst, "", MONITOR_CRITICAL), human)
    for state, status in (
        (CertificateState.TROUBLE, MONITOR_CRITICAL),
        (CertificateState.SOON, MONITOR_WARNING),
    ):
        if rows := found.in_state(state):
            worst = trouble_line(rows[0], found.looked)
            next_step = "Renew what can be: holdfast certificate renew"
            session.fail(NotAllWell(form, summary_line(found), worst, next_step, status), human)
    session.show(form, human)


def _ask(session: Session) -> Certificates:
    try:
        return session.ask(session.desk.certificates())
    except (Interrupted, UsageError):
        raise
    except HoldfastError as error:
        raise NotAllWell({}, error.what, error.why, error.next, MONITOR_UNKNOWN) from error


@application.command()
def renew(
    context: typer.Context,
    app: Annotated[
        str | None, typer.Argument(metavar="[APP]", help="Whose comes from an ACME server.")
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Only those of whose life two thirds are over.")
    ] = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Renew all certificates that Holdfast makes, or an app's of an ACME server; no open
    connection ends."""
    session = session_of(context, json, node)
    if app is not None:
        got, _ = session.carry_out(session.desk.renew_acme(parse_app_name(app)))
        session.show(imported_form(got), f"It is served now, until {got.not_after:%Y-%m-%d}.")
        return
    renewed, _ = session.carry_out(session.desk.renew_certificates(due))
    number = count(len(renewed.renewed), "certificate")
    words = f"{number} renewed." if renewed.renewed else "No certificate had to be renewed."
    session.show(renewed_form(renewed), words)


@application.command("export-ca")
def export_ca(
    context: typer.Context,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it to this file, not here.")
    ] = None,
    json: Json = False,
    node: Node = None,
) -> None:
    """Write the CA that browsers have to trust, as PEM."""
    session = session_of(context, json, node)
    authority = session.ask(session.desk.export_authority())
    if save is not None:
        _save(save, authority.pem)
    saved = str(save.absolute()) if save else None
    if session.json:
        terminal.write_json(authority_form(authority, saved))
    elif saved is None:
        terminal.write_page(authority.pem)
    else:
        terminal.write(f"The CA is in {saved}. Its SHA-256: {authority.sha256}")


@application.command()
def trust(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """Let this user's browsers trust the CA; where that cannot be done, say how."""
    session = session_of(context, json, node)
    trusted, _ = session.carry_out(session.desk.trust_authority())
    session.show(trusted_form(trusted), "\n".join((trusted_line(trusted), *trusted.steps)))


def _save(file: Path, pem: str) -> None:
    try:
        file.write_text(pem)
    except OSError as error:
        raise HoldfastError(
            f"The CA could not be written to {file}.", reason_of(error), "Name another place."
        ) from error


@application.command("import")
def import_certificate(
    context: typer.Context,
    app: Annotated[str, typer.Argument(metavar="APP", help="The app's name.", show_default=False)],
    certificate: Annotated[
        str,
        typer.Argument(metavar="CERT", help="Its chain in PEM, or PKCS#12.", show_default=False),
    ],
    key: Annotated[str | None, typer.Argument(metavar="KEY", help="Its key in PEM.")] = None,
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Ask for one, or read it from standard input.")
    ] = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Check a certificate of your own, and serve it to the app's visitors."""
    session = session_of(context, json, node)
    files = CertificateFiles(
        given_document(certificate),
        Secret(given_document(key)) if key else None,
        given_passphrase() if passphrase else None,
    )
    imported, _ = session.carry_out(session.desk.import_certificate(parse_app_name(app), files))
    words = f"It is served now, until {imported.not_after:%Y-%m-%d}. Holdfast does not renew it."
    session.show(imported_form(imported), words)


@application.command()
def acme(
    context: typer.Context,
    app: Annotated[str, typer.Argument(metavar="APP", help="The app's name.", show_default=False)],
    agree_tos: Annotated[
        bool, typer.Option("--agree-tos", help="You agree to the terms of the ACME server.")
    ] = False,
    directory: Annotated[
        str, typer.Option(metavar="URL", help="The ACME server's directory.")
    ] = LETS_ENCRYPT,
    email: Annotated[
        str, typer.Option(metavar="E-MAIL", help="Where the server may write to.")
    ] = "",
    ca_file: Annotated[
        str | None, typer.Option(metavar="PEM", help="The CAs of a private server.")
    ] = None,
    json: Json = False,
    node: Node = None,
) -> None:
    """Get the app's certificate from an ACME server, Let's Encrypt's unless you name another; the
    node renews it by itself."""
    session = session_of(context, json, node)
    if not agree_tos:
        raise UsageError(
            f"The terms of the ACME server at {directory} are not agreed to.",
            "It gives certificates only to those who agree to them, and they are yours to read.",
            "Read them, then say --agree-tos.",
        )
    roots = given_document(ca_file) if ca_file else b""
    server = parse_acme(directory, email, roots)
    got, _ = session.carry_out(session.desk.use_acme(parse_app_name(app), server))
    words = f"It is served now, until {got.not_after:%Y-%m-%d}. The node renews it by itself."
    session.show(imported_form(got), words)


@application.command()
def drop(
    context: typer.Context,
    app: Annotated[str, typer.Argument(metavar="APP", help="The app's name.", show_default=False)],
    json: Json = False,
    node: Node = None,
) -> None:
    """Delete a certificate that was imported or comes from an ACME server; one of the node's own
    CA is served then."""
    session = session_of(context, json, node)
    session.carry_out(session.desk.drop_certificate(parse_app_name(app)))
    session.show({"app": app}, "A certificate of the node's own CA is served now.")
