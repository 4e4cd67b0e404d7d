"""Verify: the promises about one app, each compared with what its processes really show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError
from holdfast.domain.frameworks import Framework
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.page_sources import STATISTICS_HOSTS
from holdfast.domain.requests import Check, Promise, Verification
from holdfast.domain.statistics import effective
from holdfast.domain.telemetry import Telemetry
from holdfast.node import payloads
from holdfast.node.node import Node
from holdfast.node.page_rules import page_rules
from holdfast.node.process_look import ProcessLook, look_at_app, mounts_of_mounter
from holdfast.node.route_probe import probe_route
from holdfast.operations.serving_app import OpenedApp, open_app


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
        look = look_at_app(node, name, app.release.slot, app.configuration.uid)
        answer = probe_route(node, app.configuration.host_name)
        checks = (
            *_isolation(app, look),
            *_at_rest(node, app),
            *_in_transit(app, answer),
            *_leaves(app, look, "; ".join(answer.get("policies") or ())),
        )
        return Verification(name, checks, node.clock.now())

    return Operation(f"Verify {name}", target=f"verify/{name}", body=body)


def _isolation(app: OpenedApp, look: ProcessLook) -> list[Check]:
    told = {name: look.status.get(name, "unknown") for name in ("CapEff", "NoNewPrivs", "Seccomp")}
    uid = look.status.get("Uid", "unknown").split()[0]
    root = look.mounts.get("/", ("", ""))[1]
    unexpected = [line for line in look.environment if not line.startswith(_PLAIN_VARIABLES)]
    networks = {name for c in app.parts.by_role("proxy") for name in c.networks}
    return [
        _check("no capabilities", set(told["CapEff"]) == {"0"}, f"CapEff {told['CapEff']}"),
        _check("read-only root", "ro" in root.split(","), f"/ is mounted {root[:40]}"),
        _check("no new privileges", told["NoNewPrivs"] == "1", f"NoNewPrivs {told['NoNewPrivs']}"),
        _check("filtered system calls", told["Seccomp"] == "2", f"Seccomp {told['Seccomp']}"),
        _check(f"user {uid}", uid == str(app.configuration.uid), f"Uid {uid}"),
        _check(
            "own network",
            networks == {names.network(app.configuration.name)},
            ", ".join(sorted(networks)) or "no network",
        ),
        _check(
            "nothing secret in the first environment",
            not unexpected,
            f"{len(unexpected)} variables beside those of the image",
        ),
    ]


#: What the image and the container's payload set.
_PLAIN_VARIABLES = ("PATH=", "HOME=", "HOSTNAME=", "LANG=", "PYTHON", "UV_")


def _check(claim: str, held: bool, found: str) -> Check:
    return Check(Promise.ISOLATION, claim, held, found)


def _at_rest(node: Node, app: OpenedApp) -> list[Check]:
    mounts = mounts_of_mounter(node, app.configuration.name)
    plain, keys = mounts["/keys/plain"], mounts["/keys"]
    return [
        Check(
            Promise.AT_REST,
            "files encrypted one by one",
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


def _in_transit(app: OpenedApp, answer: Mapping[str, Any]) -> list[Check]:
    host = app.configuration.host_name
    release = answer.get("release")
    wrong = answer.get("error") or answer.get("unverified")
    return [
        Check(
            Promise.IN_TRANSIT,
            "TLS to visitors",
            answer.get("status") is not None and not answer.get("unverified"),
            str(wrong or f"{host} answered with a verified certificate"),
        ),
        Check(
            Promise.IN_TRANSIT,
            "mutual TLS to the app",
            release == app.release.slot,
            f"the sidecar of release {release} answered the edge's certificate",
        ),
    ]


def _leaves(app: OpenedApp, look: ProcessLook, policies: str) -> list[Check]:
    checks = []
    choice = app.configuration.telemetry
    holds = effective(choice, app.release.framework, app.release.statistics)
    if holds.on:
        checks.append(Check(Promise.LEAVES, "usage statistics on, as chosen", True, holds.source))
    elif app.release.framework == Framework.STREAMLIT and choice is Telemetry.OFF:
        flag = "--browser.gatherUsageStats=false"
        found = f"the running process was given {flag}"
        given = flag in look.commands
        checks.append(
            Check(
                Promise.LEAVES,
                "usage statistics off",
                given,
                found if given else f"no running process was given {flag}",
            )
        )
    if page_rules(app.configuration, app.release).quiet:
        told = policies or "the edge tells browsers of no policy"
        refused = bool(policies) and not any(host in policies for host in STATISTICS_HOSTS)
        checks.append(Check(Promise.LEAVES, "their hosts refused to scripts", refused, told))
    places = {place: look.mounts.get(place, ("the disk", "")) for place in ("/tmp", payloads.HOME)}
    in_ram = all(kind == "tmpfs" for kind, _ in places.values())
    told = ", ".join(f"{place} on {kind}" for place, (kind, _) in places.items())
    checks.append(Check(Promise.LEAVES, "uploads in RAM only", in_ram, told))
    return checks
