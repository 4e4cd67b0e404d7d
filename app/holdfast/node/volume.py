"""An app's encrypted volume: the conversation with its mounter, and what is kept in it."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from holdfast.domain import names
from holdfast.domain.app import AppConfiguration, Release
from holdfast.domain.container import Completed, PushedFile
from holdfast.domain.errors import HoldfastError, NodeSealed
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken
from holdfast.domain.proof import Proof
from holdfast.domain.secret import Secret
from holdfast.domain.stored import Damaged, from_json
from holdfast.node import payloads
from holdfast.node.engine_lack import explain_lack
from holdfast.node.full_disk import full_disk, tells_full_disk
from holdfast.node.node import Node
from holdfast.node.scripts import SCRIPTS
from holdfast.ports import Conflict, EngineError, NotFound

#: In an app's plain view: what its last proof came to.
PROOF_FILE = "proof.json"

_PLAIN = "/keys/plain"
#: What the app printed.
_LOG = f"{_PLAIN}/logs/app.log"
_SCRIPT = f"{SCRIPTS}/volume.sh"
#: Arguments: pairs of a pushed file and its place.
_STORE = (
    'while [ "$#" -gt 0 ]; do cp "$1" "$2.part" && sync "$2.part" && mv "$2.part" "$2"'
    ' && rm "$1" || exit 1; shift 2; done'
)
_SEALED = 75
#: What the file of an environment is named after its digest.
_PACKED = ".squashfs"
#: Prints the names of the views, those of the environments, and an archive of what is known about
#: the app, with zero bytes between.
_READ = (
    f"[ -e /keys/mounted ] || exit {_SEALED}; "
    "ls /keys/views && printf '\\0' && cd /keys/plain && ls environments && printf '\\0' && "
    "find . -maxdepth 3 "
    r"\( -path ./app.json -o -path './releases/*/release.json' -o -path ./figures \) -print0"
    " | tar --null --no-recursion -T - -cf -"
)
#: Arguments: the ids of the releases and the digests of the environments that stay, then, after
#: a plus, the slots of those releases: of others' folders, these keep the checkout.
_PRUNE = """
cd /keys/plain || exit 1
told=$*
kept=${told%% +*} slots=${told#*+}
for path in releases/* repository.git/refs/holdfast/* environments/*; do
  name=${path##*/}
  case " $kept " in *" ${name%.squashfs} "*) continue ;; esac
  case "${path%/*} $slots " in
    releases*" $name "*) rm -f -- "$path/release.json" ;;
    *) rm -rf -- "$path" ;;
  esac
