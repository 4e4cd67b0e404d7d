"""Which hosts are proposed for a page to load from, of what a repository says."""

from __future__ import annotations

import pytest

from holdfast.domain.page_sources import parse_sources
from holdfast.domain.used_hosts import UsedHost, used_hosts, worth_reading


def hosts(text: str, file: str = "app.py") -> list[str]:
    return [each.host for each in used_hosts({file: text})]


def test_each_host_is_told_once_with_the_first_place() -> None:
    files = {
        "app.py": '"""See https://docs.example.org"""\nTILES = "https://a.example.org/{z}.png"\n',
        "pages/two.py": 'x = 1\ny = f"https://a.example.org/{x}" + "https://b.example.org"\n',
        ".streamlit/config.toml": (
            '# url = "https://old.example.org/f.woff2"\n[[theme.fontFaces]]\nfamily = "Inter"\n'
            'url = "https://fonts.example.org/inter.woff2"\n'
        ),
    }
    assert used_hosts(files) == (
        UsedHost("a.example.org", "app.py line 2"),
        UsedHost("b.example.org", "pages/two.py line 2"),
        UsedHost("fonts.example.org", ".streamlit/config.toml"),
    )
    # what is proposed can be listed as it is
    proposed = [each.host for each in used_hosts(files)]
    assert list(parse_sources("listed", proposed).hosts) == proposed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('t = "https://{s}.tile.osm.example/{z}/{x}/{y}.png"', ["*.tile.osm.example"]),
        ('st.markdown("[a link](https://x.example.org/a)")', []),
        ('st.markdown("![a picture](https://x.example.org/a.png)")', ["x.example.org"]),
        ("""h('<a class="b" href="https://x.example.org">')""", []),
        (
            """h('<img src="https://x.example.org/a.png"><a href="https://y.lan">')""",
            ["x.example.org"],
        ),
        ('import requests\nrequests.get("https://api.example.org/v1")', []),
        (
            'import requests.sessions as r\nlogo("https://x.example.org:8443/a")',
            ["x.example.org:8443"],
        ),
        ('# https://x.example.org\nurl = "http://x.example.org"', []),
        ('url = "https://localhost:8501" + "https://" + host + "https://{host}/x"', []),
        ('url = "https://user:secret@x.example.org/"', []),
        ('url = "https://webhooks.fivetran.com/x"', []),
        ("import streamlit as st\nst.map(frame)", ["*.cartocdn.com"]),
        ("from pydeck import Deck", ["*.cartocdn.com"]),
        ("def broken(:\n 'https://x.example.org'", []),
        ("x = " + "(" * 5000 + "'https://x.example.org'" + ")" * 5000, []),
    ],
)
def test_what_a_page_loads_is_told_from_what_is_only_mentioned(text: str, found: list[str]) -> None:
    assert hosts(text) == found


def test_pages_and_styles_are_read_too() -> None:
    page = '<link href="https://css.example.org/a.css">\n<script src=https://js.example.org/a.js>'
    assert hosts(page, "component/index.html") == ["css.example.org", "js.example.org"]
    assert hosts("@import url(https://css.example.org/b.css);", "a.css") == ["css.example.org"]
    assert "cdn.jsdelivr.net" in hosts("import folium")


def test_no_more_are_proposed_than_anybody_reads() -> None:
    many = "\n".join(f'x = "https://h{n}.example.org"' for n in range(90))
    assert len(hosts(many)) == 40


@pytest.mark.timeout(30)
@pytest.mark.parametrize("hostile", ["[", "<a ", "[](https://"])
def test_a_hostile_file_takes_no_minutes(hostile: str) -> None:
    assert hosts(hostile * (256 * 1024 // len(hostile)), "page.html") == []


def test_what_cannot_name_a_host_is_not_read() -> None:
    paths = ["a.py", "b.md", "c/d.html", ".streamlit/config.toml", "pyproject.toml", "e.csv"]
    assert worth_reading(paths) == [".streamlit/config.toml", "a.py", "c/d.html"]
