"""Volumes as JSON."""

from __future__ import annotations

from holdfast.cli.forms.form import Form
from holdfast.domain.names import AppName
from holdfast.domain.node import VolumeCheck, VolumeFacts


def volume_form(volume: VolumeFacts) -> Form:
    return {
        "app": volume.app,
        "cipher": volume.cipher,
        "sealed": volume.sealed,
        "cipher_bytes": volume.cipher_bytes,
        "contents": [{"name": name, "size_bytes": size} for name, size in volume.contents],
    }


def volume_check_form(check: VolumeCheck) -> Form:
    return {
        "app": check.app,
        "sound": check.sound,
        "damaged": list(check.damaged),
        "summary": check.summary,
    }


def changed_key_form(app: AppName) -> Form:
    return {"app": app}
