"""Deploy: from a repository to a running release, the first or the next."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from holdfast.domain import names
from holdfast.domain.app import (
    AppConfiguration,
    Following,
    Release,
    ReleaseKind,
    Source,
)
from holdfast.domain.discovery import Project
from holdfast.domain.errors import HoldfastError
from holdfast.domain.frameworks import Framework
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Operation, Steps
from holdfast.domain.page_sources import PageSources
from holdfast.domain.pin import Pin, parse_pin
from holdfast.domain.python_version import choose_python
from holdfast.domain.repository import RepositoryAddress, parse_repository
from holdfast.domain.requests import Deployed, DeployRequest, unsent_line
from holdfast.domain.secrets_change import merge
from holdfast.domain.telemetry import Telemetry
from holdfast.node.acme import follow_host
from holdfast.node.beside import Beside
from holdfast.node.builder import add_packages, environment_inputs
from holdfast.node.fetcher import check_address
from holdfast.node.images import PYTHON_VERSIONS
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.probe import prove_engine
from holdfast.node.serving import end_pair
from holdfast.node.volume import Volume
from holdfast.operations.build_environment import (
    EnvironmentBuild,
    builder_ahead,
    known_environment,
)
from holdfast.operations.deploy_access import begin_access, reopen
from holdfast.operations.deploy_secrets import find_secrets
from holdfast.operations.deploy_target import Target, opened
from holdfast.operations.fetch_code import FetchedCode, fetch_code
from holdfast.operations.follow_statistics import follow_statistics
from holdfast.operations.pair_ahead import PairAhead
from holdfast.operations.step_times import StepTimes
from holdfast.operations.switch_release import switch_release
from holdfast.ports import EngineError

#: Releases that can be rolled back to, the one that serves among them.
KEPT_RELEASES = 10


def deploy_app(
    node: Node, request: DeployRequest, kind: ReleaseKind = ReleaseKind.DEPLOY
) -> Operation[Deployed]:
    """kind: as the release's history will tell it. Raises RepositoryError, DeployFailed, AppBusy,
    UsageError; see `switch_release`."""
    address = parse_repository(request.repository)
    if request.pin is not None:
        request = replace(request, pin=parse_pin(request.pin))
    name = names.parse_app_name(request.name or names.propose_app_name(address.url))
    return deploy_under(node, name, request, address, kind)


def deploy_under(
    node: Node,
    name: AppName,
    request: DeployRequest,
    address: RepositoryAddress,
    kind: ReleaseKind = ReleaseKind.DEPLOY,
) -> Operation[Deployed]:
    """The same under this name, which may be one of Holdfast's own."""

    def body(cancel: CancelToken) -> Steps[Deployed]:
        times = StepTimes(node.clock)
        yield times.enter("Prepare")
        yield from node.images.ensure_node_image(cancel)
        yield from prove_engine(node)
        check_address(node, address)
        with holding(node, name, "deploy"), opened(node, name, request, address) as target:
            if request.secrets is not None:
                node.keys.store_secrets(name, merge(node.keys.secrets(name), request.secrets))
            return (yield from _deploy(node, target, request, address, kind, times, cancel))

    return Operation(f"Deploy {name}", target=name, body=body)


