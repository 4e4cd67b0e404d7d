"""Every container that a node runs, as data: what each may do can be read on this page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from holdfast.domain import names
from holdfast.domain.app import AppConfiguration
from holdfast.domain.container import Bind, ContainerSpec, RamVolume, VolumeMount
from holdfast.domain.names import AppName
from holdfast.node.firewall import LOAD_COMMAND
from holdfast.node.proxy_commands import EDGE_COMMAND, SIDECAR_COMMAND
from holdfast.node.proxy_configuration import PLAIN_PORT, TLS_PORT
from holdfast.node.scripts import PYTHON, SCRIPTS

MEBIBYTE = 1 << 20
GIBIBYTE = 1 << 30
#: The memory of a fetch container, its RAM volumes included.
FETCH_BYTES = 2 * GIBIBYTE

_INIT = ("/usr/bin/tini", "--")
_IDLE = (*_INIT, "/bin/sleep", "infinity")
#: It ends with the process that holds its standard input.
_HELD = (*_INIT, "/bin/cat")

#: The edge's own uid, and those of apps: the images name them all in /etc/passwd.
EDGE_UID = 700_000
APP_UIDS = range(700_001, 704_096)
#: The last of them is given to no app before all others are taken.
PROBE_UID = APP_UIDS[-1]

APP_PORT = 8501
#: Where an app listens whose volume was changed under its sidecar, and after the next change not.
OTHER_PORT = 8502
#: Where the app's user finds its home, and Streamlit its secrets.
HOME = "/home/app"
SECRETS_FOLDER = f"{HOME}/.streamlit"
SECRETS_FILE = f"{SECRETS_FOLDER}/secrets.toml"
#: Of a git server: fifteen seconds, or twenty with newer kernels.
_CONNECT_RETRIES = 3
#: The view of the whole volume that a copier is shown.
COPY_VIEW = "copy"
#: The view of its folder that an ACME client is shown, and where it shows the edge what it got: in
#: a folder per app, which that app's user writes and the edge's group reads.
ACME_VIEW = "acme"
SHOWN, EDGE_SHOWN = "/mnt/edge", "/mnt/acme"
_SHOWN = RamVolume(names.EDGE_ACME, {names.LABEL_ROLE: "edge"}, 8 * MEBIBYTE, EDGE_UID, "1777")
#: Where the key keeper has its volume, and what is about to be written to it.
KEY_FILES = "/mnt/keys"
KEY_INBOX = "/mnt/inbox"


@dataclass(frozen=True, slots=True)
class Part:
    """A container together with the RAM volumes that it needs, which are made before it. shared:
    those that others use as well, which are left as they are."""

    container: ContainerSpec
    ram: tuple[RamVolume, ...] = ()
    shared: tuple[RamVolume, ...] = ()


def mounter(app: AppName, uid: int, image: str, cipher: str | None = None) -> Part:
    """gocryptfs: SYS_ADMIN and /dev/fuse, no network, none of the app's code.

    SETUID, SETGID and CHOWN let it become the app's user, and take the bare mount points from
    that user. AppArmor's default profile forbids every mount. cipher: the named volume, if it is
    not the app's first.
    """
    labels = names.labels(app, "volume", uid=str(uid))
    keys = RamVolume(names.key_volume(app), labels, MEBIBYTE, uid=0, mode="0711")
    container = ContainerSpec(
        name=names.mounter(app),
        image=image,
        command=(*_INIT, f"{SCRIPTS}/volume.sh", "supervise", str(uid)),
        labels=labels,
        user="0:0",
        memory_bytes=256 * MEBIBYTE,
        capabilities=("SYS_ADMIN", "SETUID", "SETGID", "CHOWN"),
        devices=("/dev/fuse",),
        security=("apparmor=unconfined",),
        volumes=(
            VolumeMount(cipher or names.cipher_volume(app), "/cipher"),
            VolumeMount(keys.name, "/keys"),
        ),
        binds=(Bind(names.plain_view_root(app), "/mnt/shared", "rshared"),),
    )
    return Part(container, (keys,))


def copier(app: AppName, uid: int, image: str, cipher: str) -> Part:
    """A mounter of the volume that takes the place of the app's own, which it is shown read-only.
    Nobody else sees what it mounts."""
    of_mounter = mounter(app, uid, image, cipher).container
    labels = names.labels(app, "copy", uid=str(uid))
    keys = RamVolume(names.ram_volume(app, "keys", "copy"), labels, MEBIBYTE, uid=0, mode="0711")
    container = replace(
        of_mounter,
        name=names.task(app, "copy"),
        labels=labels,
        memory_bytes=512 * MEBIBYTE,
        volumes=(VolumeMount(cipher, "/cipher"), VolumeMount(keys.name, "/keys")),
        binds=(_view(app, COPY_VIEW, "/mnt/old"),),
    )
    return Part(container, (keys,))


def rekeyer(app: AppName, uid: int, image: str, cipher: str) -> Part:
    """Changes the key of a sealed volume. It mounts nothing, and needs no power for it. It ends
    with the desktop, and what it was given with it."""
    labels = names.labels(app, "rekey")
    keys = RamVolume(names.ram_volume(app, "keys", "rekey"), labels, MEBIBYTE, uid)
    container = ContainerSpec(
        name=names.task(app, "rekey"),
        image=image,
        command=_HELD,
        labels=labels,
        user=f"{uid}:{uid}",
        memory_bytes=128 * MEBIBYTE,
        volumes=(VolumeMount(cipher, "/cipher"), VolumeMount(keys.name, "/keys")),
    )
    return Part(container, (keys,))


def lock(app: AppName, image: str, operation: str, by: str, since: str) -> ContainerSpec:
    """The mutex of an app. It ends with the process that holds its standard input."""
    return ContainerSpec(
        name=names.lock(app),
        image=image,
        command=_HELD,
        labels=names.labels(app, "lock", operation=operation, by=by, since=since),
        user=f"{EDGE_UID}:{EDGE_UID}",
        memory_bytes=16 * MEBIBYTE,
    )


def seal(
    app: AppName, image: str, by: str, since: str, host: str | None, ciphers: Sequence[str]
) -> ContainerSpec:
    """Says that the app was sealed on purpose, by whom, and at which host visitors look for it; it
    never runs. It names the volumes, which an engine that is told to clear unused ones would take
    otherwise."""
    known = {"host": host} if host else {}
    return ContainerSpec(
        name=names.seal(app),
        image=image,
        command=("/bin/true",),
        labels=names.labels(app, "seal", by=by, since=since, **known),
        user=f"{EDGE_UID}:{EDGE_UID}",
        memory_bytes=16 * MEBIBYTE,
        volumes=tuple(VolumeMount(each, f"/mnt/{each}", read_only=True) for each in ciphers),
    )


def fetcher(
    app: AppName, uid: int, image: str, environment: Mapping[str, str], view: str | None
) -> Part:
    """git with the repository's address; sees the repository and the one checkout it fills.

    view: the name of the view to write to, or None to look at a repository in RAM alone.
    """
    labels = names.labels(app, "fetch")
    job = RamVolume(names.ram_volume(app, "job", "fetch"), labels, GIBIBYTE, uid)
    scratch = RamVolume(names.ram_volume(app, "tmp", "fetch"), labels, 256 * MEBIBYTE, uid)
    ram = [job, scratch]
    volumes = [VolumeMount(job.name, "/mnt/job"), VolumeMount(scratch.name, "/tmp")]
    if view is None:
        look = RamVolume(names.ram_volume(app, "look", "fetch"), labels, FETCH_BYTES, uid)
        ram.append(look)
        volumes.append(VolumeMount(look.name, "/mnt/fetch"))
    container = ContainerSpec(
        name=names.task(app, "fetch"),
        image=image,
        command=_HELD,
        labels=labels,
        user=f"{uid}:{uid}",
        memory_bytes=FETCH_BYTES,
        pids=256,
        network=names.JOBS,
        connect_retries=_CONNECT_RETRIES,
        environment=environment,
        volumes=tuple(volumes),
        binds=() if view is None else (_view(app, view, "/mnt/fetch"),),
    )
    return Part(container, tuple(ram))


def builder(app: AppName, uid: int, image: str, environment: Mapping[str, str], view: str) -> Part:
    """uv and mksquashfs. It runs foreign set-up code: the code read-only, one folder to write,
    no credential of the repository."""
    labels = names.labels(app, "build")

    def ram(purpose: str, size: int, executable: bool = False) -> RamVolume:
        name = names.ram_volume(app, purpose, "build")
        return RamVolume(name, labels, size, uid, executable=executable)

    job, scratch = ram("job", MEBIBYTE), ram("scratch", 4 * GIBIBYTE, executable=True)
    environment_files = ram("environment", 4 * GIBIBYTE, executable=True)
    container = ContainerSpec(
        name=names.task(app, "build"),
        image=image,
        command=_HELD,
        labels=labels,
        user=f"{uid}:{uid}",
        memory_bytes=6 * GIBIBYTE,
        pids=512,
        cpu_shares=256,
        network=names.JOBS,
        environment=environment,
        volumes=(
            VolumeMount(job.name, "/mnt/job"),
            VolumeMount(scratch.name, "/mnt/scratch"),
            VolumeMount(environment_files.name, "/mnt/app/environment"),
        ),
        binds=(_view(app, view, "/mnt/build"),),
        open_files=16384,
    )
    return Part(container, (job, scratch, environment_files))


def packages(app: AppName, image: str) -> Part:
    """apt for packages.txt: its own capabilities and a writable root, which becomes an image."""
    container = ContainerSpec(
        name=names.task(app, "packages"),
        image=image,
        command=_HELD,
        labels=names.labels(app, "packages"),
        user="0:0",
        memory_bytes=GIBIBYTE,
        pids=256,
        capabilities=("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID"),
        network=names.JOBS,
        read_only=False,
    )
    return Part(container)


def sidecar(app: AppName, release: str, uid: int, image: str, address: str) -> Part:
    """HAProxy before the app. It owns the network namespace that the app runs in."""
    labels = names.labels(app, "proxy", release=release)
    keys = RamVolume(names.sidecar_keys(app, release), labels, MEBIBYTE, uid)
    container = ContainerSpec(
        name=names.sidecar(app, release),
        image=image,
        command=SIDECAR_COMMAND,
        labels=labels,
        user=f"{uid}:{uid}",
        memory_bytes=64 * MEBIBYTE,
        network=names.network(app),
        address=address,
        volumes=(VolumeMount(keys.name, "/keys"),),
        health=("/usr/bin/test", "-e", "/keys/pid"),
    )
    return Part(container, (keys,))


def firewall(app: AppName, guarded: str, image: str) -> ContainerSpec:
    """Loads the nftables rules that it reads into the namespace of the container `guarded`, and
    goes."""
    return ContainerSpec(
        name=names.firewall(guarded),
        image=image,
        command=LOAD_COMMAND,
        labels=names.labels(app, "firewall"),
        user="0:0",
        memory_bytes=64 * MEBIBYTE,
        capabilities=("NET_ADMIN",),
        network=f"container:{guarded}",
    )


def runner(configuration: AppConfiguration, release: str, image: str, port: int = APP_PORT) -> Part:
    """The app: no capability, a read-only root, and everything writable RAM or encrypted."""
    app, uid, limits = configuration.name, configuration.uid, configuration.limits
    host = configuration.host_name
    labels = names.labels(app, "run", release=release, host=host, port=str(port))

    def ram(purpose: str, size: int) -> RamVolume:
        return RamVolume(names.ram_volume(app, purpose, release), labels, size, uid)

    launch, home = ram("launch", MEBIBYTE), ram("home", 64 * MEBIBYTE)
    # RAM volumes count against the memory limit
    scratch = ram("tmp", max(64 * MEBIBYTE, limits.memory_bytes // 4))
    container = ContainerSpec(
        name=names.runner(app, release),
        image=image,
        command=(*_INIT, *PYTHON, "-S", f"{SCRIPTS}/launch.py", "/mnt/launch"),
        labels=labels,
        user=f"{uid}:{uid}",
        memory_bytes=limits.memory_bytes,
        pids=limits.pids,
        cpus=limits.cpus,
        cpu_shares=1024,
        network=f"container:{names.sidecar(app, release)}",
        environment={"HOME": HOME},
        volumes=(
            VolumeMount(launch.name, "/mnt/launch"),
            VolumeMount(home.name, HOME),
            VolumeMount(scratch.name, "/tmp"),
        ),
        binds=(_view(app, run_view(release), "/mnt/app"),),
        health=("/usr/bin/test", "-e", "/mnt/launch/ready"),
    )
    return Part(container, (launch, home, scratch))


def acme(app: AppName, uid: int, image: str, environment: Mapping[str, str]) -> Part:
    """certbot with the network: sees its own folder of the app's volume, and writes to RAM what
    the edge shall serve. It listens nowhere, and stays while the app is unsealed."""
    labels = names.labels(app, "acme")
    scratch = RamVolume(names.ram_volume(app, "tmp", "acme"), labels, 64 * MEBIBYTE, uid)
    container = ContainerSpec(
        name=names.acme(app),
        image=image,
        command=(*_INIT, *PYTHON, f"{SCRIPTS}/acme.py", "keep"),
        labels=labels,
        user=f"{uid}:{uid}",
        memory_bytes=256 * MEBIBYTE,
        cpu_shares=256,
        network=names.JOBS,
        environment=environment,
        volumes=(VolumeMount(scratch.name, "/tmp"), VolumeMount(names.EDGE_ACME, SHOWN)),
        binds=(_view(app, ACME_VIEW, "/mnt/app"),),
    )
    return Part(container, (scratch,), (_SHOWN,))


def edge(
    image: str,
    address: str,
    published: str,
    ports: tuple[int, int],
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Part:
    """HAProxy before all apps. address: its own. published: the node's address on which visitors
    reach it; ports: there, for TLS and for plain HTTP. environment: the proxies by which it asks
    CAs."""
    labels = {names.LABEL_ROLE: "edge"}
    keys = RamVolume(names.EDGE_KEYS, labels, 8 * MEBIBYTE, EDGE_UID)
    container = ContainerSpec(
        name=names.EDGE,
        image=image,
        command=EDGE_COMMAND,
        labels=labels,
        user=f"{EDGE_UID}:{EDGE_UID}",
        # its workers, old ones too: see edge.cfg.j2
        memory_bytes=GIBIBYTE,
        pids=512,
        cpu_shares=1024,
        network=names.EDGE,
        address=address,
        environment=environment,
        ports={TLS_PORT: (published, ports[0]), PLAIN_PORT: (published, ports[1])},
        volumes=(
            VolumeMount(keys.name, "/keys"),
            VolumeMount(names.EDGE_ACME, EDGE_SHOWN),
        ),
        health=("/usr/bin/test", "-e", "/keys/pid"),
        open_files=16384,
    )
    return Part(container, (keys,), (_SHOWN,))


def key_keeper(image: str) -> Part:
    """Reads and writes what the recovery kit opens: ciphertext alone, no capability, no network.

    It stands there idly, so that nobody's clearing of unused volumes takes the one with the keys.
    """
    labels = {names.LABEL_ROLE: "keys"}
    inbox = RamVolume(names.KEYS_INBOX, labels, 32 * MEBIBYTE, uid=0)
    container = ContainerSpec(
        name=names.KEYS,
        image=image,
        command=_IDLE,
        labels=labels,
        user="0:0",
        memory_bytes=64 * MEBIBYTE,
        volumes=(VolumeMount(names.KEYS, KEY_FILES), VolumeMount(inbox.name, KEY_INBOX)),
    )
    return Part(container, (inbox,))


def sweeper(app: AppName, image: str) -> ContainerSpec:
    """Clears what a killed mounter left mounted under the shared folder on the host. It ends with
    the desktop."""
    return ContainerSpec(
        name=names.task(app, "sweeper"),
        image=image,
        command=_HELD,
        labels=names.labels(app, "sweeper"),
        user="0:0",
        memory_bytes=32 * MEBIBYTE,
        capabilities=("SYS_ADMIN", "DAC_OVERRIDE"),
        security=("apparmor=unconfined",),
        binds=(Bind("/run/holdfast", "/mnt/shared", "rshared"),),
    )


def host_probe(image: str) -> ContainerSpec:
    """Reads the addresses of the engine's host: in its network, without any capability, and no
    longer than the desktop that asks."""
    return ContainerSpec(
        name=f"{names.PREFIX}host-probe",
        image=image,
        command=_HELD,
        labels={names.LABEL_ROLE: "probe"},
        user=f"{EDGE_UID}:{EDGE_UID}",
        memory_bytes=32 * MEBIBYTE,
        network="host",
    )


def view_probe(image: str, view: str) -> ContainerSpec:
    """Looks at a view as an app would: its user, no capability, and nothing else."""
    return ContainerSpec(
        name=names.task(names.PROBE, "view"),
        image=image,
        command=_IDLE,
        labels=names.labels(names.PROBE, "probe"),
        user=f"{PROBE_UID}:{PROBE_UID}",
        memory_bytes=32 * MEBIBYTE,
        binds=(_view(names.PROBE, view, "/mnt/app"),),
    )


def rules_probe(image: str) -> ContainerSpec:
    """The firewall's own container, in a network namespace that nobody uses."""
    spec = firewall(names.PROBE, f"{names.PREFIX}{names.PROBE}", image)
    return replace(spec, network="none")


