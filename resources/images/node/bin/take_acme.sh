#!/bin/sh
# Lets the edge serve what the ACME clients show in /mnt/acme/APP, in the place of certificates of
# the node's own CA: HOST.pem, root.pem and thumbprint, each app for its own host alone. A client
# may have been taken over: its folder has to be its user's, and in it plain files alone are read.
#   take_acme.sh FOLDER    put them into a configuration that is about to be used; the hosts of
#                          those that are no use stand in acme.refused. Status 1 if HAProxy refuses
#                          it without them, too: its certificates are left as they were
#   take_acme.sh now       serve what is there now
#   take_acme.sh watch     the same whenever something is new, until the edge ends
set -u
umask 077
export LC_ALL=C
cd /keys || exit 1

show_file() { # FILE: nothing of a link or a pipe, and no more than 64 KiB
  [ -f "$1" ] && [ ! -L "$1" ] &&
    timeout 2 dd if="$1" iflag=nofollow,nonblock,fullblock bs=65536 count=1 2>/dev/null
}

take() ( # FOLDER HOST APP UID
  cd -P "/mnt/acme/$3" 2>/dev/null || exit 0
  # asked of where we are: the name may lead elsewhere by now
  [ "$(stat -c %u .)" = "$4" ] && [ ! -L "/mnt/acme/$3" ] || exit 0
  thumbprint=$(show_file thumbprint)
  case $thumbprint in
    *[!A-Za-z0-9_-]*) ;;
    *) [ ${#thumbprint} -ne 43 ] || echo "$2 $thumbprint" >>"$1/acme.map" ;;
  esac
  # another one is there if its own was imported
  [ -e "$1/certs/$2.pem" ] && [ -e "$2.pem" ] || exit 0
  if show_file "$2.pem" >"$1/acme/$2.pem"; then
    show_file root.pem >"$1/acme/$2.root"
  else
    rm -f "$1/acme/$2.pem"
    echo "$2" >>"$1/acme.refused"
  fi
)

is_valid() { # FOLDER: without a terminal nobody is asked for a passphrase
  timeout 20 haproxy -c -f "$1/haproxy.cfg" </dev/null >/dev/null 2>&1
}

use() { # FOLDER HOST
  # whom it lets in may stand between the file and the host
  awk -v host="$2" '$1 == "certs/" host ".pem" { $1 = "acme/" host ".pem" } 1' \
    "$1/certs.list" >"$1/certs.new" && mv -f "$1/certs.new" "$1/certs.list"
}

trust() { # FOLDER HOST: one root that cannot be read would spoil them all
  load='import ssl, sys; ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(sys.argv[1])'
  [ -s "$1/acme/$2.root" ] &&
    timeout 20 /usr/bin/python3 -I -c "$load" "$1/acme/$2.root" </dev/null 2>/dev/null || return 0
  { cat "$1/acme/$2.root" && echo; } >>"$1/visitors-ca.pem"
}

for_each_host() { # FOLDER COMMAND
  for file in "$1"/acme/*.pem; do
    [ ! -e "$file" ] || "$2" "$1" "$(basename "$file" .pem)"
  done
}

use_if_valid() { # FOLDER HOST
  cp -f "$1/certs.list" "$1/certs.kept" && use "$1" "$2" || return
  is_valid "$1" && return
  mv -f "$1/certs.kept" "$1/certs.list"
  rm -f "$1/acme/$2.pem"
  echo "$2" >>"$1/acme.refused"
}

put_into() { # FOLDER
  rm -rf "$1/acme" "$1/acme.map" "$1/acme.refused"
  : >"$1/acme.map" && : >"$1/acme.refused" &&
    cp -f "$1/certs.list" "$1/certs.plain" && cp -f "$1/visitors-ca.pem" "$1/visitors-ca.plain" &&
    mkdir "$1/acme" && chmod u+w "$1/visitors-ca.pem" || return 1
  while read -r host app uid; do
    take "$PWD/$1" "$host" "$app" "$uid" </dev/null
  done <"$1/apps.list"
  status=0
  for_each_host "$1" use
  # most edges have nothing of the kind
  if [ -n "$(ls "$1/acme")" ] && ! is_valid "$1"; then
    cp -f "$1/certs.plain" "$1/certs.list"
    if is_valid "$1"; then for_each_host "$1" use_if_valid; else status=1; fi
  fi
  [ "$status" -ne 0 ] || for_each_host "$1" trust
  chmod 400 "$1/acme.map" "$1/acme.refused" "$1/visitors-ca.pem" "$1/certs.list"
  find "$1/acme" -type f -exec chmod 400 {} +
  return "$status"
}

serve_now() (
  exec 9>turn
  flock -w 60 9 || exit 75
  [ -e pid ] || exit 0
  rm -rf next
  cp -R current next || exit 1
  # from what the node's own CA vouches for, not from what was put there before
  mv -f next/certs.plain next/certs.list && mv -f next/visitors-ca.plain next/visitors-ca.pem ||
    exit 1
  sh /usr/lib/holdfast/reload.sh
)

look() {
  # a client writes beside the file and renames
  find /mnt/acme -name '.*' -prune -o -type f ! -name status.json -printf '%p %T@\n' 2>/dev/null |
    sort
}

case "${1-}" in
  now) serve_now ;;
  watch)
    seen=
    while sleep 5; do
      now=$(look)
      [ "$now" = "$seen" ] || { serve_now && seen=$now; }
    done ;;
  *) put_into "$1" ;;
esac
