"""What this machine passes on to the node's builders: its trusted CAs and its proxies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from holdfast.adapters.other_engines import USUAL_SOCKETS
from holdfast.domain.errors import HoldfastError

#: Debian and Ubuntu, Fedora, and the variables that tools for corporate networks set.
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
_BUNDLE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")


def trusted_certificates(environment: Mapping[str, str]) -> bytes:
    """PEM of all CAs that this machine trusts, empty where none are found."""
    bundle = trusted_bundle(environment)
    return bundle.read_bytes() if bundle else b""


def trusted_bundle(environment: Mapping[str, str]) -> Path | None:
    """The file that holds them."""
    given = [environment[name] for name in _BUNDLE_VARIABLES if environment.get(name)]
    return next((path for path in map(Path, (*given, *_BUNDLES)) if path.is_file()), None)


def proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """Proxy variables in both spellings. One with a password in it is refused: the environment
    of a container is shown by `docker inspect`."""
    found: dict[str, str] = {}
    for name in _PROXY_VARIABLES:
        value = environment.get(name) or environment.get(name.lower())
        if value and "@" in value:
            raise HoldfastError(
                f"The proxy in {name} needs a password.",
                "Holdfast does not put passwords into a container's environment.",
                "Use a proxy without one, such as a local cntlm or px.",
            )
        if value:
            found |= {name: value, name.lower(): value}
    return found


def usual_engine(environment: Mapping[str, str]) -> Path:
    """The socket of the engine that other tools on this machine use. Whoever names one is given
    no other in its place. Raises HoldfastError."""
    chosen = environment.get("DOCKER_HOST", "").removeprefix("unix://")
    scheme, remote, _ = chosen.partition("://")
    if remote:
        raise HoldfastError(
            f"DOCKER_HOST names an engine behind {scheme}://, which is not supported.",
            "Holdfast reaches an engine over a Unix socket alone. Whoever reaches one on plain TCP"
            " is root there.",
            "Unset DOCKER_HOST, or name a socket: unix:///run/docker.sock",
        )
    for path in map(Path, [chosen] if chosen else USUAL_SOCKETS):
        if path.is_socket():
            return path
    raise HoldfastError(
        "No container engine was found on this machine.",
        f"Nothing listens at {chosen or USUAL_SOCKETS[0]}.",
        "Start it, or leave --use-engine out: Holdfast brings one of its own.",
    )
