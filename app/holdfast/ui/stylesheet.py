"""The style sheet, written once with the names of tokens in place of colours."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

_SHEET = Template("""
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 8px; }
QFrame[surface="sidebar"] { background: $sidebar; border: none; border-right: 1px solid $line; }
QFrame[surface="strip"] { background: $surface; border: none; border-top: 1px solid $line; }
QFrame[surface="header"] { background: $ground; border: none; border-bottom: 1px solid $line; }
QFrame[surface="card"] { background: $surface; border: 1px solid $line; border-radius: 6px; }
QFrame[surface="card"][broken="true"] { background: $bad_ground; border-color: $bad; }
QFrame[surface="card"]:focus { border-color: $accent; }
QFrame[surface="notice"] { background: $warn_ground; border: 1px solid $warn; border-radius: 6px; }
QFrame[surface="problem"] { background: $bad_ground; border: 1px solid $bad; border-radius: 6px; }
QFrame[surface="plain"], QScrollArea, QScrollArea > QWidget > QWidget { background: transparent;
    border: none; }

QLabel { background: transparent; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="error"] { color: $bad; }
QLabel[role="warn"] { color: $warn; }
QLabel[role="link"] { color: $accent; }

QPushButton { background: $surface; color: $text; border: 1px solid $control; border-radius: 6px;
    padding: 0 12px; min-height: 30px; }
QPushButton:hover { background: $raised; }
QPushButton:pressed { background: $selection; }
QPushButton:focus { border: 2px solid $accent; padding: 0 11px; min-height: 28px; }
QPushButton:disabled { color: $control; border-color: $line; background: transparent; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; }
QPushButton[kind="primary"]:hover { background: $accent_strong; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; padding: 0 11px; }
QPushButton[kind="primary"]:disabled { background: $raised; color: $control; border-color: $line; }
QPushButton[kind="danger"] { background: $bad; color: $on_bad; border: 1px solid $bad; }
QPushButton[kind="danger"]:hover { background: $bad_strong; }
QPushButton[kind="danger"]:focus { border: 2px solid $text; padding: 0 11px; }
QPushButton[kind="danger"]:disabled { background: $raised; color: $control; border-color: $line; }
QPushButton[kind="flat"] { border: 1px solid transparent; background: transparent; }
QPushButton[kind="flat"]:hover { background: $raised; }
QPushButton[kind="flat"]:focus { border: 2px solid $accent; }
QPushButton[kind="link"] { border: none; background: transparent; color: $accent;
    padding: 0; min-height: 24px; text-align: left; }
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:focus { border: none; text-decoration: underline;
    padding: 0; min-height: 24px; font-weight: 600; }
QPushButton[kind="icon"] { border: 1px solid transparent; background: transparent; padding: 0;
    min-width: 30px; }
QPushButton[kind="icon"]:hover { background: $raised; }
QPushButton[kind="icon"]:focus { border: 2px solid $accent; padding: 0; min-width: 28px; }
QPushButton[kind="toggle"]:checked { background: $selection; border-color: $accent; }
QPushButton[kind="nav"] { border: 1px solid transparent; background: transparent;
    text-align: left; padding: 0 8px; min-height: 32px; }
QPushButton[kind="nav"]:hover { background: $raised; }
QPushButton[kind="nav"]:checked { background: $selection; font-weight: 600; }
QPushButton[kind="nav"]:focus { border: 1px solid $accent; padding: 0 8px; min-height: 32px; }
QPushButton::menu-indicator { width: 0; }

QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox { background: $surface; color: $text;
    border: 1px solid $control; border-radius: 6px; padding: 0 8px; min-height: 30px;
    selection-background-color: $accent; selection-color: $on_accent;
    placeholder-text-color: $muted; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus {
    border: 2px solid $accent; padding: 0 7px; min-height: 28px; }
QLineEdit[wrong="true"] { border-color: $bad; }
QLineEdit:disabled, QComboBox:disabled { color: $control; border-color: $line; }
QLineEdit[big="true"] { min-height: 38px; padding: 0 12px; }
QLineEdit[big="true"]:focus { min-height: 36px; padding: 0 11px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: none; width: 0; height: 0; }
QComboBox QLineEdit, QAbstractSpinBox QLineEdit, QComboBox QLineEdit:focus,
QAbstractSpinBox QLineEdit:focus { border: none; padding: 0; min-height: 0;
    background: transparent; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $control; outline: none;
    selection-background-color: $selection; selection-color: $text; }
QSpinBox, QDoubleSpinBox { padding: 0; max-height: 30px; }
QSpinBox:focus, QDoubleSpinBox:focus { padding: 0; max-height: 28px; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button,
QDoubleSpinBox::down-button { width: 0; border: none; }

QPlainTextEdit { background: $surface; color: $text; border: 1px solid $line; border-radius: 6px;
    padding: 4px; selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit[surface="plain"] { background: transparent; border: none; padding: 0; }
QPlainTextEdit:focus { border-color: $accent; }

QTreeView { background: $surface; border: 1px solid $line; border-radius: 6px; outline: none; }
QTreeView:focus { border-color: $accent; }
QTreeView::item:selected { background: $selection; color: $text; }
QTreeWidget::item { min-height: 28px; padding-left: 8px; }
QTreeWidget::branch { image: none; border-image: none; }
QTreeWidget::branch:selected { background: $selection; }
QSplitter::handle { image: none; }
QDialog QTreeView { border: none; }
QHeaderView { background: transparent; }
QHeaderView::section { background: transparent; color: $muted; border: none;
    border-bottom: 1px solid $line; padding: 0 12px; min-height: 28px; }
QHeaderView::section:hover { color: $text; }

QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: $muted; padding: 8px 2px; margin-right: 15px;
    border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:focus { color: $accent; }

QMenu { background: $surface; color: $text; border: 1px solid $control; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $selection; color: $text; }
QMenu::item:disabled { color: $control; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }

QDialog { background: $surface; border: 1px solid $control; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollArea QScrollBar:vertical { width: 20px; }
QScrollArea QScrollBar::handle:vertical { margin: 3px 3px 3px 11px; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $control; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QRadioButton { spacing: 8px; background: transparent; min-height: 24px; }
QRadioButton::indicator { width: 14px; height: 14px; border-radius: 8px;
    border: 1px solid $control; background: $surface; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid $accent;
    background: $on_accent; }
QCheckBox { spacing: 8px; background: transparent; min-height: 24px; }
QCheckBox::indicator { width: 14px; height: 14px; border-radius: 3px;
    border: 1px solid $control; background: $surface; }
QCheckBox::indicator:checked { width: 6px; height: 6px; border: 5px solid $accent;
    background: $on_accent; }
QRadioButton:focus, QCheckBox:focus { text-decoration: underline; }
""")


def stylesheet(tokens: Mapping[str, str]) -> str:
    return _SHEET.substitute(tokens)
