"""The recovery kit's page: an identity file for age, whose comments say how to open the node."""

from __future__ import annotations

from holdfast.domain.recovery_kit import Kit

_PAGE = """\
# Recovery kit of the Holdfast node {node}
# Made {made:%Y-%m-%d}. Public half: {recipient}
#
# With the line below and the node's disk, or a copy of it, everything can be read
# that the node keeps. Keep it where neither the node nor a thief can reach it: on
# paper, on a USB stick, in a password manager. Holdfast keeps no copy of it.

{identity}

# Another workstation is let in with:  holdfast kit open
#
# Without Holdfast: on a Linux machine with age, gocryptfs and tar, as root, in an
# empty folder that holds this page as kit.txt. (From paper, the one line above is
# enough.) The volumes are looked for in {volumes}: where
# the copy of the disk lies elsewhere, say so in the first line.
#
#   VOLUMES={volumes}
#   umask 077
#   for file in "$VOLUMES"/holdfast-keys/_data/*.age; do
#     age --decrypt --identity kit.txt "$file" | tar --extract
#   done
#
# Every app has a folder now, with its volume-key and its secrets.toml. This opens
# their volumes, to be read only:
#
#   for app in $(ls */volume-key | xargs -n 1 dirname); do
#     mkdir -p "$app/plain"
#     volume=$(cat "$app/cipher" 2>/dev/null || echo "holdfast-$app-cipher")
#     gocryptfs -ro -passfile "$app/volume-key" \\
#       "$VOLUMES/$volume/_data" "$app/plain"
#   done
#
# Where a change of the key was cut short, APP/changed-volume-key may be the one that
# opens it.
#
# In APP/plain: what the app stored (data), what it printed (logs), its code.
# When all is copied, close the volumes and delete the folders:
#
#   umount */plain
"""


def kit_page(kit: Kit) -> str:
    return _PAGE.format(
        node=kit.node,
        made=kit.made,
        recipient=kit.recipient,
        identity=kit.identity.reveal().decode(),
        volumes=kit.volumes,
    )
