"""Believable facts for the desk in memory."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from holdfast.domain.app import (
    AppConfiguration,
    AppState,
    Commit,
    Environment,
    Limits,
    Release,
    Source,
)
from holdfast.domain.asked_secrets import AskedSecret
from holdfast.domain.branches import Branches
from holdfast.domain.changes import Change, ChangeKind
from holdfast.domain.contents import Contents
from holdfast.domain.names import AppName, HostName
from holdfast.domain.node import AppSummary, Item, NodeStatus, Snapshot, VolumeFacts
from holdfast.domain.operation import StepTime
from holdfast.domain.pin import Pin, choose_pin
from holdfast.domain.recovery_kit import Kit, KitAdmin
from holdfast.domain.repository import parse_repository, within_refs
from holdfast.domain.requests import (
    Candidate,
    Check,
    Deployed,
    Promise,
    RepositoryFacts,
    Verification,
)
from holdfast.domain.secret import Secret

NOW = datetime.now(UTC)
_MESSAGES = (
    "Fix totals of the third quarter",
    "Read the ledger once",
    "Speak of customers, not of clients, on every page of the quarterly report",
    "Add a map",
    "Update dependencies",
)
_NAMED = (
    ("sales-board", AppState.RUNNING),
    ("lab-notes", AppState.STARTING),
    ("payroll-forecast", AppState.CRASHED),
    ("fleet-map", AppState.RUNNING),
    ("annual-report-of-the-northern-region", AppState.RUNNING),
    ("energy-model", AppState.STOPPED),
    ("old-survey", AppState.FAILED),
)
SECRETS = """\
# where the orders come from
WAREHOUSE_URL = "postgresql://reader:k3ttle-drum@db.example.lan/orders"
PAGE_SIZE = 50
REGIONS = ["north", "south"]

