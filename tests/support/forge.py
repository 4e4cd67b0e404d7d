"""A git server as teams have one: OpenSSH with a key per repository, Apache with tokens, both on
a machine beyond the engine's host, and both told to go wrong."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lan import ADDRESS, PORT, machine_beyond, make_certificate, run
from waiting import wait_until
from world import Repository

SSH_PORT = 2222
USER, TOKEN = "ada", "forge-token-0d41"
BASIC = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
_ELSEWHERE = PORT + 1
STATUSES = (401, 403, 404, 429, 500)

_MODULES = (
    "mpm_prefork",
    "cgi",
    "ssl",
    "alias",
    "env",
    "authn_core",
    "authn_file",
    "auth_basic",
    "authz_core",
    "authz_user",
    "headers",
)
SAFE = "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=*"

#: What a server asks for with 429 and 500, in seconds.
REST_SECONDS = 120

#: A key opens the one repository that it was added to, whose address may end in `.git`. From one
#: whose name begins with `drop-` the connection ends after so many bytes, and of `hang-` nothing is
#: ever heard; `slow-` takes its time.
_ONLY_GIT = """#!/bin/sh
repository=${{SSH_ORIGINAL_COMMAND#git-upload-pack \\'}}
repository=${{repository%\\'}}
repository=${{repository%.git}}
[ "${{repository#/}}" = "$ALLOWED" ] || {{ echo 'ERROR: Repository not found.' >&2; exit 1; }}
case "$ALLOWED" in
  drop-*) git-upload-pack "{served}/$ALLOWED" | dd bs=1 count=4096; kill -9 $PPID ;;
  hang-*) exec sleep 600 ;;
  slow-*) sleep 3 ;;
esac
exec git-upload-pack "{served}/$ALLOWED"
"""
_DROP = """#!/bin/sh
case "$REQUEST_METHOD" in
  POST) /usr/lib/git-core/git-http-backend | head -c 700 ;;
  *) exec /usr/lib/git-core/git-http-backend ;;
esac
"""
#: Falls silent in the middle of a commit that it sends, and keeps the connection.
_STALL = """#!/bin/sh
asked={folder}/stalled/asked-$$
cat >"$asked"
if [ "$REQUEST_METHOD" != POST ] || grep -q command=ls-refs "$asked"; then
  exec /usr/lib/git-core/git-http-backend <"$asked"
fi
/usr/lib/git-core/git-http-backend <"$asked" | head -c 2000
touch {folder}/stalled/now
exec sleep 300
"""
#: The same, where a large file of a commit is asked for.
_STALL_FILES = """#!/bin/sh
touch {folder}/stalled/now
exec sleep 300
"""
#: Takes connections, and says nothing.
_MUTE = """
import pathlib, socket, sys
with socket.create_server((sys.argv[1], int(sys.argv[2]))) as server:
    taken = []
    while True:
        taken.append(server.accept())
        pathlib.Path(sys.argv[3]).touch()
"""
#: A page for people, whatever is asked for, without the end of its only line.
_PAGE = """#!/bin/sh
printf 'Content-Type: text/html; charset=utf-8\\n\\n<html><title>Sign in</title></html>'
"""
_SLOW = """#!/bin/sh
sleep 3
exec /usr/lib/git-core/git-http-backend
"""
#: Git LFS's batch API: where each object is.
_BATCH = """#!/usr/bin/python3
import json, sys
objects = json.load(sys.stdin)["objects"]
for each in objects:
    each["actions"] = {{"download": {{"href": "{place}/" + each["oid"]}}}}
