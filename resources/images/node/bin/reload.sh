#!/bin/sh
# Lets a proxy serve what was pushed into /keys/next; if that is not valid, nothing changes.
# reload.sh [FILE]: the file that names the process to tell
set -u
cd /keys || exit 1
exec 8>reloading
flock 8 || exit 1
[ ! -e next/apps.list ] || sh /usr/lib/holdfast/take_acme.sh next || :
[ ! -e next/certs.list ] || sh /usr/lib/holdfast/ocsp.sh beside next || :
if ! complaint=$(sh /usr/lib/holdfast/check.sh next 2>&1); then
  rm -rf next
  printf '%s\n' "$complaint" >&2
  exit 1
fi
# a running worker holds them in RAM; whoever reads them holds them still, see served.py
exec 7>switching
flock 7 || exit 1
rm -rf previous
mv current previous && mv next current || exit 1
rm -rf previous
exec 7>&-
# the edge's figures are a matter of its own: without them it serves as well
[ -n "${1-}" ] || /usr/bin/python3 -Es /usr/lib/holdfast/edge_counters.py --quiet || :
# should the master have died just now, its next start reads the new files anyway
kill -USR2 "$(cat "${1-pid}")" || :
