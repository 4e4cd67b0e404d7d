"""Repositories in the window: listed, connected with a key or a token, tested and removed."""

from __future__ import annotations

from pathlib import Path

from catalogue import authority
from memory_agent import HOME, WORK
from memory_repositories import HOST_KEY, OTHER_KEY, public_key
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from window_world import Opener, answered, memory, page, words

from holdfast.domain.connection import CredentialKind
from holdfast.presenters.verbs import Place
from holdfast.ui.application import Session
from holdfast.ui.screens.new_app import NewAppScreen
from holdfast.ui.screens.repositories import RepositoriesScreen

GITHUB, ELSEWHERE = "git@github.com:team/sales.git", "git@git.example:team/sales.git"
HTTPS = "https://github.com/team/sales"
COMPANY = authority("Company Root")


def click(session: Session, qtbot: QtBot, button: QPushButton) -> None:
    assert button.isVisible() and button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    answered(session, qtbot)


def repositories(session: Session, qtbot: QtBot) -> RepositoriesScreen:
    session.window.go(Place.REPOSITORIES)
    answered(session, qtbot)
    return page(session, RepositoriesScreen)


def new_app(session: Session, qtbot: QtBot, address: str) -> NewAppScreen:
    session.window.go_to_new_app(address)
    answered(session, qtbot)
    return page(session, NewAppScreen)


def add(session: Session, qtbot: QtBot, screen: RepositoriesScreen, address: str) -> None:
    click(session, qtbot, screen.add)
    screen.address.setText(address)
    click(session, qtbot, screen.connect_it)


