"""A node's verbs by title and lane; what carries them out is loaded when the first one runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Steps
from holdfast.domain.recovery_kit import KIT_LANE

if TYPE_CHECKING:
    from holdfast.domain.requests import Deployed, DeployRequest
    from holdfast.operations.node_desk import NodeDesk

Given = ParamSpec("Given")
Result = TypeVar("Result")


def _verb(
    title: str, target: str, choose: Callable[[NodeDesk], Callable[Given, Operation[Result]]]
) -> Callable[Concatenate[LazyDesk, Given], Operation[Result]]:
    """{0} in title and target is what the verb is given first, by its place and not by name."""

    def verb(lazy: LazyDesk, /, *given: Given.args, **named: Given.kwargs) -> Operation[Result]:
        return lazy._deferred(
            title.format(*given),
            target.format(*given),
            lambda desk: choose(desk)(*given, **named),
        )

    return verb


class LazyDesk:
    """open: loads the desk that knows how. The window is painted before that has begun."""

    def __init__(self, open: Callable[[], NodeDesk]) -> None:
        self._open = open

    def _deferred(
        self, title: str, target: str, choose: Callable[[NodeDesk], Operation[Result]]
    ) -> Operation[Result]:
        def body(cancel: CancelToken) -> Steps[Result]:
            return (yield from choose(self._open()).body(cancel))

        return Operation(title, target, body)

    def unseal(self, app: AppName | None = None) -> Operation[None]:
        title = f"Unseal {app or 'the node'}"
        return self._deferred(title, app or "node", lambda desk: desk.unseal(app))

    def deploy(self, request: DeployRequest) -> Operation[Deployed]:
        name = request.name or request.repository
        return self._deferred(f"Deploy {name}", name, lambda desk: desk.deploy(request))

    watch = _verb("Watch the node", "watch", lambda desk: desk.watch)
    keep = _verb("Keep the node", "keep", lambda desk: desk.keep)
    list = _verb("List the apps", "list", lambda desk: desk.list)
    start_node = _verb("Start the node", "node", lambda desk: desk.start_node)
    status = _verb("Look at the node", "status", lambda desk: desk.status)
    seal = _verb("Seal the node", "node", lambda desk: desk.seal)
    publication = _verb(
        "Look where visitors reach the node", "publication", lambda desk: desk.publication
    )
    publish = _verb("Publish the node", "node", lambda desk: desk.publish)
    inspect = _verb("Read the repository", "inspect", lambda desk: desk.inspect)

    repositories = _verb("List the repositories", "repositories", lambda desk: desk.repositories)
    connect_repository = _verb(
        "Connect the repository", "repositories", lambda desk: desk.connect_repository
    )
    check_repository = _verb(
        "Test the repository", "repositories", lambda desk: desk.check_repository
    )
    rotate_key = _verb("Rotate the key", "repositories", lambda desk: desk.rotate_key)
    disconnect_repository = _verb(
        "Disconnect the repository", "repositories", lambda desk: desk.disconnect_repository
    )

    sign_in = _verb("Sign in", "forge", lambda desk: desk.sign_in)
    sign_out = _verb("Sign out", "forge", lambda desk: desk.sign_out)
    account = _verb("Ask about the token", "forge", lambda desk: desk.account)
    forge_hosts = _verb("Look where you are signed in", "forge", lambda desk: desk.forge_hosts)
    search = _verb("Search for a repository", "forge/search", lambda desk: desk.search)

    stop = _verb("Stop {0}", "{0}", lambda desk: desk.stop)
    start = _verb("Start {0}", "{0}", lambda desk: desk.start)
    restart = _verb("Restart {0}", "{0}", lambda desk: desk.restart)
    roll_back = _verb("Roll back {0}", "{0}", lambda desk: desk.roll_back)
    update = _verb("Update {0}", "{0}", lambda desk: desk.update)
    remove = _verb("Remove {0}", "{0}", lambda desk: desk.remove)
    follow = _verb("Follow the branch of {0}", "{0}", lambda desk: desk.follow)
    pin = _verb("Pin {0}", "{0}", lambda desk: desk.pin)
    unpin = _verb("Unpin {0}", "{0}", lambda desk: desk.unpin)
    check_branch = _verb("Check the branch of {0}", "branch/{0}", lambda desk: desk.check_branch)
    branch = _verb("Read the branch of {0}", "branch/{0}", lambda desk: desk.branch)
    releases = _verb("Read the releases of {0}", "releases/{0}", lambda desk: desk.releases)
    compare = _verb("Compare releases of {0}", "releases/{0}", lambda desk: desk.compare)
    follow_logs = _verb("Follow the log of {0}", "logs/{0}", lambda desk: desk.follow_logs)
    read_logs = _verb("Read the log of {0}", "logs/{0}", lambda desk: desk.read_logs)
    verify = _verb("Verify {0}", "verify/{0}", lambda desk: desk.verify)
    prove = _verb("Prove {0}", "proof", lambda desk: desk.prove)
    last_proof = _verb("Read the last proof of {0}", "proof/{0}", lambda desk: desk.last_proof)

    volume = _verb("Look at the volume of {0}", "volume/{0}", lambda desk: desk.volume)
    volumes = _verb("Look at the volumes", "volumes", lambda desk: desk.volumes)
    verify_volume = _verb("Verify the volume of {0}", "volume/{0}", lambda desk: desk.verify_volume)
    change_key = _verb("Change the key of {0}", "{0}", lambda desk: desk.change_key)

    secrets = _verb("Read the secrets of {0}", "secrets/{0}", lambda desk: desk.secrets)
    import_secrets = _verb("Import the secrets of {0}", "{0}", lambda desk: desk.import_secrets)
    edit_secrets = _verb("Save the secrets of {0}", "{0}", lambda desk: desk.edit_secrets)
    set_secret = _verb("Set a secret of {0}", "{0}", lambda desk: desk.set_secret)
    unset_secret = _verb("Unset a secret of {0}", "{0}", lambda desk: desk.unset_secret)
    undo_secrets = _verb("Undo the secrets of {0}", "{0}", lambda desk: desk.undo_secrets)

    telemetry = _verb("Read the telemetry of {0}", "telemetry/{0}", lambda desk: desk.telemetry)
    set_telemetry = _verb("Set the telemetry of {0}", "{0}", lambda desk: desk.set_telemetry)
    set_page_sources = _verb(
        "Set the page sources of {0}", "{0}", lambda desk: desk.set_page_sources
    )

    figures = _verb("Read the figures of {0}", "figures/{0}", lambda desk: desk.figures)
    follow_figures = _verb(
        "Follow the figures of {0}", "figures/{0}", lambda desk: desk.follow_figures
    )
    keep_figures = _verb("Change the figures of {0}", "{0}", lambda desk: desk.keep_figures)
    delete_figures = _verb("Delete the figures of {0}", "{0}", lambda desk: desk.delete_figures)

    certificates = _verb("Look at the certificates", "certificates", lambda desk: desk.certificates)
    renew_certificates = _verb(
        "Renew the certificates", "certificates", lambda desk: desk.renew_certificates
    )
    export_authority = _verb("Export the CA", "certificates", lambda desk: desk.export_authority)
    trust_authority = _verb("Trust the CA", "certificates", lambda desk: desk.trust_authority)
    import_certificate = _verb(
        "Import a certificate for {0}", "{0}", lambda desk: desk.import_certificate
    )
    use_acme = _verb("Get a certificate for {0}", "{0}", lambda desk: desk.use_acme)
    renew_acme = _verb("Renew the certificate of {0}", "{0}", lambda desk: desk.renew_acme)
    drop_certificate = _verb(
        "Drop the certificate of {0}", "{0}", lambda desk: desk.drop_certificate
    )

    names = _verb("Look at the names of {0}", "names/{0}", lambda desk: desk.names)
    change_names = _verb("Change the names of {0}", "{0}", lambda desk: desk.change_names)

    access = _verb("Look who may visit {0}", "access/{0}", lambda desk: desk.access)
    set_access = _verb("Set the access of {0}", "{0}", lambda desk: desk.set_access)
    issue_visitor = _verb("Issue a certificate for {0}", "{0}", lambda desk: desk.issue_visitor)
    revoke_visitor = _verb("Revoke a certificate of {0}", "{0}", lambda desk: desk.revoke_visitor)

    kit = _verb("Look at the recovery kit", KIT_LANE, lambda desk: desk.kit)
    create_kit = _verb("Make the recovery kit", KIT_LANE, lambda desk: desk.create_kit)
    check_kit = _verb("Check the recovery kit", KIT_LANE, lambda desk: desk.check_kit)
    show_kit = _verb("Show the recovery kit", KIT_LANE, lambda desk: desk.show_kit)
    open_kit = _verb("Open the recovery kit", KIT_LANE, lambda desk: desk.open_kit)
    admins = _verb("Look at who can open the node's files", "admins", lambda desk: desk.admins)
    revoke_admin = _verb("Revoke {0}", KIT_LANE, lambda desk: desk.revoke_admin)
