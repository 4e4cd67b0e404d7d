#!/bin/sh
# Keeps a proxy running on the files that were pushed into its RAM volume: proxy.sh edge|sidecar
set -u
case "${1-}" in
  # a master with workers: on SIGUSR2 a new worker takes over and the old one serves to its end;
  # at its socket, which nobody else sees, it is asked what they have counted
  edge) mode='-W -S /keys/master,mode,600' ;;
  # one process, in the foreground
  sidecar) mode=-db ;;
  *) exit 64 ;;
esac

tries=0
until [ -e /keys/go ]; do
  tries=$((tries + 1))
  [ "$tries" -le 200 ] || exit 1
  sleep 0.05
done
rm -rf /keys/current
# by which the edge tells visitors apart and keeps no address, see edge.cfg.j2: made anew each time
[ "$1" = sidecar ] || (umask 077 && printf 'salt %s\n' "$(head -c 32 /dev/urandom | base64 -w 0)" \
  >/keys/salt.map) || exit 1
[ "$1" = sidecar ] || sh /usr/lib/holdfast/take_acme.sh next || :
[ "$1" = sidecar ] || sh /usr/lib/holdfast/ocsp.sh beside next || :
mv /keys/next /keys/current && sh /usr/lib/holdfast/check.sh /keys/current || exit 1

begin() {
  # shellcheck disable=SC2086 # options, not one word
  haproxy $mode -f /keys/current/haproxy.cfg "$@" &
  proxy=$!
  echo "$proxy" >/keys/pid
}

trap 'kill -TERM "$proxy"; wait "$proxy"; exit 0' TERM INT
# a sidecar has no master: a second process takes over, and the first one serves to its end
[ "$1" = edge ] || trap 'begin -sf "$proxy"' USR2
echo "$$" >/keys/supervisor
[ "$1" = sidecar ] || sh /usr/lib/holdfast/take_acme.sh watch &
[ "$1" = sidecar ] || sh /usr/lib/holdfast/ocsp.sh watch &
# the RAM volume is emptied with its container: the container outlives its proxy
while :; do
  begin
  # a signal ends the waiting, not the proxy
  while kill -0 "$proxy" 2>/dev/null; do wait "$proxy"; done
  sleep 1
done
