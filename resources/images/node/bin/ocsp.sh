#!/bin/sh
# Runs ocsp.py where there is a certificate of another CA than the node's own.
#   ocsp.sh beside FOLDER  put what is known beside the certificates of a configuration that is about
#                          to be used; what HAProxy does not take is taken away again
#   ocsp.sh watch          ask at each change, once more after it, and every five minutes, until the
#                          edge ends
set -u
umask 077
cd /keys || exit 1

is_about_any() { # FOLDER
  grep -qE '^(own|acme)/' "$1/certs.list" 2>/dev/null
}

run() {
  /usr/bin/python3 -Es /usr/lib/holdfast/ocsp.py "$@"
}

case "${1-}" in
  beside)
    is_about_any "$2" || exit 0
    # a responder's answer never keeps the edge from serving
    if ! run beside "$2" ||
      ! timeout 20 haproxy -c -f "$2/haproxy.cfg" </dev/null >/dev/null 2>&1; then
      rm -f "$2"/own/*.ocsp "$2"/own/*.issuer "$2"/acme/*.ocsp "$2"/acme/*.issuer
    fi ;;
  watch)
    seen=
    before=
    while sleep 5; do
      list=$(stat -c %i current/certs.list 2>/dev/null)
      now="$list $(($(date +%s) / 300))"
      # of a change that was just made, the worker that shall have the answers may not have begun
      if [ "$now $list" != "$seen $before" ] && is_about_any current; then run ask; fi
      before=${seen% *}
      seen=$now
    done ;;
  *) exit 64 ;;
esac
