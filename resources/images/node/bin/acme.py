"""Gets and renews the certificate of one app from an ACME server, with certbot.

acme.py keep                the container's main process: shows the certificate to the edge, and
                            looks twice a day, or when the server says, whether it has to be renewed
acme.py register            makes an account where there is none, and shows its thumbprint
acme.py show                shows the edge what there is
acme.py obtain [--anew]     gets or renews the certificate, and shows it; --anew: also one that is
                            not due. Prints how it went as JSON: at, kind and detail of what was
                            wrong, both empty if nothing was; and renewal, when the server
                            would have the next one (ari.py), null if it does not say

/mnt/app/acme is the app's encrypted folder: acme.json says what was asked for, hosts.json for which
names, ari.json is what ari.py keeps, account.json how the account is, certbot/ is certbot's own.
/mnt/edge/APP is what the edge reads, in RAM: HOST.pem for each name that the certificate covers,
root.pem, thumbprint, and status.json. The challenge is answered by the edge, which needs the
account's thumbprint alone.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from random import uniform

# certbot's own libraries
from cryptography import x509
from josepy import JWK, b64

_FOLDER = Path("/mnt/app/acme")
_ASKED = _FOLDER / "acme.json"
_HOSTS = _FOLDER / "hosts.json"
_ROOTS = _FOLDER / "roots.pem"
_ROOT = _FOLDER / "root.pem"
_ARI = _FOLDER / "ari.json"
_ACCOUNT = _FOLDER / "account.json"
_ASK_ARI = Path(__file__).with_name("ari.py")
_CERTBOT = _FOLDER / "certbot"
_LOGS = Path("/tmp/logs")
_LOCK = Path("/tmp/lock")
_BEGUN = Path("/tmp/begun")
_NOBODY = "--register-unsafely-without-email"
_HALF_A_DAY = 12 * 3600
_PROBLEM = re.compile(r"urn:ietf:params:acme:error:(\w+)")
#: As the server tells of an account that it still answers for.
_ENDED = re.compile(r'"status": "(?:deactivated|revoked)"')
_DETAIL = re.compile(r'"detail": "((?:[^"\\]|\\.)*)"')
#: What an account is where the server answers so when it is asked about it.
_ACCOUNTS = {
    "": "valid",
    "accountDoesNotExist": "lost",
    "unauthorized": "deactivated",
    "deactivated": "deactivated",
}
#: Whoever was not reached a moment ago is not asked once more.
_UNREACHED = ("clock", "untrusted", "noServer", "gone")
#: What certbot tells where no answer of the server's is in its log.
_CERTBOT_SAYS = (
    ("clock", re.compile(r"certificate (?:is not yet valid|has expired)")),
    ("untrusted", re.compile(r"CERTIFICATE_VERIFY_FAILED|certificate verify failed")),
    ("noServer", re.compile(r"JSONDecodeError|Directory field not found")),
    ("gone", re.compile(r"ConnectionError|Timeout|MaxRetryError|ValueError: Requesting \S+: ")),
)


def main() -> int:
    asked = json.loads(_ASKED.read_text())
    verb = sys.argv[1]
    if verb == "keep":
        return keep(asked)
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = _VERBS[verb](asked)
    print(json.dumps(told))
    return 1 if told["kind"] else 0


def keep(asked: dict[str, str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    tries = 0
    while not _BEGUN.exists():
        # made by whoever began the container, once its firewall is closed
        tries += 1
        if tries > 400:
            return 1
        time.sleep(0.05)
    show(asked)
    while True:
        if (_CERTBOT / "renewal").is_dir():
            subprocess.run([sys.executable, "-I", __file__, "obtain"], check=False)
        time.sleep(pause(asked))


def pause(asked: dict[str, str]) -> float:
    """Seconds until the next look."""
    # all clients of a server shall not come at one moment
    usual = _HALF_A_DAY * uniform(0.9, 1.1)
    known, now = suggestion(asked), datetime.now(UTC)
    if known is None or is_past(known):
        # what it suggested did not come about: a server that has trouble is not pressed
        return usual
    moments = (datetime.fromisoformat(known[name]) for name in ("at", "again"))
    return max(60.0, min(usual, *((each - now).total_seconds() for each in moments)))


def register(asked: dict[str, str]) -> dict[str, str]:
    if thumbprint(asked) is None:
        email = asked["email"]
        whom = ["--no-eff-email", f"--email={email}"] if email else [_NOBODY]
        told = certbot(asked, "register", "--agree-tos", *whom)
    else:
        told = outcome("", "")
    look_at_account(asked, told)
    show(asked)
    return told


def obtain(asked: dict[str, str]) -> dict[str, object]:
    ask_ari(asked)
    known, anew = suggestion(asked), "--anew" in sys.argv
    if known is None or anew or is_past(known) or set(wanted(asked)) != set(held(asked)):
        told = renew(asked, anew or (known is not None and is_past(known)))
        # about what was got now
        ask_ari(asked)
    else:
        told = outcome("", "")
    look_at_account(asked, told)
    show(asked)
    known = suggestion(asked)
    renewal = {name: known[name] for name in ("at", "explanation")} if known else None
    status: dict[str, object] = {**told, "renewal": renewal}
    write(shown(asked) / "status.json", json.dumps(status))
    return status


def renew(asked: dict[str, str], anew: bool) -> dict[str, str]:
    """anew: although a third of its life is left. certbot knows nothing of ARI yet."""
    return certbot(
        asked,
        "certonly",
        "--manual",
        "--manual-auth-hook=/bin/true",
        "--preferred-challenges=http",
        "--key-type=ecdsa",
        f"--cert-name={asked['host']}",
        *(f"--domain={host}" for host in wanted(asked)),
        "--renew-with-new-domains",
        "--force-renewal" if anew else "--keep-until-expiring",
    )


def look_at_account(asked: dict[str, str], last: dict[str, str]) -> None:
    """Ask the server how the account is, and keep that. last: how it last answered."""
    if keys_of(asked):
        reached = last["kind"] not in _UNREACHED
        keep_account(asked, certbot(asked, "show_account") if reached else last)


def keep_account(asked: dict[str, str], told: dict[str, str] | None) -> None:
    """told: what asking about it came to; None where nobody has asked."""
    try:
        known = json.loads(_ACCOUNT.read_text())
    except (OSError, ValueError):
        known = {"state": "not asked", "contact": None, "failure": None}
    if told is not None:
        state = _ACCOUNTS.get(told["kind"])
        answered = {"state": state, "contact": told["at"]} if state else {}
        known |= answered | {"failure": told if told["kind"] else None}
    [place, *_] = keys_of(asked)
    registered = json.loads((place.parent / "regr.json").read_text())
    known |= {
        "directory": asked["directory"],
        "email": asked["email"],
        "url": registered["uri"],
        "key": key_words(JWK.json_loads(place.read_text()).key),
    }
    write(_ACCOUNT, json.dumps(known))


def key_words(key: object) -> str:
    """As Holdfast has it of certificates."""
    curve = getattr(key, "curve", None)
    return f"ECDSA {curve.name}" if curve else f"RSA {key.key_size} bits"


def ask_ari(asked: dict[str, str]) -> None:
    """In a process of its own: what it loads would stay in memory."""
    chain = live(asked) / "fullchain.pem"
    if chain.exists():
        command = [sys.executable, "-I", str(_ASK_ARI), str(_ARI), asked["directory"], str(chain)]
        subprocess.run(command, env=environment(), stdin=subprocess.DEVNULL, check=False)


def suggestion(asked: dict[str, str]) -> dict[str, str] | None:
    """What the server would have done with the certificate, None where it has not said."""
    try:
        known: dict[str, str] = json.loads(_ARI.read_text())
        leaf = x509.load_pem_x509_certificate((live(asked) / "fullchain.pem").read_bytes())
    except (OSError, ValueError):
        return None
    return known if "at" in known and known["serial"] == f"{leaf.serial_number:x}" else None


def is_past(known: dict[str, str]) -> bool:
    return datetime.fromisoformat(known["at"]) <= datetime.now(UTC)


def held(asked: dict[str, str]) -> list[str]:
    """The names that the certificate holds."""
    chain = live(asked) / "fullchain.pem"
    return covered(chain.read_text()) if chain.exists() else []


def live(asked: dict[str, str]) -> Path:
    return _CERTBOT / "live" / asked["host"]


def environment() -> dict[str, str]:
    roots = {"REQUESTS_CA_BUNDLE": str(_ROOTS)} if _ROOTS.exists() else {}
    return os.environ | {"HOME": "/tmp"} | roots


def certbot(asked: dict[str, str], verb: str, *more: str) -> dict[str, str]:
    shutil.rmtree(_LOGS, ignore_errors=True)
    folders = ("--config-dir", str(_CERTBOT), "--work-dir", "/tmp/work", "--logs-dir", str(_LOGS))
    server = ("--server", asked["directory"])
    done = subprocess.run(
        ["certbot", verb, "--non-interactive", *folders, *server, *more],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    logs = "".join(each.read_text(errors="replace") for each in sorted(_LOGS.glob("*.log*")))
    if done.returncode:
        return judged(done.stderr, logs)
    return outcome("deactivated" if verb == "show_account" and _ENDED.search(logs) else "", "")


def judged(said: str, log: str) -> dict[str, str]:
    """said: what certbot told; log: what it and the server said to each other."""
    problems = [each for each in _PROBLEM.finditer(log) if each[1] != "badNonce"]
    if problems:
        last = problems[-1]
        around = log[log.rfind("{", 0, last.start()) : last.end() + 2000]
        detail = _DETAIL.search(around)
        return outcome(last[1], json.loads(f'"{detail[1]}"') if detail else "")
    # the last paragraph before certbot's hint at its own log
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = [each for each in lines if not each.startswith(("Saving debug log", "Ask for help"))]
    text = " ".join(told)
    kind = next((kind for kind, words in _CERTBOT_SAYS if words.search(text)), "other")
    return outcome(kind, text[-400:])


def outcome(kind: str, detail: str) -> dict[str, str]:
    return {"at": datetime.now(UTC).isoformat(), "kind": kind, "detail": detail}


def wanted(asked: dict[str, str]) -> list[str]:
    """The names that the certificate is to hold; an earlier release knew one alone."""
    return json.loads(_HOSTS.read_text()) if _HOSTS.exists() else [asked["host"]]


def covered(chain: str) -> list[str]:
    leaf = x509.load_pem_x509_certificate(chain.encode())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.DNSName)


def show(asked: dict[str, str]) -> None:
    """Give the edge what there is; each file is whole or not there."""
    place, got = shown(asked), live(asked)
    found = thumbprint(asked)
    if found:
        write(place / "thumbprint", found)
        if not _ACCOUNT.exists():
            # it was made by an earlier release
            keep_account(asked, None)
    if _ROOT.exists():
        write(place / "root.pem", _ROOT.read_text())
    if (got / "privkey.pem").exists():
        chain = (got / "fullchain.pem").read_text()
        names = {f"{host}.pem" for host in covered(chain)}
        for name in names:
            write(place / name, chain + (got / "privkey.pem").read_text())
        for file in place.glob("*.pem"):
            if file.name not in {*names, "root.pem"}:
                file.unlink()


def shown(asked: dict[str, str]) -> Path:
    return Path("/mnt/edge") / asked["app"]


def write(path: Path, text: str) -> None:
    """The edge looks for what is newer than its last look: what stays the same is not touched."""
    if path.exists() and path.read_text() == text:
        return
    part = path.with_name(f".{path.name}")
    part.touch(mode=0o640)
    part.chmod(0o640)
    part.write_text(text)
    part.replace(path)


def thumbprint(asked: dict[str, str]) -> str | None:
    """That of the account at this server, None where there is none."""
    keys = keys_of(asked)
    if not keys:
        return None
    return b64.b64encode(JWK.json_loads(keys[0].read_text()).thumbprint()).decode()


def keys_of(asked: dict[str, str]) -> list[Path]:
    """Of the accounts at this server; the first one's is used."""
    server = asked["directory"].partition("://")[2].rstrip("/")
    return sorted((_CERTBOT / "accounts" / server).glob("*/private_key.json"))


def show_again(asked: dict[str, str]) -> dict[str, str]:
    show(asked)
    return outcome("", "")


_VERBS = {"register": register, "obtain": obtain, "show": show_again}

if __name__ == "__main__":
    sys.exit(main())