def _deploy(
    node: Node,
    target: Target,
    request: DeployRequest,
    address: RepositoryAddress,
    kind: ReleaseKind,
    times: StepTimes,
    cancel: CancelToken,
) -> Steps[Deployed]:
    volume, before = target.volume, target.before
    release_id = f"{node.clock.now():%y%m%d%H%M%S}"
    serving = target.contents.current if before and before.wanted else None
    old = serving.slot if serving else None
    access = None
    try:
        yield times.enter("Fetch the code")
        with builder_ahead(node, target, request) as ahead, Beside() as beside:
            # firewalls ask for it, and it takes a container where this is the process's first verb
            beside.begin(lambda: node.host)
            pair = PairAhead(node, target.name, release_id, volume, beside)
            if before and serving:
                # what serves now tells what will, most of the time
                likely = replace(before, limits=target.limits(request), host_name=target.host_name)
                pair.begin_runner(likely, serving.image, serving.environment.digest)
            # what a killed deploy left
            beside.begin(lambda: volume.prune(target.contents.releases, release_id))
            found = fetch_code(node, target, request, address, release_id, beside, cancel)
            secrets = beside.begin(
                lambda: find_secrets(node, target.name, volume, release_id, found.sources)
            )
            yield Line(f"{found.wanted.name} is at {found.commit.id[:7]} {found.commit.message}")
            if found.uncommitted:
                yield Line(unsent_line(found.uncommitted))
            yield Line(found.project.dependencies.reason)
            wanted_python = request.python or (before.python if before else None)
            python = choose_python(wanted_python, found.project.python, list(PYTHON_VERSIONS))
            yield times.enter("Resolve dependencies")
            image = yield from _image(node, target.name, python, found.project, cancel)
            configuration = _configuration(target, request, address, found, release_id)
            if serving:
                pair.begin_runner(configuration, image)
            image_id = node.engine.image_id(image) or image
            inputs = environment_inputs(found.project, found.text, image_id, found.commit.id)
            environment = known_environment(target, inputs)
            # before anything of the repository is run: what is committed is left out by then
            for line in secrets():
                yield Line(line)
            if environment is None:
                build = EnvironmentBuild(node, target, release_id, image, beside)
                environment = yield from build.run(found.project, inputs, ahead, times, cancel)
            else:
                yield Line("Nothing that is installed has changed: the environment is used again.")
            release = Release(
                id=release_id,
                commit=found.commit,
                created=node.clock.now(),
                configuration=configuration,
                entrypoint=found.project.entrypoint.path,
                dependency_file=found.project.dependencies.path,
                python=python,
                framework=Framework.COMMAND if configuration.command else found.framework,
                application=found.project.entrypoint.application,
                command=configuration.command or found.project.entrypoint.command,
                environment=environment,
                image=image,
                kind=kind,
                by=node.by,
                statistics=found.project.statistics,
            )
            if before is None or before.source.repository != address.url:
                access = yield from begin_access(node.keys, target.name, address, node.clock.now())
            result = yield from switch_release(
                node, volume, configuration, release, old, times, cancel, pair
            )
    except BaseException:
        if before is not None and access is not None:
            reopen(node, volume, before, access)
        _forget_release(node, target, release_id)
        raise
    keep_releases(volume, release, target.contents.releases)
    before = target.contents.configuration
    if before is not None and before.host_name != configuration.host_name:
        follow_host(node, target.name, volume, configuration.host_name)
    yield from follow_statistics(node, target.contents.current, release)
    yield from _note_use(node, target.name, address)
    return replace(result, uncommitted=found.uncommitted)


def keep_releases(volume: Volume, release: Release, before: tuple[Release, ...]) -> None:
    """Only so many: the newest of those that were there, and the one that was made now."""
    volume.prune([release, *before[: KEPT_RELEASES - 1]])


def _note_use(node: Node, name: AppName, address: RepositoryAddress) -> Steps[None]:
    try:
        leaving = node.connections.leaving(name, stays=address)
        for told in node.forge_access.take_back(leaving):
            yield Line(told)
        node.connections.assign(name, address)
    except HoldfastError as error:
        # it serves, and goes on doing so
        yield Line(f"It was not noted that {name} uses the repository's credential: {error.what}")


def _image(
    node: Node, app: AppName, python: str, project: Project, cancel: CancelToken
) -> Steps[str]:
    image = yield from node.images.ensure_python_image(python, cancel)
    if project.packages:
        yield Line(f"Debian packages: {', '.join(project.packages)}")
        image = yield from add_packages(node, app, image, project.packages, cancel)
    return image


def _configuration(
    target: Target,
    request: DeployRequest,
    address: RepositoryAddress,
    found: FetchedCode,
    release_id: str,
) -> AppConfiguration:
    before = target.before
    return AppConfiguration(
        name=target.name,
        source=Source(
            repository=address.url,
            branch=found.branch,
            default_branch=found.default_branch,
            entrypoint=found.project.entrypoint.path,
        ),
        host_name=target.host_name,
        limits=target.limits(request),
        python=request.python or (before.python if before else None),
        command=target.command(request),
        uid=target.volume.uid,
        release=release_id,
        follow=_follow(before, request, found.pin),
        telemetry=before.telemetry if before else Telemetry.OFF,
        page=before.page if before else PageSources(),
    )


def _follow(before: AppConfiguration | None, request: DeployRequest, pin: Pin | None) -> Following:
    """As before; who names a branch to deploy follows that one from now on."""
    follow = before.follow if before else Following()
    if request.branch:
        follow = replace(follow, branch=None, failed=None)
    return replace(follow, pin=pin)


def _forget_release(node: Node, target: Target, release_id: str) -> None:
    volume = target.volume
    # should the volume be gone already, all of this went with it
    with suppress(HoldfastError, EngineError):
        contents = volume.contents()
        if contents.configuration is not None and contents.configuration.release == release_id:
            # it serves: what failed came after the switch
            return
        end_pair(node, target.name, release_id, volume)
        volume.prune(release for release in contents.releases if release.id != release_id)