#: Where the search finds its marks, and below it the folders of the engine's host.
SEARCH_JOB = "/mnt/job"
SEARCHED = "/mnt/search"


def searcher(image: str, roots: Sequence[str], devices: Sequence[str] = ()) -> Part:
    """Reads every file that the engine keeps on the disk, and the command lines of its host. It
    ends with the desktop.

    It passes over permissions to read, writes nothing, and has no network. roots: folders and files
    of the host, bound without what is mounted below them: what lies in RAM, or decrypted, is not
    there. devices: of the host.
    """
    labels = {names.LABEL_ROLE: "search"}
    job = RamVolume(f"{names.SEARCH}-job", labels, MEBIBYTE, uid=0)
    container = ContainerSpec(
        name=names.SEARCH,
        image=image,
        command=_HELD,
        labels=labels,
        user="0:0",
        memory_bytes=256 * MEBIBYTE,
        cpu_shares=256,
        capabilities=("DAC_READ_SEARCH",),
        read_devices=tuple(devices),
        volumes=(VolumeMount(job.name, SEARCH_JOB),),
        binds=tuple(
            Bind(root, f"{SEARCHED}/{at}", "rslave", read_only=True, recursive=False)
            for at, root in enumerate(roots)
        ),
        host_processes=True,
    )
    return Part(container, (job,))


def control(image: str) -> Part:
    """Does what no other container may: it writes marks where they lie in the clear, into an
    ordinary volume, a log of the engine's and its own root, which becomes an image's layer."""
    labels = {names.LABEL_ROLE: "control"}
    job = RamVolume(f"{names.CONTROL}-job", labels, MEBIBYTE, uid=0)
    container = ContainerSpec(
        name=names.CONTROL,
        image=image,
        command=_IDLE,
        labels=labels,
        user="0:0",
        memory_bytes=32 * MEBIBYTE,
        volumes=(VolumeMount(job.name, "/mnt/job"), VolumeMount(names.CONTROL, "/mnt/volume")),
        read_only=False,
        log="json-file",
    )
    return Part(container, (job,))


def run_view(release: str) -> str:
    return f"run-{release}"


def _view(app: AppName, view: str, target: str) -> Bind:
    # the parent of the mounts: what the mounter mounts anew later arrives here too
    return Bind(f"{names.plain_view_root(app)}/{view}", target, "rslave")