[mail]
user = "reports"
password = "a-long-walk-home"  # until March
key = \'\'\'
-----BEGIN PRIVATE KEY-----
c2FtcGxl
-----END PRIVATE KEY-----
\'\'\'
"""
ASKED = (
    AskedSecret(("WAREHOUSE_URL",), True, "streamlit_app.py line 9"),
    AskedSecret(("mail", "server"), False, "report/send.py line 21"),
    AskedSecret(("SENTRY_DSN",), True, "streamlit_app.py line 14", optional=True),
)
CHANGES = (
    Change("report/send.py", ChangeKind.ADDED),
    Change("streamlit_app.py", ChangeKind.CHANGED),
    Change("old/totals.py", ChangeKind.DELETED),
)

_LIVE = (AppState.RUNNING, AppState.STARTING)

DEPLOY_STEPS = (
    ("Prepare", ()),
    ("Fetch the code", ("Fetching main", "HEAD is now at a41f9c2")),
    (
        "Resolve dependencies",
        ("Using CPython 3.13.5", "Resolved 41 packages in 812ms", "Prepared 41 packages in 1.2s"),
    ),
    ("Install dependencies", (" + altair==5.5.0", " + pandas==2.3.1", " + streamlit==1.49.0")),
    ("Pack the environment", ()),
    ("Start the sidecar and its firewall", ()),
    ("Start the app", ()),
    ("Switch the route", ()),
)


def commit(at: int) -> Commit:
    return Commit(
        id=f"{0xA41F9C2 + at * 7919:07x}" + "0" * 33,
        message=_MESSAGES[at % len(_MESSAGES)],
        author=("Ada Berg", "Jon Sund")[at % 2],
        created=NOW - timedelta(hours=2 + 31 * at),
    )


def apps(number: int) -> tuple[AppSummary, ...]:
    names = [
        _NAMED[at] if at < len(_NAMED) else (f"app-{at:03}", _NAMED[at % len(_NAMED)][1])
        for at in range(number)
    ]
    return tuple(_app(at, name, state) for at, (name, state) in enumerate(names))


def _app(at: int, name: str, state: AppState) -> AppSummary:
    live = state in _LIVE
    return AppSummary(
        name=AppName(name),
        state=state,
        host_name=HostName(f"{name}.localhost"),
        url=f"https://{name}.localhost:8443/",
        address="127.0.0.1:8443",
        release=f"r{at}",
        commit=commit(at),
        memory_bytes=(112 + 40 * (at % 9)) << 20 if live else None,
        memory_limit=1 << 30,
        cpu_percent=2.0 + 3 * (at % 5) if live else None,
        restarts=4 if state is AppState.CRASHED else 0,
        started=NOW - timedelta(minutes=7 + 300 * at) if live else None,
        certificate_ends=NOW + timedelta(days=(61, 88, 9)[at % 3], hours=5) if live else None,
    )


def last_minutes(snapshot: Snapshot | None, now: datetime) -> Iterator[tuple[Snapshot, datetime]]:
    """What was seen before: every ten seconds, for five minutes, with loads that differ."""
    if snapshot is None:
        return
    for at in range(30, -1, -1):
        lively = tuple(_earlier(app, at) for app in snapshot.apps)
        yield replace(snapshot, apps=lively), now - timedelta(seconds=10 * at)


def _earlier(app: AppSummary, at: int) -> AppSummary:
    if app.cpu_percent is None or app.memory_bytes is None or at == 0:
        return app
    dice = random.Random(f"{app.name} {at}")
    cpu = app.cpu_percent * (0.5 + 1.5 * dice.random() ** 2)
    return replace(app, cpu_percent=cpu, memory_bytes=app.memory_bytes - dice.randrange(12 << 20))


def fresh(name: AppName) -> AppSummary:
    return replace(
        _app(0, name, AppState.DEPLOYING), commit=None, release=None, url=None, started=None
    )


def serving(name: AppName, release: Release) -> AppSummary:
    host = release.configuration.host_name
    return replace(
        _app(0, name, AppState.RUNNING),
        host_name=host,
        url=f"https://{host}:8443/",
        release=release.id,
        commit=release.commit,
        started=datetime.now(UTC),
    )


def sealed(app: AppSummary) -> AppSummary:
    return AppSummary(
        app.name, AppState.SEALED, app.host_name, None, None, None, None, None, None, None, 0, None
    )


#: Seconds of each step of a deploy whose environment was kept.
_TOOK = (
    ("Prepare", 0.8),
    ("Fetch the code", 1.9),
    ("Resolve dependencies", 0.2),
    ("Start the sidecar and its firewall", 0.3),
    ("Start the app", 2.6),
    ("Switch the route", 0.7),
)


def releases(app: AppName) -> tuple[Release, ...]:
    return tuple(_release(app, at) for at in range(4))


def _release(app: AppName, at: int) -> Release:
    names = [name for name, _ in _NAMED]
    offset = names.index(app) if app in names else 0
    return Release(
        id=f"r{offset + at}",
        commit=commit(offset + at),
        created=NOW - timedelta(hours=1 + 30 * at),
        configuration=AppConfiguration(
            name=app,
            source=Source(
                repository=f"https://git.example.lan/team/{app}",
                branch="main",
                entrypoint="streamlit_app.py",
            ),
            host_name=HostName(f"{app}.localhost"),
            limits=Limits(),
            uid=231_004,
            release=f"r{offset + at}",
        ),
        entrypoint="streamlit_app.py",
        dependency_file="requirements.txt",
        python="3.13",
        framework="streamlit",
        environment=Environment(digest="9f2c41aa", packages=41, size_bytes=145 << 20),
        image="sha256:1b2c",
        by="ada on desk-4",
        seconds=sum(seconds for _, seconds in _TOOK),
        steps=tuple(StepTime(name, seconds) for name, seconds in _TOOK),
    )


def deployed(app: AppSummary, release: Release, steps: tuple[StepTime, ...]) -> Deployed:
    return Deployed(app.name, app.url or "", "127.0.0.1:8443", CA_FILE, release, steps)


#: The files of a repository that start something.
_FILES = ("streamlit_app.py", "admin/app.py", "tools/report.py")


def candidate(path: str, **changes: Any) -> Candidate:
    """In a folder of its own a file has other dependencies, and a Python of its own."""
    if path and path not in _FILES:
        return Candidate(path, why_not=f"The repository has no file {path}. Choose another.")
    inside = "/" in path
    file = f"{path.rpartition('/')[0]}/pyproject.toml" if inside else "requirements.txt"
    where = "the entrypoint's folder" if inside else "the repository's root"
    made = Candidate(
        path=path,
        framework="streamlit",
        dependency_file=file,
        dependency_reason=f"{file}: the first found in {where}.",
        python="3.11" if inside else "3.13",
        python_requirement="<3.12" if inside else ">=3.11",
        indexes=("packages.example.lan",) if inside else (),
    )
    return replace(made, **changes)


#: Of the same, and how many commits ago.
TAGS = {"v2.0": 2, "v1.4": 4}


def branches() -> Branches:
    """Of the repository that is read for a new app."""
    commits = {"main": commit(0).id, "develop": commit(3).id, "quarter-three": commit(0).id}
    return Branches("main", commits, tags={tag: commit(at).id for tag, at in TAGS.items()})


def repository(
    address: str,
    branch: str | None,
    entrypoint: str | None = None,
    no_app: bool = False,
    pin: str | None = None,
) -> RepositoryFacts:
    """Raises RepositoryError where it has nothing of the name that is pinned to."""
    refs = branches()
    page = within_refs(parse_repository(address), refs.commits, refs.tags)
    branch = branch or page.branch
    held = pin or (None if branch else page.pin)
    read = choose_pin(held, refs) if held else None
    found = [] if no_app else ["streamlit_app.py", "admin/app.py"]
    named = entrypoint or page.entrypoint
    if named:
        found = [named, *(path for path in found if path != named)]
    return RepositoryFacts(
        address=page.url,
        branches=tuple(refs.commits),
        default_branch=branch or "main",
        commit=_commit_of(read, branch),
        candidates=tuple(map(candidate, found)) or (candidate("", framework="command"),),
        debian_packages=("libgeos-dev", "gdal-bin"),
        proposed_name=AppName("harbour-traffic"),
        proposed_host_name=HostName("harbour-traffic.localhost"),
        contents=Contents(
            files=48,
            size_bytes=84 << 20,
            large_files=3,
            large_bytes=81 << 20,
            asked=(
                AskedSecret(("HARBOUR_TOKEN",), variable=True, where="streamlit_app.py line 9"),
                AskedSecret(("ledger", "password"), variable=False, where="ledger.py line 12"),
            ),
            submodules=("libs/charts",),
        ),
        tags=tuple(refs.tags),
        pin=read,
    )


def _commit_of(pin: Pin | None, branch: str | None) -> Commit:
    if pin is None:
        return commit(3 if branch == "develop" else 0)
    return commit(TAGS[pin.tag]) if pin.tag else replace(commit(0), id=pin.commit)


def volume(app: AppName, sealed: bool) -> VolumeFacts:
    contents = (
        ("code", 3 << 20),
        ("environments", 290 << 20),
        ("data", 118 << 20),
        ("logs", 640 << 10),
    )
    cipher = "AES-256-GCM (gocryptfs)"
    return VolumeFacts(
        app, cipher, sealed, None if sealed else 412 << 20, () if sealed else contents
    )


def verification(app: AppName, broken: bool) -> Verification:
    checks = (
        Check(Promise.ISOLATION, "no capabilities", True, "CapEff 0000000000000000"),
        Check(Promise.ISOLATION, "read-only root", True, "ReadonlyRootfs true"),
        Check(Promise.ISOLATION, "own network", True, f"holdfast-{app}, 10.213.0.16/28"),
        Check(Promise.ISOLATION, "own user", True, "uid 231004"),
        Check(
            Promise.AT_REST,
            "files encrypted on disk",
            not broken,
            "a plain file in /cipher" if broken else "41 names read, none in plain text",
        ),
        Check(Promise.IN_TRANSIT, "TLS 1.3 to visitors", True, "TLSv1.3 X25519MLKEM768"),
        Check(Promise.IN_TRANSIT, "mutual TLS to the app", True, "no certificate: refused"),
        Check(Promise.LEAVES, "telemetry off", True, "browser.gatherUsageStats=false"),
        Check(Promise.LEAVES, "uploads in RAM only", True, "/tmp is tmpfs, 200 MiB, noswap"),
    )
    return Verification(app, checks, datetime.now(UTC))


def belongings(app: AppName) -> tuple[Item, ...]:
    return (
        Item("container", f"holdfast-{app}-run-r1"),
        Item("container", f"holdfast-{app}-proxy-r1"),
        Item("container", f"holdfast-{app}-volume"),
        Item("volume", f"holdfast-{app}-cipher"),
        Item("volume", f"holdfast-{app}-keys"),
        Item("network", f"holdfast-{app}"),
        Item("route", f"{app}.localhost"),
        Item("host folder", f"/run/holdfast/{app}"),
        Item("keychain item", f"holdfast/{app}/volume-key"),
    )


def log(app: AppName) -> tuple[str, ...]:
    lines = [f"2026-11-24 00:31:0{at} INFO  {app}: session {at} opened" for at in range(8)]
    lines += [
        "2026-11-24 00:31:09 DEBUG reading /data/ledger.duckdb",
        "2026-11-24 00:31:10 WARNING the ledger is 3 days old",
        "2026-11-24 00:31:12 ERROR could not draw the map",
        "Traceback (most recent call last):",
        '  File "streamlit_app.py", line 41, in draw',
        "    st.map(frame[columns])",
        "KeyError: 'latitude'",
        "2026-11-24 00:31:14 INFO  session 3 closed",
    ]
    return tuple(lines)


def status(snapshot: Snapshot, has_kit: bool = True) -> NodeStatus:
    return NodeStatus(
        state=snapshot.state,
        engine_version="20.10.24",
        socket="/run/user/1000/holdfast/docker.sock",
        data_root="/var/lib/holdfast",
        containerd_root="/var/lib/holdfast/containerd",
        image="holdfast-node:1",
        apps=len(snapshot.apps),
        has_kit=has_kit,
    )


#: An identity of age's own making, of no node.
KIT_IDENTITY = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"

CA_FILE = "/home/ada/ca.pem"
ADMINS = (
    KitAdmin(
        "ada on workshop",
        "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq",
        here=True,
    ),
    KitAdmin("bo on lab-laptop", "age1jqf8mtl3ehpnqcxy2uy7zvn3l8v4r7kqwpfw0k6cjvgyf5s2xq9sdv8aqx"),
)


def kit() -> Kit:
    return Kit(
        Secret(KIT_IDENTITY.encode()),
        recipient="age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
        node="this-machine (1f0c22a94be77d05)",
        volumes="/var/lib/docker/volumes",
        made=NOW,
    )
