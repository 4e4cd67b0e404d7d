#!/bin/sh
# Lets the edge serve what the ACME clients show in /mnt/acme/APP, in the place of certificates of
# the node's own CA: HOST.pem, root.pem and thumbprint, each app for its own host alone.
#   take_acme.sh FOLDER    put them into a configuration that is about to be used; status 1 if
#                          HAProxy refuses them, then it is left as it was
#   take_acme.sh now       serve what is there now
#   take_acme.sh watch     the same whenever something is new, until the edge ends
set -u
umask 077
cd /keys || exit 1

put_into() { # FOLDER
  rm -rf "$1/acme" "$1/acme.map"
  cp -f "$1/certs.list" "$1/certs.plain" && cp -f "$1/visitors-ca.pem" "$1/visitors-ca.plain" &&
    mkdir "$1/acme" && chmod u+w "$1/visitors-ca.pem" || return 1
  while read -r host app; do
    from=/mnt/acme/$app
    [ ! -r "$from/thumbprint" ] || echo "$host $(cat "$from/thumbprint")"
    [ -e "$1/certs/$host.pem" ] && [ -r "$from/$host.pem" ] || continue
    cp "$from/$host.pem" "$1/acme/$host.pem" || continue
    [ ! -r "$from/root.pem" ] || cat "$from/root.pem" >>"$1/visitors-ca.pem"
    # whom it lets in may stand between the file and the host
    awk -v host="$host" '$1 == "certs/" host ".pem" { $1 = "acme/" host ".pem" } 1' \
      "$1/certs.list" >"$1/certs.new" && mv -f "$1/certs.new" "$1/certs.list"
  done <"$1/apps.list" >"$1/acme.map"
  chmod 400 "$1/acme.map" "$1/visitors-ca.pem" "$1/certs.list"
  find "$1/acme" -type f -exec chmod 400 {} +
  # most edges have nothing of the kind
  [ -s "$1/acme.map" ] || return 0
  haproxy -c -f "$1/haproxy.cfg" >/dev/null 2>&1 && return
  cp -f "$1/certs.plain" "$1/certs.list" && cp -f "$1/visitors-ca.plain" "$1/visitors-ca.pem"
  return 1
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
