#!/bin/sh
# Whether a proxy can use what was pushed into FOLDER: check.sh FOLDER. What is wrong goes to
# standard error. HAProxy reads what its configuration names; an authority that nobody asks for yet
# has to be whole as well.
set -u
haproxy -c -f "$1/haproxy.cfg" || exit 1
authorities=edge-ca.pem
[ ! -e "$1/apps.list" ] || authorities='sidecars-ca.pem visitors-ca.pem'
load='import ssl, sys; ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(sys.argv[1])'
for file in $authorities; do
  if ! timeout 20 /usr/bin/python3 -I -c "$load" "$1/$file" </dev/null 2>/dev/null; then
    echo "$1/$file is missing, empty or damaged" >&2
    exit 1
  fi
done
