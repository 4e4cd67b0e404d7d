"""A certificate of one's own that is imported in the window: its files, and the words about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from holdfast.domain.certificate import CertificateFiles
from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret
from holdfast.presenters.notices import Notice
from holdfast.presenters.private_file import read_private

IMPORT = "Import one of your own…"
REPLACE = "Replace…"
ABOUT = (
    "A PEM file with the certificate first, then its chain, and its key in the same file or in"
    " one beside it; or a PKCS#12 file that holds all of them. It is checked before anything"
    " changes."
)
CHOOSE = "Choose files…"
NONE = "No file is chosen"
PASSPHRASE = "Passphrase of the key or of the PKCS#12 file"
PASSPHRASE_HINT = "Only where it has one"
SERVE = "Check and serve it"
LEAVE = "Cancel"
FILES = "Certificates and keys (*.pem *.crt *.cer *.key *.p12 *.pfx);;All files (*)"
ASK_DROP = Notice(
    "Back to Holdfast's own CA?",
    "The imported certificate and its key are deleted from the keychain. Holdfast's own CA, which"
    " browsers have to trust, serves the app's names from then on; no open connection ends.",
    "Delete the imported one",
)
#: Names that a sentence can hold.
_MOST_NAMES = 6


def chosen(files: Sequence[Path]) -> str:
    return " and ".join(file.name for file in files) or NONE


def covered(names: Sequence[str]) -> str:
    """Which names a certificate holds, as a part of a sentence."""
    first, more = names[:_MOST_NAMES], len(names) - _MOST_NAMES
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")


def read_files(files: Sequence[Path], passphrase: str) -> CertificateFiles:
    """In whichever order they were chosen. Raises UsageError."""
    if len(files) > 2:
        raise UsageError(
            f"{len(files)} files are too many.",
            "A certificate is read from one file, or from one with its chain and one of its key.",
            "Append the chain's files to the certificate's, then choose that and the key's.",
        )
    contents = [read_private(file) for file in files]
    # which of the two is the key's is told by what it holds
    contents.sort(key=lambda content: b"PRIVATE KEY-----" in content)
    return CertificateFiles(
        contents[0],
        Secret(contents[1]) if len(contents) > 1 else None,
        Secret(passphrase.encode()) if passphrase else None,
    )
