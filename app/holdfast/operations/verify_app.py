"""Verify: the promises about one app, each compared with what its processes really show."""

from __future__ import annotations

import json

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.requests import Check, Promise, Verification
from holdfast.node import payloads
from holdfast.node.node import Node
from holdfast.node.proxy_configuration import probe_command
from holdfast.operations.serving_app import OpenedApp, open_app

_LOOK = (
    "cat /proc/1/status; echo ---; cat /proc/1/mounts; echo ---; tr '\\0' '\\n' </proc/1/environ"
)


def verify_app(node: Node, name: AppName) -> Operation[Verification]:
    """Raises HoldfastError for an app that does not run: there is nothing to look at."""

    def body(cancel: CancelToken) -> Steps[Verification]:
        yield Step("Look at the running app")
        app = open_app(node, name)
        if app.parts.running is None:
            raise HoldfastError(
                f"{name} does not run.",
                "Its promises are read from its running processes.",
                f"Start it: holdfast app start {name}",
            )
        checks = [*_isolation(node, app), *_at_rest(node, app), *_in_transit(node, app)]
        return Verification(name, (*checks, *_leaves(app)), node.clock.now())

    return Operation(f"Verify {name}", target=f"verify/{name}", body=body)


def _isolation(node: Node, app: OpenedApp) -> list[Check]:
    runner = names.runner(app.configuration.name, app.release.id)
    user = f"{app.configuration.uid}:{app.configuration.uid}"
    done = node.engine.run(runner, ("/bin/sh", "-c", _LOOK), user)
    status_text, mounts, environment = done.output.decode(errors="replace").split("---\n", 2)
    status = dict(line.split(":\t", 1) for line in status_text.splitlines() if ":\t" in line)
    effective = status.get("CapEff", "unknown").strip()
    uid = status.get("Uid", "?").split()[0]
    root = next((line.split()[3] for line in mounts.splitlines() if line.split()[1] == "/"), "")
    secret = [name for name in environment.splitlines() if not name.startswith(_PLAIN_VARIABLES)]
    network = app.parts.by_role("proxy")
    return [
        _check("no capabilities", set(effective) == {"0"}, f"CapEff {effective}"),
        _check("read-only root", root.split(",")[0] == "ro", f"/ is mounted {root[:40]}"),
        _check(
            "no new privileges",
            status.get("NoNewPrivs", "").strip() == "1",
            f"NoNewPrivs {status.get('NoNewPrivs', '?').strip()}",
        ),
        _check(
            "filtered system calls",
            status.get("Seccomp", "").strip() == "2",
            f"Seccomp {status.get('Seccomp', '?').strip()}",
        ),
        _check(f"user {uid}", uid == str(app.configuration.uid), f"Uid {uid}"),
        _check(
            "own network",
            all(list(c.networks) == [names.network(app.configuration.name)] for c in network),
            ", ".join(name for c in network for name in c.networks),
        ),
        _check(
            "nothing secret in the first environment",
            not secret,
            "only plain variables" if not secret else f"{len(secret)} unexpected variables",
        ),
    ]


#: What the image and the container's payload set.
_PLAIN_VARIABLES = ("PATH=", "HOME=", "HOSTNAME=", "LANG=", "PYTHON", "UV_")


def _check(claim: str, held: bool, found: str) -> Check:
    return Check(Promise.ISOLATION, claim, held, found)


def _at_rest(node: Node, app: OpenedApp) -> list[Check]:
    mounter = names.mounter(app.configuration.name)
    done = node.engine.run(mounter, ("/bin/cat", "/proc/mounts"))
    rows = [line.split() for line in done.output.decode(errors="replace").splitlines()]
    plain = [row[2] for row in rows if row[1] == "/keys/plain"]
    keys = [row[2] for row in rows if row[1] == "/keys"]
    return [
        Check(
            Promise.AT_REST,
            "AES-256-GCM",
            plain == ["fuse.gocryptfs"],
            f"code, environment, data and logs lie on {', '.join(plain) or 'nothing encrypted'}",
        ),
        Check(
            Promise.AT_REST,
            f"key in {node.keys.label}",
            keys == ["tmpfs"],
            f"on the node it is in RAM alone ({', '.join(keys)})",
        ),
    ]


def _in_transit(node: Node, app: OpenedApp) -> list[Check]:
    host = app.configuration.host_name
    answer = json.loads(node.engine.run(names.EDGE, probe_command(host)).output or b"{}")
    release = answer.get("release")
    return [
        Check(
            Promise.IN_TRANSIT,
            "TLS to visitors",
            answer.get("status") is not None,
            str(answer.get("error") or f"{host} answered with a verified certificate"),
        ),
        Check(
            Promise.IN_TRANSIT,
            "mutual TLS to the app",
            release == app.release.id,
            f"the sidecar of release {release} answered the edge's certificate",
        ),
    ]


def _leaves(app: OpenedApp) -> list[Check]:
    streamlit = app.release.framework == "streamlit"
    return [
        Check(
            Promise.LEAVES,
            "usage statistics off" if streamlit else "no usage statistics by Holdfast",
            True,
            "started with --browser.gatherUsageStats=false" if streamlit else "none are collected",
        ),
        Check(
            Promise.LEAVES,
            "uploads in RAM only",
            True,
            f"/tmp and {payloads.HOME} are RAM volumes that are never swapped",
        ),
    ]