print("Content-Type: application/vnd.git-lfs+json\\n")
print(json.dumps({{"transfer": "basic", "objects": objects}}))
"""
_SSHD = """
Port 22
Port {port}
ListenAddress {address}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PidFile none
SetEnv {safe}
"""
_APACHE = """
ServerName {address}
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/apache.pid
Listen {address}:{port}
Listen {address}:{elsewhere}
User nobody
Group nogroup
{modules}
ErrorLog {folder}/apache.log
CustomLog {folder}/asked.log "%{{local}}p %r %{{Authorization}}i"
SSLEngine on
SSLCertificateFile {folder}/server.pem
SSLSessionCache none
SetEnv GIT_PROJECT_ROOT {served}
SetEnv GIT_HTTP_EXPORT_ALL 1
{safe}
ScriptAliasMatch ^/bearer/[^/]+/info/lfs/objects/batch$ {folder}/lfs-batch
Alias /bearer/lfs/ {served}/lfs/
ScriptAlias /open/ /usr/lib/git-core/git-http-backend/
ScriptAlias /private/ /usr/lib/git-core/git-http-backend/
ScriptAlias /bearer/ /usr/lib/git-core/git-http-backend/
ScriptAlias /elsewhere/ /usr/lib/git-core/git-http-backend/
ScriptAlias /tokens/ /usr/lib/git-core/git-http-backend/
ScriptAlias /drop/ {folder}/drop-it/
ScriptAlias /slow/ {folder}/be-slow/
ScriptAlias /page/ {folder}/page/
ScriptAlias /guarded/ /usr/lib/git-core/git-http-backend/
ScriptAlias /stall/ {folder}/stall/
ScriptAliasMatch ^/stalled-files/[^/]+/info/lfs/objects/batch$ {folder}/stall-files
ScriptAlias /stalled-files/ /usr/lib/git-core/git-http-backend/
Header always set Retry-After {rest} "expr=%{{REQUEST_STATUS}} in {{'429', '500'}}"
{statuses}
<Location />
  Require all granted
</Location>
<Location /private>
  AuthType Basic
  AuthName forge
  AuthUserFile {folder}/users
  Require valid-user
</Location>
<LocationMatch "^/(bearer|tokens|away)/">
  <If "%{{HTTP:Authorization}} != 'Bearer {token}'">
    Redirect 401
  </If>
</LocationMatch>
<Location /away>
  <If "%{{HTTP:Authorization}} == 'Bearer {token}'">
    RedirectMatch 307 ^/away/(.*)$ https://{address}:{elsewhere}/elsewhere/$1
  </If>
</Location>
<LocationMatch "^/(bearer|away)/">
  Header always set WWW-Authenticate 'Bearer realm="forge"' "expr=%{{REQUEST_STATUS}} == 401"
</LocationMatch>
<Location /astray>
  <If "%{{HTTP:Authorization}} == 'Basic {basic}'">
    RedirectMatch 307 ^/astray/(.*)$ https://{address}:{elsewhere}/guarded/$1
  </If>
  <Else>
    Redirect 401
  </Else>
</Location>
RedirectMatch 307 ^/led/(.*)$ https://{address}:{elsewhere}/guarded/$1
<Location /guarded>
  <If "%{{REQUEST_METHOD}} == 'POST' && %{{HTTP:Authorization}} == ''">
    Redirect 401
  </If>
</Location>
<LocationMatch "^/(astray|guarded)/">
  Header always set WWW-Authenticate 'Basic realm="forge"' "expr=%{{REQUEST_STATUS}} == 401"
</LocationMatch>
<Location /tokens>
  Header always set WWW-Authenticate 'Basic realm="forge"' "expr=%{{REQUEST_STATUS}} == 401"
