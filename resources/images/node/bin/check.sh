#!/bin/sh
# Whether a proxy can use what was pushed into FOLDER: check.sh FOLDER. What is wrong goes to
# standard error. HAProxy reads what its configuration names; an authority that nobody asks for yet
# has to be whole as well.
set -u
haproxy -c -f "$1/haproxy.cfg" || exit 1
if [ -e "$1/apps.list" ]; then
  set -- "$1/sidecars-ca.pem" "$1/visitors-ca.pem"
else
  set -- "$1/edge-ca.pem"
fi
timeout 20 /usr/bin/python3 -I -c 'if True:
    import ssl, sys
    for file in sys.argv[1:]:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
        except OSError:
            sys.exit(f"{file} is missing, empty or damaged")' "$@" </dev/null
