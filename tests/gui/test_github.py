"""GitHub in the window: a repository is chosen there, and a deploy key installed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from window_world import Opener, answered, memory, page, words

from holdfast.domain.connection import ConnectionRequest
from holdfast.domain.forge_account import ForgeKind, SignIn, wanted_scopes
from holdfast.domain.secret import Secret
from holdfast.presenters.verbs import Place
from holdfast.ui.application import Session
from holdfast.ui.rows import KEY
from holdfast.ui.screens.new_app import NewAppScreen
from holdfast.ui.screens.repositories import RepositoriesScreen
from holdfast.ui.widgets.forge_card import ForgeCard

SALES = "https://github.com/team/sales.git"


def click(session: Session, qtbot: QtBot, button: QPushButton) -> None:
    assert button.isVisible() and button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    answered(session, qtbot)


def begin(session: Session, qtbot: QtBot) -> NewAppScreen:
    session.window.go_to_new_app()
    screen = page(session, NewAppScreen)
    click(session, qtbot, screen.from_forge)
    return screen


def sign_in(session: Session, qtbot: QtBot, card: ForgeCard, token: str) -> None:
    card.outside.token.setText(token)
    click(session, qtbot, card.outside.sign_in)
    answered(session, qtbot)


def found(card: ForgeCard) -> list[str]:
    model = card.list.filtered
    return [model.index(at, 0).data(KEY) for at in range(model.rowCount())]


def test_signing_in_searching_and_choosing(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty", "wide-token")
    screen = begin(session, qtbot)
    card = screen.forge
    assert "not signed in" not in words(card)
    sign_in(session, qtbot, card, "expired")
    assert "does not accept the token" in words(card)
    sign_in(session, qtbot, card, "ghp_x")
    assert card.outside.token.text() == ""
    assert "It need not have delete_repo" in words(card)
    assert len(found(card)) == 2
    assert not card.choose.isEnabled()
    card.organisation.setCurrentText("team")
    answered(session, qtbot)
    assert found(card) == [SALES]
    card.organisation.setCurrentIndex(0)
    qtbot.keyClicks(card.words, "sales")
    qtbot.keyClick(card.words, Qt.Key.Key_Return)
    answered(session, qtbot)
    assert found(card) == [SALES]
    card.list.choose(SALES)
    click(session, qtbot, card.choose)
    assert not card.isVisible()
    assert screen.repository.text() == SALES
    answered(session, qtbot)
    assert screen.found.isVisible()


@pytest.mark.parametrize(
    ("name", "host", "api"),
    [
        ("GitLab", "gitlab.com", ""),
        ("Gitea", "git.lan", "https://git.lan/api/v1"),
        ("Forgejo", "codeberg.org", ""),
        ("Bitbucket", "bitbucket.org", ""),
    ],
)
def test_another_forge_is_chosen_at(
    open_window: Opener, qtbot: QtBot, name: str, host: str, api: str
) -> None:
    session = open_window("empty")
    screen = begin(session, qtbot)
    card = screen.forge
    assert card.outside.ask_code.isVisible()
    card.forge.setCurrentText(name)
    answered(session, qtbot)
    assert all(scope in words(card) for scope in wanted_scopes(ForgeKind(name)))
    assert not card.outside.ask_code.isVisible()
    assert card.outside.user.isVisible() is (name == "Bitbucket")
    if card.outside.user.isVisible():
        assert card.outside.user.hasFocus()
        card.outside.user.setText("nobody")
        sign_in(session, qtbot, card, "x")
        assert "“nobody” is none" in words(card)
        card.outside.user.setText("ada@example.org")
    card.outside.api.setText("git.lan")
    sign_in(session, qtbot, card, "x")
    assert f"This is no address of a {name} API" in words(card)
    card.outside.api.setText(api)
    sign_in(session, qtbot, card, "x")
    assert "Signed in as ada." in words(card)
    card.list.choose(f"https://{host}/team/sales.git")
    click(session, qtbot, card.choose)
    assert screen.repository.text() == f"https://{host}/team/sales.git"
    # another one has a sign-in of its own
    click(session, qtbot, screen.from_forge)
    assert card.list.isVisible()
    card.forge.setCurrentText("GitHub")
    answered(session, qtbot)
    assert card.outside.ask_code.isVisible() and not card.list.isVisible()


def test_signing_out_asks_for_a_token_again(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty")
    card = begin(session, qtbot).forge
    sign_in(session, qtbot, card, "ghp_x")
    click(session, qtbot, card.sign_out)
    answered(session, qtbot)
    assert card.outside.token.isVisible() and not card.list.isVisible()


def ask_code(session: Session, qtbot: QtBot, card: ForgeCard) -> None:
    qtbot.mouseClick(card.outside.ask_code, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(card.outside.waiting.isVisible)


def test_a_code_is_shown_until_it_was_typed(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty", "slow")
    card = begin(session, qtbot).forge
    outside, panel = card.outside, card.outside.waiting
    assert not panel.isVisible()
    outside.client_id.setText("Iv1.team")
    ask_code(session, qtbot, card)
    assert not outside.token.isVisible() and not outside.ask_code.isVisible()
    assert panel.code.text() == "WDJB-MJHT"
    assert "github.com/login/device" in words(card)
    assert "taken for another 1" in panel.waits.text()
    assert panel.open_browser.hasFocus()
    qtbot.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "WDJB-MJHT"
    memory(session).go_on()
    qtbot.waitUntil(lambda: "Signed in as ada." in words(card))
    assert not panel.isVisible()


@pytest.mark.parametrize("how", ["cancelled", "closed"])
def test_the_wait_for_a_code_is_given_up(open_window: Opener, qtbot: QtBot, how: str) -> None:
    session = open_window("empty", "slow")
    screen = begin(session, qtbot)
    card = screen.forge
    card.outside.client_id.setText("Iv1.team")
    ask_code(session, qtbot, card)
    pressed = card.outside.waiting.cancel if how == "cancelled" else screen.from_forge
    qtbot.mouseClick(pressed, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(card.outside.ask_code.isEnabled)
    assert card.isVisible() is card.outside.ask_code.isVisible() is (how == "cancelled")
    assert card.outside.waiting.code.text() == ""
    assert memory(session).github.sign_out() is False


@pytest.mark.parametrize(
    ("fault", "client_id", "told"),
    [
        ("code-refused", "Iv1.team", "It was refused in the browser."),
        ("code-expired", "Iv1.team", "The code was not typed in time."),
        ("empty", "", "There is no OAuth app to sign in with."),
    ],
)
def test_a_code_that_leads_nowhere_is_told(
    open_window: Opener, qtbot: QtBot, fault: str, client_id: str, told: str
) -> None:
    session = open_window("empty", fault)
    card = begin(session, qtbot).forge
    card.outside.client_id.setText(client_id)
    qtbot.mouseClick(card.outside.ask_code, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: told in words(card))
    assert card.outside.ask_code.isVisible() and not card.outside.waiting.isVisible()


def test_github_that_cannot_be_reached_is_told(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty")
    card = begin(session, qtbot).forge
    sign_in(session, qtbot, card, "ghp_x")
    memory(session).node.break_off("no-github")
    card.search()
    answered(session, qtbot)
    assert "github.com cannot be reached" in words(card)


def test_what_remains_to_be_done_by_hand_is_told(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty")
    desk, address = memory(session), "git@github.com:team/sales.git"
    desk.github.sign_in(SignIn(token=Secret(b"ghp_x")))
    desk.connected.connect(ConnectionRequest(address=address, install=True))
    session.window.go(Place.REPOSITORIES)
    answered(session, qtbot)
    screen = page(session, RepositoriesScreen)
    screen.list.choose(address)
    click(session, qtbot, screen.rotate)
    assert not screen.card.isVisible()
    desk.node.break_off("no-github")
    screen.list.choose(address)
    click(session, qtbot, screen.remove)
    assert "Delete the deploy key yourself" in screen.by_hand.text()
    assert screen.by_hand.isVisible()


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_private_one_gets_a_deploy_key(
    open_window: Opener, qtbot: QtBot, signed_in: bool
) -> None:
    session = open_window("private-repository")
    screen = begin(session, qtbot)
    sign_in(session, qtbot, screen.forge, "ghp_x")
    screen.forge.list.choose(SALES)
    click(session, qtbot, screen.forge.choose)
    if not signed_in:
        memory(session).github.sign_out()
    click(session, qtbot, screen.card.install_key)
    answered(session, qtbot)
    if signed_in:
        assert memory(session).github.installed == {"git@github.com:team/sales.git"}
        assert screen.repository.text() == "git@github.com:team/sales.git"
        assert screen.found.isVisible() and not screen.card.isVisible()
    else:
        assert "You are not signed in to GitHub" in words(screen.card)
        assert screen.card.install_key.isVisible()


@pytest.mark.parametrize("by_key", [True, False])
def test_what_a_page_shows_of_a_private_one_is_read_once_it_is_connected(
    open_window: Opener, qtbot: QtBot, by_key: bool
) -> None:
    session = open_window("private-repository")
    memory(session).github.sign_in(SignIn(token=Secret(b"ghp_x")))
    session.window.go_to_new_app("https://github.com/team/sales/blob/v1.4/tools/report.py")
    answered(session, qtbot)
    screen = page(session, NewAppScreen)
    if by_key:
        click(session, qtbot, screen.card.install_key)
    else:
        screen.card.token.setText("ghp_y")
        click(session, qtbot, screen.card.use_token)
    answered(session, qtbot)
    qtbot.waitUntil(screen.found.isVisible)
    form = screen.found.form("x")
    assert (form.branch, form.pin, form.entrypoint) == ("", "v1.4", "tools/report.py")
    assert screen.repository.text().startswith("git@" if by_key else "https://")


@pytest.mark.parametrize("address", ["https://git.lan/team/sales", "git@git.lan:team/sales.git"])
def test_a_private_one_at_a_forge_of_ones_own_gets_a_deploy_key(
    open_window: Opener, qtbot: QtBot, address: str
) -> None:
    session = open_window("private-repository")
    session.window.go_to_new_app(address)
    answered(session, qtbot)
    card = page(session, NewAppScreen).card
    # where nobody signed in there, none can be installed
    assert card.isVisible() and not card.install_key.isVisible()
    wanted = SignIn(token=Secret(b"x"), api="https://git.lan/api/v1", forge=ForgeKind.GITEA)
    memory(session).github.sign_in(wanted)
    page(session, NewAppScreen).read()
    answered(session, qtbot)
    assert "A deploy key reads this one repository" in words(card)
    click(session, qtbot, card.install_key)
    assert "Is this git.lan?" in words(card)
    click(session, qtbot, card.trust)
    answered(session, qtbot)
    assert memory(session).github.installed == {"git@git.lan:team/sales.git"}
    assert not card.isVisible()
    assert page(session, NewAppScreen).repository.text() == "git@git.lan:team/sales.git"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("gitlab.com", "GitLab"),
        ("gitea.com", "Gitea"),
        ("codeberg.org", "Forgejo"),
        ("bitbucket.org", "Bitbucket"),
    ],
)
def test_a_forge_is_signed_in_to_where_its_key_is_installed(
    open_window: Opener, qtbot: QtBot, host: str, name: str
) -> None:
    session = open_window("private-repository")
    session.window.go_to_new_app(f"https://{host}/team/sales")
    answered(session, qtbot)
    card = page(session, NewAppScreen).card
    click(session, qtbot, card.install_key)
    assert f"Sign in to {name}" in words(card)
    assert card.sign_in.isVisible() and not card.use_token.isVisible()
    of_somebody = name == "Bitbucket"
    assert card.user.isVisible() is card.user.hasFocus() is of_somebody
    assert card.token.hasFocus() is not of_somebody and card.page.text() == "Make a token"
    card.token.setText("expired")
    if of_somebody:
        click(session, qtbot, card.sign_in)
        assert card.token.text() == "expired"
        card.user.setText("ada@example.org")
    click(session, qtbot, card.sign_in)
    assert f"{host} does not accept the token" in words(card)
    card.token.setText("glpat-x")
    click(session, qtbot, card.sign_in)
    answered(session, qtbot)
    assert card.token.text() == ""
    if host == "gitea.com":
        click(session, qtbot, card.trust)
    assert memory(session).github.installed == {f"git@{host}:team/sales.git"}
    assert not card.isVisible()