</Location>
"""


@dataclass(frozen=True)
class Forge:
    """certificates: PEM of the CA of its https. folder: of its own; served: the repositories."""

    namespace: str
    folder: Path
    certificates: str

    @property
    def served(self) -> Path:
        return self.folder / "served"

    def repository(self, name: str) -> Repository:
        return Repository(self.served / name)

    def large_file(self, content: bytes) -> str:
        """Its pointer, as it is committed; the file itself is for those who may read `bearer`."""
        oid = hashlib.sha256(content).hexdigest()
        (self.served / "lfs").mkdir(exist_ok=True)
        (self.served / "lfs" / oid).write_bytes(content)
        spec = "https://git-lfs.github.com/spec/v1"
        return f"version {spec}\noid sha256:{oid}\nsize {len(content)}\n"

    def ssh(self, name: str) -> str:
        return f"ssh://git@{ADDRESS}:{SSH_PORT}/{name}"

    def https(self, name: str, at: str = "private") -> str:
        """at: private (needs the token), bearer (needs it as such, and says so), tokens (the same,
        and asks for a password), away (as bearer, and leads to another server), astray (as private,
        and leads to one that asks in the middle), led (leads there at once), page (for people),
        open, drop, slow, stall (in the middle of a fetch), stalled-files (at those of Git LFS), or
        status-403 and its like."""
        return f"https://{ADDRESS}:{PORT}/{at}/{name}"

    def asked_elsewhere(self) -> str:
        """What the server was asked to which `away`, `astray` and `led` lead, a line each, with who
        asked."""
        lines = (self.folder / "asked.log").read_text().splitlines()
        return "\n".join(line for line in lines if line.startswith(f"{_ELSEWHERE} "))

    @contextmanager
    def another_certificate(self) -> Iterator[None]:
        """Its https server shows one of another CA for the time of the block."""
        file = self.folder / "server.pem"
        before = file.read_bytes()
        make_certificate(file)
        self._show()
        try:
            yield
        finally:
            file.write_bytes(before)
            self._show()

    def _show(self) -> None:
        wanted = (self.folder / "server.pem").read_text().partition("-----BEGIN PRIVATE")[0]
        os.kill(int((self.folder / "apache.pid").read_text()), signal.SIGUSR1)
        wait_until(
            lambda: ssl.get_server_certificate((ADDRESS, PORT)).strip() == wanted.strip(),
            "the https server shows its certificate",
        )

    def stalled(self) -> bool:
        """Whether it has fallen silent since this was asked: at `stall` or `stalled-files`, or as
        `mute_ssh` when it was spoken to."""
        sign = self.folder / "stalled" / "now"
        found = sign.exists()
        sign.unlink(missing_ok=True)
        return found

    def add_key(self, public_key: str, name: str) -> None:
        """To the deploy keys of a repository."""
        command = f'command="ALLOWED={name} exec {self.folder}/only-git",restrict'
        with (self.folder / "authorized_keys").open("a") as keys:
            keys.write(f"{command} {public_key}\n")

    def drop_keys(self) -> None:
        (self.folder / "authorized_keys").write_text("")

    @contextmanager
    def mute_ssh(self) -> Iterator[None]:
        """In the SSH server's place, what takes connections and says nothing."""
        sign = str(self.folder / "stalled" / "now")
        command = (sys.executable, "-I", "-c", _MUTE, ADDRESS, str(SSH_PORT), sign)
        with started(self.namespace, *command) as server:
            wait_for(server, self.namespace, SSH_PORT)
            yield

    @contextmanager
    def speaking_ssh(self, kind: str = "ed25519") -> Iterator[str]:
        """The SSH server, with a host key that is new; its fingerprint."""
        key = self.folder / "host_key"
        for old in (key, key.with_suffix(".pub")):
            old.unlink(missing_ok=True)
        run("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(key))
        printed = subprocess.run(
            ["ssh-keygen", "-l", "-f", str(key)], check=True, capture_output=True, text=True
        )
        own = f"mount --bind {self.folder}/passwd /etc/passwd &&"
        own += f" mount --bind {self.folder}/shadow /etc/shadow &&"
        own += " mount -t tmpfs tmpfs /run && mkdir -m 0755 /run/sshd &&"
        own += f" exec /usr/sbin/sshd -D -e -f {self.folder}/sshd_config"
        with started(self.namespace, "unshare", "--mount", "sh", "-c", own) as server:
            wait_for(server, self.namespace, SSH_PORT)
            yield printed.stdout.split()[1]


@contextmanager
def forge() -> Iterator[Forge]:
    """Its https server runs for the time of the block, its SSH server when a test says so."""
    folder = Path(tempfile.mkdtemp(prefix="holdfast-forge-", dir="/var/tmp"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        made = Forge(stack.enter_context(machine_beyond()), folder, _prepare(folder))
        # as root it opens its key and its port, and serves as nobody
        command = ("/usr/sbin/apache2", "-D", "FOREGROUND", "-f", str(folder / "apache.conf"))
        server = stack.enter_context(started(made.namespace, *command))
        wait_for(server, made.namespace, PORT)
        yield made


def _prepare(folder: Path) -> str:
    folder.chmod(0o755)
    served = folder / "served"
    served.mkdir()
    make_certificate(folder / "server.pem")
    (folder / "authorized_keys").touch()
    (folder / "only-git").write_text(_ONLY_GIT.format(folder=folder, served=served))
    (folder / "drop-it").write_text(_DROP)
    (folder / "be-slow").write_text(_SLOW)
    (folder / "page").write_text(_PAGE)
    (folder / "stall").write_text(_STALL.format(folder=folder))
    (folder / "stall-files").write_text(_STALL_FILES.format(folder=folder))
    (folder / "stalled").mkdir()
    (folder / "stalled").chmod(0o777)
    (folder / "lfs-batch").write_text(_BATCH.format(place=f"https://{ADDRESS}:{PORT}/bearer/lfs"))
    for script in ("only-git", "drop-it", "be-slow", "page", "stall", "stall-files", "lfs-batch"):
        (folder / script).chmod(0o755)
    passwd = Path("/etc/passwd").read_text()
    (folder / "passwd").write_text(f"{passwd}git:x:64000:65534::{folder}:/bin/sh\n")
    (folder / "shadow").write_text(f"{Path('/etc/shadow').read_text()}git:*:19000::::::\n")
    (folder / "shadow").chmod(0o600)
    facts = {"address": ADDRESS, "folder": folder, "served": served}
    (folder / "sshd_config").write_text(_SSHD.format(port=SSH_PORT, safe=SAFE, **facts))
    digest = base64.b64encode(hashlib.sha1(TOKEN.encode()).digest()).decode()
    (folder / "users").write_text(f"{USER}:{{SHA}}{digest}\n")
    places = "/usr/lib/apache2/modules/mod_{name}.so"
    modules = (f"LoadModule {name}_module {places.format(name=name)}" for name in _MODULES)
    safe = (f"SetEnv {pair.replace('=', ' ', 1)}" for pair in SAFE.split())
    statuses = (f"Redirect {status} /status-{status}/" for status in STATUSES)
    (folder / "apache.conf").write_text(
        _APACHE.format(
            port=PORT,
            elsewhere=_ELSEWHERE,
            token=TOKEN,
            basic=BASIC,
            rest=REST_SECONDS,
            modules="\n".join(modules),
            safe="\n".join(safe),
            statuses="\n".join(statuses),
            **facts,
        )
    )
    return (folder / "server.pem").read_text().partition("-----BEGIN PRIVATE")[0]


@contextmanager
def started(namespace: str, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server on that machine, for the time of the block."""
    entered = ["nsenter", f"--net=/run/netns/{namespace}", *command]
    with subprocess.Popen(entered, stderr=subprocess.DEVNULL, start_new_session=True) as server:
        try:
            yield server
        finally:
            server.terminate()


def wait_for(server: subprocess.Popen[bytes], namespace: str, port: int) -> None:
    """Until it takes connections."""
    listening = ["ip", "netns", "exec", namespace, "ss", "-Hltn", f"sport = :{port}"]

    def answers() -> bool:
        assert server.poll() is None, f"the server ended with {server.returncode}"
        return bool(subprocess.run(listening, check=True, capture_output=True).stdout)

    wait_until(answers, f"something listens at {port}")