done
"""
#: What `sizes` tells apart, and the folders that make it up.
_PARTS = {
    "code": ("repository.git", "releases"),
    "environments": ("environments",),
    "data": ("data",),
    "logs": ("logs",),
}


@dataclass(frozen=True, slots=True)
class Contents:
    """configuration: None before the first release was kept. releases: the newest first. views:
    the names of what is shown of the volume. environments: the digests of those that are packed.
    keeps_figures: whether there is a folder for them, see `kept_figures`."""

    configuration: AppConfiguration | None
    releases: tuple[Release, ...]
    views: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    keeps_figures: bool = False

    @property
    def current(self) -> Release | None:
        """The one that serves, or would if the app ran."""
        return self.release(self.configuration.release) if self.configuration else None

    def release(self, wanted: str | None) -> Release | None:
        return next((release for release in self.releases if release.id == wanted), None)

    def has_environment(self, digest: str) -> bool:
        """Whether it is packed, and a release keeps it: others are cleared."""
        kept = (release.environment.digest for release in self.releases)
        return digest in self.environments and digest in kept


def begin_mount(
    node: Node,
    app: AppName,
    part: payloads.Part,
    key: Secret,
    uid: int,
    changed: Secret | None = None,
) -> None:
    """Start a mounter and hand it the key. changed: the one that it may have been given in its
    place. Raises HoldfastError if they open nothing; then it is gone again."""
    name = part.container.name
    try:
        node.begin(part)
    except EngineError as error:
        raise explain_lack(error) from None
    node.engine.push(name, "/keys", [*key_files(key, changed), PushedFile("go", b"")], uid)
    done = node.engine.run(name, (_SCRIPT, "mounted"))
    if done.exit_code:
        node.end(part)
        words = done.error.decode(errors="replace").strip()
        if tells_full_disk(words):
            raise full_disk(node.engine)
        raise HoldfastError(
            f"The encrypted volume of {app} could not be mounted.",
            words[-400:] or "gocryptfs gave no reason.",
            "Check it with: holdfast doctor",
        )


def key_files(key: Secret, changed: Secret | None) -> list[PushedFile]:
    """As volume.sh finds them."""
    files = {"key": key, "changed-key": changed}
    return [PushedFile(name, kept.reveal()) for name, kept in files.items() if kept is not None]


class Volume:
    """One app's volume on a node. Everything but `mount` needs it to be unsealed."""

    def __init__(self, node: Node, app: AppName, uid: int) -> None:
        self._engine = node.engine
        self._node = node
        self._app = app
        self.uid = uid
        self._mounter = names.mounter(app)
        self._user = f"{uid}:{uid}"

    def create(self) -> Secret:
        """Make the named volume for the ciphertext, and its key, which is kept first."""
        cipher = names.cipher_volume(self._app)
        labels = names.labels(self._app, "cipher", uid=str(self.uid))
        if any(name == cipher for name, _ in self._engine.volumes(labels)):
            return self._node.keys.volume_key(self._app)
        key = self._node.keys.new_volume_key(self._app)
        self._engine.create_volume(cipher, names.cipher_labels(self._app, self.uid))
        return key

    def mount(
        self,
        key: Secret,
        image: str,
        cipher: str | None = None,
        changed: Secret | None = None,
    ) -> None:
        """Start the mounter and hand it the key. cipher: the named volume, if it is not the app's
        first. changed: see `begin_mount`. Raises HoldfastError if they open nothing."""
        part = payloads.mounter(self._app, self.uid, image, cipher)
        begin_mount(self._node, self._app, part, key, self.uid, changed)

    def unmount(self) -> None:
        """Stop the mounter. Its container stays until the next one begins, so that nobody's
        clearing of unused volumes takes what it mounted."""
        self._engine.stop(self._mounter, grace=5)

    def is_mounted(self) -> bool:
        """Whether the plain view is there. A mounter that somebody started by hand runs for some
        seconds without it."""
        try:
            done = self._engine.run(self._mounter, ("/usr/bin/test", "-e", "/keys/mounted"))
        except (NotFound, Conflict):
            return False
        return done.exit_code == 0

    def show_view(self, name: str, *lines: str) -> None:
        """Show parts of the plain view to other containers; a line is SOURCE:TARGET:rw|ro."""
        self._checked(self._engine.run(self._mounter, (_SCRIPT, "view", name, *lines)))

    def hide_view(self, name: str) -> None:
        self._engine.run(self._mounter, (_SCRIPT, "unview", name))

    def store(self, texts: Mapping[str, str]) -> None:
        """Write files of the plain view, by their paths and in this order: each whole or not at
        all, and none after one that failed."""
        pushed = {path: f"inbox/{path.replace('/', '-')}" for path in texts}
        files = [PushedFile(pushed[path], text.encode(), 0o600) for path, text in texts.items()]
        self._engine.push(self._mounter, "/keys", files, self.uid)
        places = (
            place for path in texts for place in (f"/keys/{pushed[path]}", f"{_PLAIN}/{path}")
        )
        self._shell(_STORE, *places)

    def log_tail(self, lines: int) -> list[str]:
        """The last lines that the app printed; its secrets may stand in them."""
        done = self._run(*log_tail_command(lines))
        return done.output.decode(errors="replace").splitlines()

    def follow_log(self, lines: int, cancel: CancelToken) -> Iterator[str]:
        """The same, then each new line as it comes."""
        command = (f"{SCRIPTS}/follow.py", _LOG, str(lines))
        return self._engine.stream(self._mounter, command, cancel, self._user)

    def note(self, name: str, text: str) -> None:
        """Keep something in the mounter's RAM, for every desktop, until the volume is sealed."""
        file = PushedFile(f"notes/{name}", text.encode(), 0o600)
        self._engine.push(self._mounter, "/keys", [file], self.uid)

    def noted(self, name: str) -> bytes:
        """What was noted last, empty if nothing was."""
        done = self._run("/bin/cat", f"/keys/notes/{name}")
        return done.output if done.exit_code == 0 else b""

    def contents(self) -> Contents:
        """Everything that is known about the app. Raises NodeSealed."""
        try:
            done = self._run("/bin/sh", "-c", _READ)
        except (NotFound, Conflict):
            done = None
        if done is None or done.exit_code == _SEALED:
            raise NodeSealed(
                f"The volume of {self._app} is sealed.",
                "What is known about the app lies encrypted in it.",
                "Unseal the node: holdfast node unseal",
            )
        self._checked(done)
        configuration: AppConfiguration | None = None
        releases: list[Release] = []
        keeps_figures = False
        views, environments, packed = done.output.split(b"\0", 2)
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            for member in archive:
                keeps_figures |= member.name == "./figures" and member.isdir()
                content = archive.extractfile(member)
                if content is None:
                    continue
                try:
                    if member.name == "./app.json":
                        configuration = from_json(AppConfiguration, content.read())
                    else:
                        releases.append(from_json(Release, content.read()))
                except Damaged as damage:
                    raise HoldfastError(
                        f"A file of {self._app} on its volume is damaged.",
                        f"{member.name}: {damage}",
                        "Deploy the app again, or verify its volume.",
                    ) from None
        newest_first = sorted(releases, key=lambda release: release.created, reverse=True)
        return Contents(
            configuration,
            tuple(newest_first),
            tuple(views.decode().split()),
            tuple(name.removesuffix(_PACKED) for name in environments.decode().split()),
            keeps_figures,
        )

    def last_proof(self) -> Proof | None:
        """None where there is none, or none that this release of Holdfast can read."""
        done = self._run("/bin/cat", f"{_PLAIN}/{PROOF_FILE}")
        try:
            return None if done.exit_code else from_json(Proof, done.output)
        except Damaged:
            return None

    def has_file(self, path: str) -> bool:
        return self._run("/usr/bin/test", "-e", f"{_PLAIN}/{path}").exit_code == 0

    def adopt_environment(self, digest: str) -> None:
        """Take over what a build left: from its folder to where no build can write."""
        self._shell(f'cd {_PLAIN} && mv "incoming/$1" "environments/$1"', f"{digest}{_PACKED}")

    def discard(self, *paths: str) -> None:
        """Delete files and folders of the plain view."""
        self._run("/bin/rm", "-rf", "--", *(f"{_PLAIN}/{path}" for path in paths))

    def prune(self, kept: Iterable[Release], begun: str | None = None) -> None:
        """Delete releases and environments but these, whoever left them. begun: the id of a
        release that is being made."""
        staying = list(kept)
        names = {name for each in staying for name in (each.id, each.environment.digest)}
        names |= {begun} if begun else set()
        slots = sorted({each.slot for each in staying} - names)
        self._shell(_PRUNE, *sorted(names), "+", *slots)

    def clear_incoming(self) -> None:
        self._shell(f"rm -rf {_PLAIN}/incoming && mkdir {_PLAIN}/incoming")

    def sizes(self) -> tuple[tuple[str, int], ...]:
        """(part, bytes) of the plain view."""
        return tuple(
            (part, self._size([f"{_PLAIN}/{folder}" for folder in folders]))
            for part, folders in _PARTS.items()
        )

    def cipher_size(self) -> int:
        return self._size(["/cipher"])

    def check(self) -> Completed:
        """gocryptfs's own check of every file's authentication tags."""
        return self._engine.run(self._mounter, (_SCRIPT, "check"))

    def _size(self, folders: Sequence[str]) -> int:
        done = self._run("/bin/sh", "-c", 'du -scB1 "$@" 2>/dev/null | tail -n1', "sh", *folders)
        count = done.output.split(b"\t")[0].strip()
        return int(count) if count.isdigit() else 0

    def _run(self, *command: str) -> Completed:
        return self._engine.run(self._mounter, command, user=self._user)

    def _shell(self, script: str, *arguments: str) -> Completed:
        return self._checked(self._run("/bin/sh", "-c", script, "sh", *arguments))

    def _checked(self, done: Completed) -> Completed:
        if done.exit_code == 0:
            return done
        text = (done.error or done.output).decode(errors="replace").strip()
        if tells_full_disk(text):
            raise full_disk(self._engine)
        raise EngineError(500, f"{self._mounter}: {text[-300:] or 'a command failed'}")


def log_tail_command(lines: int, log: str = _LOG) -> tuple[str, ...]:
    """Prints a log's last lines. The app may put anything in its place: the mounter, which sees
    the volume's key, follows no link there and waits for no pipe."""
    script = 'dd if="$1" iflag=nofollow,nonblock bs=64K status=none | tail -n "$2"'
    return "/bin/sh", "-c", script, "sh", log, str(lines)
