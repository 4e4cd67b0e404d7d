#!/bin/sh
# The last lines of a log, then each new one, until the reader goes away: follow.sh FILE LINES
# (docker leaves the program of a closed exec running, but closes its standard input)
tail -n "$2" -F "$1" 2>/dev/null &
tail=$!
cat >/dev/null
kill "$tail"
