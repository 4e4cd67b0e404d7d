"""python own_host.py COMMAND… runs it as on a machine of its own, whose processes, mounts and
network are nobody else's: engines on two of them are no neighbours.

It reaches out through this machine's network, and nothing reaches in. Whatever runs there ends
with COMMAND. Needs root.
"""

from __future__ import annotations

import os
import subprocess
import sys

# once there is the new network, it is connected to this one, for as long as anybody is in it
_CONNECT = """
read -r && exec slirp4netns --configure --mtu=65520 --disable-host-loopback \
    --ready-fd=1 --exit-fd=0 "$1" tap0 2>/dev/null
"""
_WITHIN = """
echo there >&"$1"
read -rn1 -u "$2" || { echo "no network: needs slirp4netns and /dev/net/tun" >&2; exit 1; }
shift 2
mkdir -p /run/netns /run/holdfast
mount -t tmpfs own-host /run/netns
mount -t tmpfs own-host /run/holdfast
resolver=$(realpath /etc/resolv.conf)
# an engine that sees systemd has it make the cgroups, and systemd takes the numbers of our
# processes for those of others, which it then moves, and ends
[[ ! -d /run/systemd/system ]] || mount -t tmpfs own-host /run/systemd
# systemd's resolver keeps its file there
[[ -e $resolver ]] || install -D /dev/null "$resolver"
# a resolver on the machine itself is reached through the network alone
mount -t tmpfs own-host /mnt
echo "nameserver 10.0.2.3" >/mnt/resolv.conf
mount --bind /mnt/resolv.conf /etc/resolv.conf
umount --lazy /mnt
exec "$@"
"""
_SPACES = ("--net", "--mount", "--propagation=private", "--pid", "--fork", "--mount-proc")
_SHELL = ("bash", "-euc")


def main(command: list[str]) -> None:
    wait_there, say_there = os.pipe()
    wait_connected, say_connected = os.pipe()
    subprocess.Popen(
        [*_SHELL, _CONNECT, "connect", str(os.getpid())], stdin=wait_there, stdout=say_connected
    )
    os.close(say_connected)
    kept = [say_there, wait_connected]
    for descriptor in kept:
        os.set_inheritable(descriptor, True)
    # tini: orphans end there as they do on a machine
    within = ["tini", "--", *_SHELL, _WITHIN, "within", *map(str, kept), *command]
    os.execvp("unshare", ["unshare", *_SPACES, "--kill-child", *within])


if __name__ == "__main__":
    main(sys.argv[1:])
