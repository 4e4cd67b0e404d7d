#!/bin/sh
# One desktop at a time changes the edge: turn.sh SECONDS waits for its turn, prints the routes of
# now as one line of JSON (null before the edge's start), and ends when its reader goes away.
# Status 75: its turn did not come in that time.
set -u
cd /keys || exit 1
exec 9>turn 8>reloading
# the reload of one that was killed in its turn goes on to its end
{ flock -w "$1" 9 && flock -w "$1" 8; } || exit 75
exec 8>&-
# whoever had the turn may have gone while the proxy was starting
tries=0
while [ -e go ] && [ ! -e pid ] && [ "$tries" -le 200 ]; do
  tries=$((tries + 1))
  sleep 0.05
done
if [ -e pid ]; then cat current/routes.json || exit 1; else echo null; fi
cat >/dev/null
