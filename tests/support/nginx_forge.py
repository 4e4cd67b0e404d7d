"""A forge's repositories behind nginx, over HTTP/2, with git's own program by FastCGI."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from forge import SAFE, Forge, started, wait_for
from lan import ADDRESS, PORT

_PORT = PORT + 2
_CONFIGURATION = """
daemon off;
user nobody nogroup;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx;
  fastcgi_temp_path {folder}/nginx;
  server {{
    listen {address}:{port} ssl http2;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.pem;
    auth_basic forge;
    auth_basic_user_file {folder}/users;
    location / {{
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
      fastcgi_param PATH_INFO $uri;
      fastcgi_param GIT_PROJECT_ROOT {served};
      fastcgi_param GIT_HTTP_EXPORT_ALL 1;
      fastcgi_param GIT_PROTOCOL $http_git_protocol;
      {safe}
      fastcgi_pass unix:{folder}/nginx/git;
    }}
  }}
}}
"""


@contextmanager
def nginx_of(forge: Forge) -> Iterator[str]:
    """For who has the forge's token, with its certificate, for the time of the block. Its address,
    without the repository's name."""
    own = forge.folder / "nginx"
    own.mkdir()
    own.chmod(0o777)
    configuration = own / "nginx.conf"
    safe = (f"fastcgi_param {pair.replace('=', ' ', 1)};" for pair in SAFE.split())
    configuration.write_text(
        _CONFIGURATION.format(
            address=ADDRESS,
            port=_PORT,
            folder=forge.folder,
            served=forge.served,
            safe=" ".join(safe),
        )
    )
    nobody = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    with (
        started(forge.namespace, *nobody, "fcgiwrap", "-s", f"unix:{own}/git"),
        started(forge.namespace, "/usr/sbin/nginx", "-c", str(configuration)) as server,
    ):
        wait_for(server, forge.namespace, _PORT)
        yield f"https://{ADDRESS}:{_PORT}"
