"""Holdfast: a private app cloud on a machine that its team trusts."""
