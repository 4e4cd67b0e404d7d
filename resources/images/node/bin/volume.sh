#!/bin/sh
# Keeps an app's encrypted volume mounted and shows parts of it to the app's other containers.
#
#   volume.sh supervise UID          the container's main process, as root
#   volume.sh view NAME LINE...      show; a line is SOURCE:TARGET:rw|ro, SOURCE a folder of the
#                                    plain view or environment/DIGEST
#   volume.sh unview NAME            take a view away again
#   volume.sh check                  gocryptfs's own check of every file
#   volume.sh change-key             let /keys/changed-key open the volume, and /keys/key no more
#   volume.sh mounted                whether the plain view is there
#
# /cipher is the named volume, /keys a RAM volume that is emptied when this container stops, and
# /mnt/shared the folder on the engine's host that other containers bind parts of. The plain view
# itself, /keys/plain, exists in this container's mount namespace alone.
set -u
PLAIN=/keys/plain
SHARED=/mnt/shared
VIEWS=/keys/views
ENVIRONMENTS=/keys/environments

as_app() {
  # a container that only changes the key is the app's user from its start
  [ "$(id -u)" = 0 ] || { "$@"; return; }
  setpriv --reuid "$uid" --regid "$uid" --clear-groups --inh-caps=-all -- "$@"
}

# FUSE programs mount with one ambient capability and otherwise as the app's user: as root every
# file that the app creates would fail with EPERM. To be called in a subshell, which becomes the
# program: a shell that stays would keep the command's output open, and the engine waits two
# seconds for that.
as_mounter() {
  exec setpriv --reuid "$uid" --regid "$uid" --clear-groups \
    --inh-caps=-all,+sys_admin --ambient-caps=-all,+sys_admin -- "$@"
}

# The mount point belongs to the app's user while it is being mounted; afterwards the bare folder
# under it is nobody's, so that nothing can be written there in the clear.
prepare_point() {
  umount -l "$1" 2>/dev/null
  mkdir -p "$1"
  # what was mounted here before left it closed to everybody
  chown 0:0 "$1"
  chmod 0755 "$1"
  chown "$uid:$uid" "$1"
}
seal_point() { # DESCRIPTOR, opened before the mount
  chown 0:0 "/proc/self/fd/$1/." && chmod 0555 "/proc/self/fd/$1/."
}

wait_mounted() { # POINT PID
  tries=0
  until mountpoint -q "$1"; do
    tries=$((tries + 1))
    [ "$tries" -le 400 ] && [ -e "/proc/$2" ] || return 1
    sleep 0.02
  done
}

opens() { # KEY
  as_app sh -c 'gocryptfs-xray -dumpmasterkey /cipher/gocryptfs.conf <"$1"' sh "$1" >/dev/null 2>&1
}

# Whoever changed the key may have been killed on either side of the moment that counts.
settle_key() {
  [ ! -e /keys/changed-key ] || ! opens /keys/changed-key || mv -f /keys/changed-key /keys/key
}

change_key() {
  settle_key
  [ -e /keys/changed-key ] || return 0
  # gocryptfs takes what a killed one of it left for somebody else's
  as_app sh -c 'rm -f /cipher/gocryptfs.conf.tmp
    { cat /keys/key; echo; cat /keys/changed-key; echo; } |
      gocryptfs -passwd -q -nosyslog /cipher && sync /cipher' || return 1
  settle_key
  [ ! -e /keys/changed-key ]
}

# What is left where making the volume was killed. gocryptfs refuses a folder with its own unfinished
# file in it, and in one that has no file for names yet, nothing can have been kept.
clear_unfinished() {
  [ -e /cipher/gocryptfs.diriv ] ||
    [ -n "$(ls -A /cipher | grep -vx -e gocryptfs.conf -e gocryptfs.conf.tmp)" ] ||
    as_app rm -f /cipher/gocryptfs.conf /cipher/gocryptfs.conf.tmp
}

mount_plain() {
  prepare_point "$PLAIN"
  exec 3<"$PLAIN"
  clear_unfinished
  if [ ! -e /cipher/gocryptfs.conf ]; then
    # nobody has seen anything of it yet: what is there is of an app whose removal was killed
    [ ! -d "$SHARED" ] || find "$SHARED" -xdev -mindepth 1 -depth -type d -exec rmdir {} +
    # a random 256-bit key needs no costly derivation
    as_app gocryptfs -init -q -scryptn 10 -passfile /keys/key /cipher >/keys/mount.log 2>&1 ||
      return 1
  fi
  settle_key
  (as_mounter gocryptfs -fg -q -nosyslog -passfile /keys/key -allow_other -o nosuid,nodev \
    /cipher "$PLAIN") 3<&- </dev/null >/keys/mount.log 2>&1 &
  gocryptfs=$!
  wait_mounted "$PLAIN" "$gocryptfs" || { exec 3<&-; return 1; }
  seal_point 3
  exec 3<&-
  as_app sh -c "cd $PLAIN && umask 022 && mkdir -p releases environments data logs incoming &&
    chmod 0711 . && chmod 0755 data logs"
}

