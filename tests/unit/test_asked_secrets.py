"""Which secrets code asks for, which of them are missing, and which are committed."""

from __future__ import annotations

import pytest

from holdfast.domain.asked_secrets import (
    asked_secrets,
    committed_secrets,
    missing_secrets,
    worth_reading,
)
from holdfast.domain.secrets_document import parse


def asked(code: str, file: str = "app.py") -> list[tuple[str, bool, bool]]:
    """(name, whether it is a variable, whether it is optional)."""
    return [(each.name, each.variable, each.optional) for each in asked_secrets({file: code})]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('import streamlit as st\nst.secrets["a"]', ("a", False, False)),
        ("import streamlit\nstreamlit.secrets.a", ("a", False, False)),
        ("from streamlit import secrets\nsecrets['a']['b.c']", ('a."b.c"', False, False)),
        ("import streamlit as st\nst.secrets.db.user", ("db.user", False, False)),
        ("import streamlit as st\nst.secrets['db'].to_dict()", ("db", False, False)),
        ("import streamlit as st\nst.secrets.get('a')", ("a", False, False)),
        ("import streamlit as st\nst.secrets['d'].get('a', 1)", ("d.a", False, True)),
        ("import streamlit as st\nst.connection('sql')", ("connections.sql", False, True)),
        ("import os\nos.environ['A']", ("A", True, False)),
        ("import os\nos.environ.get('A')", ("A", True, False)),
        ("import os\nos.getenv('A', 'x')", ("A", True, True)),
        ("from os import environ as e, getenv\ne['A']", ("A", True, False)),
        ("from os import getenv as g\ng('A')", ("A", True, False)),
    ],
)
def test_a_name_is_found(code: str, found: tuple[str, bool, bool]) -> None:
    assert found in asked(code)


@pytest.mark.parametrize(
    "code",
    [
        "import streamlit as st\nst.secrets[name]",
        "import streamlit as st\nst.secrets.keys()",
        "st.secrets['a']",
        "import os\nos.environ['PORT'], os.environ['HOME'], os.getenv('TZ')",
        "import os\nos.environ.items()",
        "this is no Python",
    ],
)
def test_nothing_is_found(code: str) -> None:
    assert asked(code) == []


def test_each_name_stands_once_where_it_is_needed_first() -> None:
    code = "import os\nos.getenv('A', '')\n\nos.environ['A']\n"
    [found] = asked_secrets({"b.py": code, "c.py": "import os\nos.environ['A']"})
    assert (found.where, found.optional) == ("b.py line 4", False)


def test_an_example_names_what_it_holds() -> None:
    text = 'key = ""\n[db]\npassword = "..."\n'
    assert asked(text, ".streamlit/secrets.toml.example") == [
        ("db.password", False, False),
        ("key", False, False),
    ]
    assert asked("not toml", "secrets.toml.example") == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.py", "x" + ".a" * 1_500),
        ("a.py", "-" * 100_000 + "1"),
        ("secrets.toml.example", ".".join("a" * 1_500) + " = 1"),
    ],
    ids=["chain", "signs", "sections"],
)
def test_what_is_nested_too_deeply_asks_for_nothing(file: str, text: str) -> None:
    wanted = "import os\nos.environ['A']"
    [found] = asked_secrets({file: text, "b.py": wanted})
    assert found.name == "A"


def test_missing_is_what_the_document_lacks() -> None:
    code = "import os, streamlit as st\nos.environ['A'], os.environ['LIST'], os.environ['B']\n"
    code += "st.secrets['LIST'], st.secrets.db.user, st.secrets.db.password, st.secrets.db"
    document = parse("A = 1\nLIST = []\n[db]\nuser = 'u'\n")
    missing = missing_secrets(document, asked_secrets({"app.py": code}))
    # a list is no variable
    assert [(each.name, each.variable) for each in missing] == [
        ("B", True),
        ("LIST", True),
        ("db.password", False),
    ]


def test_committed_secrets_are_found_in_every_folder() -> None:
    paths = [
        ".streamlit/secrets.toml",
        "pages/.streamlit/secrets.toml",
        ".streamlit/secrets.toml.example",
        "my.streamlit/secrets.toml",
        "secrets.toml",
    ]
    assert committed_secrets(paths) == (paths[0], paths[1])
    assert worth_reading([*paths, "a.py", "a.pyc"]) == [paths[2], "a.py"]
