"""A CA on a machine beyond the engine's host, with a real OCSP responder: OpenSSL's."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalogue import Made, Wanted, authority, issue
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from lan import ADDRESS, machine_beyond
from waiting import wait_until
from world import World

from holdfast.domain import names
from holdfast.node.edge import edge_place

_PORT = 8890
URL = f"http://{ADDRESS}:{_PORT}/"
_TIME = "%y%m%d%H%M%SZ"


@dataclass
class OcspCa:
    """namespace: of the machine that its responder runs on."""

    folder: Path
    namespace: str
    made: Made = field(
        default_factory=lambda: authority("A private root", ends=datetime.now(UTC) + _years(2))
    )
    _lines: dict[int, str] = field(default_factory=dict)
    _running: subprocess.Popen[bytes] | None = None

    def issue(self, host: str, must_staple: bool = False, responder: str = URL) -> Made:
        now = datetime.now(UTC)
        wanted = Wanted(
            subject=host,
            names=(host,),
            begins=now - timedelta(days=1),
            ends=now + timedelta(days=80),
            responder=responder,
            must_staple=must_staple,
            serial=x509.random_serial_number(),
        )
        return issue(wanted, self.made)

    def say_good(self, *certificates: Made) -> None:
        for each in certificates:
            self._say(each, f"V\t{self._end(each)}\t\t")

    def say_revoked(self, made: Made) -> None:
        when = (datetime.now(UTC) - timedelta(hours=1)).strftime(_TIME)
        self._say(made, f"R\t{self._end(made)}\t{when},keyCompromise\t")

    def impostor(self) -> Made:
        """A CA of the same name."""
        return authority("A private root", ends=datetime.now(UTC) + _years(2))

    def old_answer(self, made: Made) -> bytes:
        """One of two days ago that was good for one day."""
        now, day = datetime.now(UTC), timedelta(days=1)
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=made.certificate,
            issuer=self.made.certificate,
            algorithm=SHA1(),
            cert_status=ocsp.OCSPCertStatus.GOOD,
            this_update=now - 2 * day,
            next_update=now - day,
            revocation_time=None,
            revocation_reason=None,
        )
        named = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.made.certificate)
        return named.sign(self.made.key, SHA256()).public_bytes(Encoding.DER)

    def start(self, signed_by: Made | None = None) -> None:
        """signed_by: another than the CA itself."""
        signer = signed_by or self.made
        (self.folder / "signer.pem").write_bytes(signer.pem)
        (self.folder / "signer.key").write_bytes(signer.key_pem())
        (self.folder / "ca.pem").write_bytes(self.made.pem)
        (self.folder / "index").write_text("".join(self._lines.values()))
        place = ("ip", "netns", "exec", self.namespace, "openssl", "ocsp", "-ignore_err")
        whom = ("-index", "index", "-CA", "ca.pem", "-rsigner", "signer.pem")
        key = ("-rkey", "signer.key")
        log = (self.folder / "responder.log").open("ab")
        with log:
            self._running = subprocess.Popen(
                [*place, *whom, *key, "-port", str(_PORT), "-nmin", "60"],
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        wait_until(self._listens, "the responder listens")

    def stop(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def _listens(self) -> bool:
        command = ("ip", "netns", "exec", self.namespace, "ss", "-Hltn", f"sport = :{_PORT}")
        return bool(subprocess.run(command, capture_output=True, check=True).stdout)

    def _say(self, made: Made, words: str) -> None:
        serial = made.certificate.serial_number
        digits = f"{serial:X}"
        padded = digits.zfill(len(digits) + len(digits) % 2)
        self._lines[serial] = f"{words}{padded}\tunknown\t/CN={serial}\n"
        if self._running is not None:
            self.stop()
            self.start()

    @staticmethod
    def _end(made: Made) -> str:
        return made.certificate.not_valid_after_utc.strftime(_TIME)


def _years(number: int) -> timedelta:
    return timedelta(days=365 * number)


def asked_again(world: World) -> None:
    """The edge asks, as every five minutes."""
    script = "/usr/bin/python3 -Es /usr/lib/holdfast/ocsp.py ask && echo done"
    assert world.shell(names.EDGE, script) == "done"


def answer_shown(world: World, host: str) -> str:
    """What a visitor of another make sees: OpenSSL's own words."""
    place = edge_place(world.node)
    assert place is not None
    command = ["openssl", "s_client", "-connect", f"{place[0]}:{place[1]}", "-servername", host]
    done = subprocess.run([*command, "-status"], stdin=subprocess.DEVNULL, capture_output=True)
    return done.stdout.decode()


@contextmanager
def ocsp_ca(folder: Path) -> Iterator[OcspCa]:
    with machine_beyond() as name:
        made = OcspCa(folder, name)
        try:
            yield made
        finally:
            made.stop()
