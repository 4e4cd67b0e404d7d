"""Lets a sidecar serve the certificate in /keys/renewed.pem. Its open connections stay.

HAProxy takes it over its control socket, which only this container sees; the file takes the old
one's place for the next start. If HAProxy refuses it, nothing has changed and the status is 1.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

_RENEWED = Path("/keys/renewed.pem")
_CONTROL = "/keys/control"
_SERVED = Path("/keys/current/server.pem")
_SECONDS = 5.0


def main() -> int:
    try:
        name = _name_of(_SERVED.name)
        told = ask(f"set ssl cert {name} <<\n{_RENEWED.read_text()}\n")
        told += ask(f"commit ssl cert {name}\n")
        if "Success!" not in told:
            ask(f"abort ssl cert {name}\n")
            print(told.strip(), file=sys.stderr)
            return 1
        _RENEWED.replace(_SERVED)
    except OSError as error:
        print(f"The proxy does not answer: {error}", file=sys.stderr)
        return 1
    finally:
        _RENEWED.unlink(missing_ok=True)
    return 0


def _name_of(file: str) -> str:
    """What HAProxy calls the certificate of this file."""
    known = ask("show ssl cert\n").split()
    return next((each for each in known if each.rpartition("/")[2] == file), file)


def ask(words: str) -> str:
    with socket.socket(socket.AF_UNIX) as control:
        control.settimeout(_SECONDS)
        control.connect(_CONTROL)
        control.sendall(words.encode())
        answer = b""
        while part := control.recv(4096):
            answer += part
    return answer.decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