mount_environment() { # DIGEST
  point="$ENVIRONMENTS/$1"
  mountpoint -q "$point" && return 0
  prepare_point "$point"
  exec 4<"$point"
  (as_mounter squashfuse_ll -f -o allow_other,ro,nosuid,nodev \
    "$PLAIN/environments/$1.squashfs" "$point") 4<&- </dev/null >/dev/null 2>&1 &
  wait_mounted "$point" "$!" || { exec 4<&-; return 1; }
  seal_point 4
  exec 4<&-
}

show() { # NAME
  while IFS=: read -r source target mode; do
    case "$source" in
      environment/*)
        mount_environment "${source#environment/}" || return 1
        from="$ENVIRONMENTS/${source#environment/}" ;;
      *)
        as_app mkdir -p "$PLAIN/$source"
        from="$PLAIN/$source" ;;
    esac
    point="$SHARED/$1/$target"
    umount -l "$point" 2>/dev/null
    mkdir -p "$point" && mount --bind "$from" "$point" || return 1
    [ "$mode" = rw ] || mount -o "remount,bind,$mode,nosuid,nodev" "$point" || return 1
  done <"$VIEWS/$1"
}

hide() { # NAME
  [ -e "$VIEWS/$1" ] && while IFS=: read -r source target mode; do
    umount -l "$SHARED/$1/$target" 2>/dev/null
    rmdir -p "$SHARED/$1/$target" 2>/dev/null
  done <"$VIEWS/$1"
  rm -f "$VIEWS/$1"
  # of a container that was begun, and never shown anything
  rmdir "$SHARED/$1" 2>/dev/null
  for point in "$ENVIRONMENTS"/*; do
    [ -d "$point" ] || continue
    grep -qs "^environment/${point##*/}:" "$VIEWS"/* || { umount -l "$point"; rmdir "$point"; }
  done
  return 0
}

supervise() {
  tries=0
  until [ -e /keys/go ]; do
    tries=$((tries + 1))
    # without its key, a container that was started by hand ends by itself
    [ "$tries" -le 200 ] || exit 1
    sleep 0.05
  done
  echo "$uid" >/keys/uid
  mkdir -p "$VIEWS" "$ENVIRONMENTS" /keys/tmp
  chown "$uid:$uid" /keys/tmp
  chmod 0666 /dev/fuse
  chown "$uid:$uid" /cipher
  # a copier shows nothing to anybody
  [ ! -d "$SHARED" ] || chmod 0711 "$SHARED"
  # a mounter that was killed leaves its mounts to the host: nothing answers behind them
  umount -l "$SHARED"/*/* 2>/dev/null
  trap 'umount -l "$SHARED"/*/* "$ENVIRONMENTS"/* "$PLAIN" 2>/dev/null; exit 0' TERM INT
  while :; do
    if mount_plain; then
      # not at once: the engine may still be giving the file its owner
      rm -f /keys/go
      # environments lie in the plain view: those of one that died are dead too
      umount -l "$ENVIRONMENTS"/* 2>/dev/null
      for view in "$VIEWS"/*; do [ -e "$view" ] && show "${view##*/}"; done
      touch /keys/mounted
      wait "$gocryptfs"
    else
      touch /keys/failed
    fi
    rm -f /keys/mounted
    sleep 1
  done
}

case "${1-}" in
  supervise)
    uid=$2
    supervise ;;
  view)
    uid=$(cat /keys/uid)
    name=$2
    shift 2
    printf '%s\n' "$@" >"$VIEWS/$name"
    show "$name" ;;
  unview)
    uid=$(cat /keys/uid)
    hide "$2" ;;
  mounted)
    tries=0
    until [ -e /keys/mounted ]; do
      tries=$((tries + 1))
      [ "$tries" -le 500 ] && [ ! -e /keys/failed ] || { cat /keys/mount.log >&2; exit 1; }
      sleep 0.02
    done ;;
  check)
    uid=$(cat /keys/uid)
    # the check mounts the volume once more, for itself
    export TMPDIR=/keys/tmp
    (as_mounter gocryptfs -fsck -nosyslog -passfile /keys/key /cipher) ;;
  change-key)
    [ "$(id -u)" != 0 ] || uid=$(cat /keys/uid)
    change_key ;;
  *) exit 64 ;;
esac
