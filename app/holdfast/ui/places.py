"""Makes the window's pages; each is imported when it is first gone to, after the first paint."""

from __future__ import annotations

from importlib import import_module

from holdfast.domain.names import AppName
from holdfast.domain.recovery_kit import KitAdmin
from holdfast.presenters.verbs import Place
from holdfast.ui.widgets.page import Page
from holdfast.ui.workbench import Workbench

_SCREENS = "holdfast.ui.screens"
_PLACES = {
    Place.APPS: ("apps", "AppsScreen"),
    Place.NEW_APP: ("new_app", "NewAppScreen"),
    Place.REPOSITORIES: ("repositories", "RepositoriesScreen"),
    Place.VOLUMES: ("volumes", "VolumesScreen"),
    Place.CERTIFICATES: ("certificates", "CertificatesScreen"),
    Place.SETTINGS: ("settings", "SettingsScreen"),
    Place.KIT: ("recovery_kit", "KitScreen"),
}


def make_place(place: Place, bench: Workbench) -> Page:
    return _make(*_PLACES[place], bench)


def make_app_page(bench: Workbench, name: AppName) -> Page:
    return _make("app", "AppScreen", bench, name)


def make_removal_page(bench: Workbench, name: AppName) -> Page:
    return _make("remove", "RemoveScreen", bench, name)


def make_revocation_page(bench: Workbench, admin: KitAdmin) -> Page:
    return _make("revoke", "RevokeScreen", bench, admin)


def _make(module: str, kind: str, *arguments: object) -> Page:
    page = getattr(import_module(f"{_SCREENS}.{module}"), kind)(*arguments)
    assert isinstance(page, Page)
    return page