def test_a_deploy_key_is_made_copied_added_and_tested(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty")
    screen = repositories(session, qtbot)
    assert screen.instead.isVisible()
    add(session, qtbot, screen, GITHUB)
    assert screen.card.public_key.text() == public_key(1)
    assert screen.card.page.isVisible()
    click(session, qtbot, screen.card.copy)
    assert QGuiApplication.clipboard().text() == public_key(1)
    memory(session).node.break_off("silent-repository")
    click(session, qtbot, screen.card.added)
    assert screen.card.isVisible()
    assert "Add it to the deploy keys there." in words(screen.card)
    memory(session).node.repair("silent-repository")
    click(session, qtbot, screen.card.added)
    assert not screen.card.isVisible()
    screen.list.choose(GITHUB)
    assert screen.chosen is not None and screen.chosen.contact is not None
    memory(session).node.break_off("silent-repository")
    click(session, qtbot, screen.check)
    assert "What to do\nAdd it to the deploy keys there." in words(screen)
    click(session, qtbot, screen.show_key)
    assert screen.card.public_key.text() == public_key(1)
    click(session, qtbot, screen.rotate)
    assert screen.card.public_key.text() == public_key(2)
    click(session, qtbot, screen.remove)
    assert memory(session).connected.all() == ()
    assert not screen.card.isVisible()


def test_a_new_hosts_fingerprint_is_asked_once(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty")
    screen = repositories(session, qtbot)
    add(session, qtbot, screen, ELSEWHERE)
    assert screen.card.fingerprint.text() == HOST_KEY.fingerprint
    assert not screen.card.public_key.isVisible()
    click(session, qtbot, screen.card.trust)
    assert screen.card.public_key.text() == public_key(1)
    assert not screen.card.page.isVisible()
    click(session, qtbot, screen.cancel)
    assert not screen.card.isVisible() and not screen.address.isVisible()


def test_a_changed_host_key_is_accepted_after_one_question(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("empty")
    screen = repositories(session, qtbot)
    add(session, qtbot, screen, GITHUB)
    click(session, qtbot, screen.card.added)
    screen.list.choose(GITHUB)
    assert not screen.accept_key.isVisible()
    memory(session).node.break_off("changed-host-key")
    click(session, qtbot, screen.check)
    screen.list.choose(GITHUB)
    assert {HOST_KEY.fingerprint, OTHER_KEY.fingerprint} <= set(words(screen).splitlines())
    click(session, qtbot, screen.accept_key)
    assert memory(session).connected.known(GITHUB).host_keys == (HOST_KEY,)
    assert "Somebody may stand in between" in words(screen)
    click(session, qtbot, screen.accept_key)
    assert memory(session).connected.known(GITHUB).host_keys == (OTHER_KEY,)
    screen.list.choose(GITHUB)
    assert not screen.accept_key.isVisible()


def test_a_key_of_the_ssh_agent_is_chosen(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty")
    screen = repositories(session, qtbot)
    add(session, qtbot, screen, ELSEWHERE)
    click(session, qtbot, screen.card.trust)
    click(session, qtbot, screen.card.by_agent.use_agent)
    assert screen.card.by_agent.keys.isVisible() and not screen.card.public_key.isVisible()
    shown = [screen.card.by_agent.keys.itemText(at) for at in range(2)]
    assert HOME.fingerprint in shown[1] and "ada at home" in shown[1]
    screen.card.by_agent.keys.setCurrentIndex(1)
    click(session, qtbot, screen.card.by_agent.use_key)
    assert not screen.card.isVisible()
    screen.list.choose(ELSEWHERE)
    assert f"SSH agent, {HOME.fingerprint}" in words(screen)
    click(session, qtbot, screen.show_key)
    assert screen.card.public_key.text() == HOME.line
    assert not screen.card.by_agent.use_agent.isVisible()
    assert screen.rotate.text() == "Choose key"
    click(session, qtbot, screen.rotate)
    screen.card.by_agent.keys.setCurrentIndex(0)
    click(session, qtbot, screen.card.by_agent.use_key)
    assert memory(session).connected.known(ELSEWHERE).agent_key == WORK.fingerprint
    click(session, qtbot, screen.remove)
    assert memory(session).connected.all() == ()


def test_without_an_ssh_agent_a_deploy_key_is_still_offered(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("private-repository", "no-agent")
    screen = new_app(session, qtbot, HTTPS)
    click(session, qtbot, screen.card.by_agent.use_agent)
    assert "no ssh agent" in words(screen.card)
    assert screen.card.make_key.isVisible()


def test_a_new_app_is_opened_by_a_key_of_the_ssh_agent(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("private-repository", size=(1024, 640))
    screen = new_app(session, qtbot, HTTPS)
    click(session, qtbot, screen.card.by_agent.use_agent)
    # a fingerprint is long, and what it takes to use it has to be seen
    use_key = screen.card.by_agent.use_key
    assert use_key.visibleRegion().boundingRect() == use_key.rect()
    click(session, qtbot, use_key)
    answered(session, qtbot)
    assert screen.repository.text() == GITHUB
    assert screen.found.isVisible() and not screen.card.isVisible()


def test_removing_what_an_app_uses_is_asked_twice(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    screen = repositories(session, qtbot)
    (address, app), *_ = [(each.address, each.apps[0]) for each in memory(session).connected.all()]
    add(session, qtbot, screen, address)
    screen.card.token.setText("t0p-secret")
    click(session, qtbot, screen.card.use_token)
    screen.list.choose(address)
    assert screen.rotate.text() == screen.rotate.accessibleName() == "Replace token"
    click(session, qtbot, screen.remove)
    assert f"{app} would go on serving" in screen._warning.text()
    click(session, qtbot, screen.remove)
    assert memory(session).connected.all()[0].credential.value == "none"


def test_whose_token_it_is_can_be_said_and_is_kept(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty")
    session.window.go(Place.REPOSITORIES)
    answered(session, qtbot)
    screen = page(session, RepositoriesScreen)
    address = "https://git.example.lan/team/deployed"
    screen.card.start(address)
    screen.card.user.setText("gitlab+deploy-token-1")
    screen.card.token.setText("gldt-x")
    qtbot.keyClick(screen.card.user, Qt.Key.Key_Return)
    answered(session, qtbot)
    assert memory(session).connected.known(address).user == "gitlab+deploy-token-1"
    screen.list.choose(address)
    click(session, qtbot, screen.rotate)
    assert screen.card.user.text() == "gitlab+deploy-token-1"
    screen.card.bearer.setChecked(True)
    assert not screen.card.user.isEnabled()
    screen.card.token.setText("b3arer")
    click(session, qtbot, screen.card.use_token)
    answered(session, qtbot)
    kept = memory(session).connected.known(address)
    assert (kept.user, kept.credential.value) == ("", "bearer token")


def test_a_bearer_token_is_kept_and_replaced_as_one(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty")
    screen = repositories(session, qtbot)
    add(session, qtbot, screen, HTTPS)
    # a big forge takes it as any other
    assert screen.card.token.isVisible() and not screen.card.bearer.isVisible()
    address = "https://git.example/team/sales"
    add(session, qtbot, screen, address)
    screen.card.bearer.click()
    for token in ("t0p-secret", "t0p-secret-2"):
        assert screen.card.bearer.isChecked()
        screen.card.token.setText(token)
        click(session, qtbot, screen.card.use_token)
        screen.list.choose(address)
        assert memory(session).connected.known(address).credential.value == "bearer token"
        assert "Bearer token" in words(screen)
        click(session, qtbot, screen.rotate)
    add(session, qtbot, screen, "https://git.example/team/other")
    assert not screen.card.bearer.isChecked()


def test_a_new_app_of_a_private_repository_offers_key_or_token(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("private-repository")
    screen = new_app(session, qtbot, HTTPS)
    assert not screen.problem.isVisible()
    assert screen.card.make_key.isVisible() and screen.card.token.isVisible()
    click(session, qtbot, screen.card.make_key)
    assert screen.card.public_key.text() == public_key(1)
    click(session, qtbot, screen.card.added)
    answered(session, qtbot)
    assert screen.repository.text() == GITHUB
    assert screen.found.isVisible() and not screen.card.isVisible()
    screen = new_app(session, qtbot, "https://git.example/team/sales")
    assert not screen.card.make_key.isVisible()
    screen.card.token.setText("t0p-secret")
    qtbot.keyClick(screen.card.token, Qt.Key.Key_Return)
    answered(session, qtbot)
    answered(session, qtbot)
    assert screen.found.isVisible()


def test_a_pasted_token_leaves_the_field_at_once(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("private-repository")
    screen = new_app(session, qtbot, "https://ada:t0p-secret@git.example/team/sales")
    answered(session, qtbot)
    assert screen.repository.text() == "https://git.example/team/sales"
    assert screen.found.isVisible()
    assert screen.card.token.text() == ""


def test_a_token_in_an_address_that_is_not_whole_waits(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty")
    pasted = "https://ada:t0p-secret@git.example"
    screen = new_app(session, qtbot, pasted)
    assert screen.repository.text() == pasted
    assert "names no repository on that host" in words(screen)
    assert "t0p-secret" not in words(screen)
    assert not screen.card.isVisible()
    screen.repository.setText(f"{pasted}/team/sales")
    screen.read()
    answered(session, qtbot)
    assert screen.repository.text() == "https://git.example/team/sales"
    [kept] = memory(session).connected.all()
    assert (kept.address, kept.credential.value) == (screen.repository.text(), "token")
    listed = repositories(session, qtbot)
    add(session, qtbot, listed, pasted)
    assert listed.address.text() == pasted
    assert "names no repository on that host" in words(listed)


def test_a_certificate_that_is_not_accepted_has_its_own_heading(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("empty", "untrusted-server")
    screen = repositories(session, qtbot)
    add(session, qtbot, screen, HTTPS)
    screen.card.token.setText("t0p-secret")
    click(session, qtbot, screen.card.use_token)
    assert screen.card.title.text() == "The certificate of github.com could not be verified."
    assert "Choose the file with its CA here. Add its CA" in words(screen.card)
    assert not screen.card.token.isVisible() and not screen.card.make_key.isVisible()
    memory(session).node.repair("untrusted-server")
    add(session, qtbot, screen, HTTPS)
    assert screen.card.token.isVisible()


def test_a_folder_needs_no_credential(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty")
    screen = repositories(session, qtbot)
    add(session, qtbot, screen, HTTPS)
    assert screen.card.isVisible()
    add(session, qtbot, screen, "/srv/sales")
    assert not screen.card.isVisible()
    assert "A folder of this machine needs no credential." in words(screen.problem)


def test_what_to_do_next_is_told_on_the_card(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty")
    screen = repositories(session, qtbot)
    add(session, qtbot, screen, HTTPS)
    memory(session).node.break_off("offline")
    screen.card.token.setText("t0p-secret")
    click(session, qtbot, screen.card.use_token)
    assert "Start the node, or check that you may use its socket." in words(screen.card)
    assert screen.card.token.isVisible()


def test_the_authority_of_a_server_is_chosen_and_kept_with_the_credential(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    authority_file = tmp_path / "company-ca.pem"
    session = open_window("empty", "untrusted-server")
    screen = repositories(session, qtbot)
    add(session, qtbot, screen, HTTPS)
    screen.card.token.setText("t0p-secret")
    click(session, qtbot, screen.card.use_token)
    choose = screen.card.authority
    assert choose.choose.isVisible()
    choose.take(authority_file)
    assert "cannot be read" in words(screen.card)
    for content, told in ((b"none", "holds no certificate"), (COMPANY.pem, "")):
        authority_file.write_bytes(content)
        choose.take(authority_file)
        answered(session, qtbot)
        assert told in words(screen.card)
    assert not screen.card.isVisible()
    assert memory(session).connected.known(HTTPS).credential is CredentialKind.TOKEN


def test_a_key_in_a_file_is_used_with_its_passphrase(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    key = tmp_path / "id_ed25519"
    key.write_bytes(b"a private key")
    session = open_window("private-repository", "locked-key", size=(1024, 640))
    screen = new_app(session, qtbot, HTTPS)
    card = screen.card
    choose = card.key_file.choose
    assert choose.visibleRegion().boundingRect() == choose.rect()
    card.key_file.take(key)
    answered(session, qtbot)
    assert card.title.text() == "The private key is encrypted."
    assert (card.token.placeholderText(), card.use_token.text()) == ("Passphrase", "Open the key")
    assert not card.make_key.isVisible() and not card.key_file.isVisible()
    qtbot.keyClicks(card.token, "kettle-drum")
    click(session, qtbot, card.use_token)
    assert memory(session).connected.known(GITHUB).credential is CredentialKind.IMPORTED_KEY
    assert screen.repository.text() == GITHUB
    assert screen.found.isVisible() and not card.isVisible()
    assert card.token.text() == ""


def test_a_new_app_of_a_server_that_is_not_trusted_may_be_given_its_authority(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_bytes(COMPANY.pem)
    session = open_window("untrusted-server")
    screen = new_app(session, qtbot, HTTPS)
    screen.card.authority.take(tmp_path / "ca.pem")
    answered(session, qtbot)
    assert screen.found.isVisible() and not screen.card.isVisible()
