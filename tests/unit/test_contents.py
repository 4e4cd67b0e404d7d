"""What a repository holds beside its app: secrets, large files, submodules, package indexes."""

from __future__ import annotations

import pytest

from holdfast.domain.contents import find_contents, possible_pointers
from holdfast.domain.named_indexes import named_indexes

POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
    "size 12345\n"
)
OTHERS = POINTER.replace("git-lfs.github.com", "elsewhere.example")
CODE = "import os, streamlit as st\nos.environ['TOKEN']\nst.secrets.get('theme', 'dark')\n"


def test_large_files_count_with_what_git_lfs_keeps_of_them() -> None:
    texts = {"app.py": CODE, "big.bin": POINTER, "no.bin": OTHERS, ".gitattributes": "* lfs"}
    sizes = {path: len(text) for path, text in texts.items()}
    assert set(possible_pointers(sizes)) == {"big.bin", "no.bin"}
    found = find_contents(sizes, texts, ["libs/b", "libs/a"])
    assert (found.large_files, found.large_bytes) == (1, 12345)
    assert (found.files, found.size_bytes) == (4, sum(sizes.values()) - len(POINTER) + 12345)
    assert found.submodules == ("libs/a", "libs/b")
    # nothing is looked for where nothing is kept by it
    del sizes[".gitattributes"]
    assert possible_pointers(sizes) == []


def test_the_secrets_that_the_code_cannot_do_without_are_named() -> None:
    committed = ".streamlit/secrets.toml"
    found = find_contents({"app.py": len(CODE), committed: 3}, {"app.py": CODE}, [])
    assert [each.name for each in found.asked] == ["TOKEN"]
    assert found.committed == (committed,)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", "# x\n--extra-index-url https://ada:pw@packages.example.lan/simple\n"),
        ("requirements.txt", "-i https://packages.example.lan:8443/simple\npandas"),
        ("requirements.txt", "--index-url=https://${USER}:${WORD}@packages.example.lan/s"),
        ("Pipfile", "[[source]]\nurl='https://packages.example.lan/s'\nname='own'"),
        ("Pipfile.lock", '{"_meta": {"sources": [{"url": "https://packages.example.lan/s"}]}}'),
        ("pyproject.toml", "[[tool.uv.index]]\nurl='https://packages.example.lan/s'"),
        ("a/pyproject.toml", "[[tool.poetry.source]]\nurl='https://packages.example.lan/s'"),
        (
            "uv.lock",
            "[[package]]\nname='a'\nsource={registry='https://packages.example.lan/s'}\n"
            "[[package]]\nname='b'\nsource={registry='https://pypi.org/simple'}\n"
            "[[package]]\nname='c'\nsource={editable='.'}\n",
        ),
    ],
)
def test_package_indexes_are_told_by_their_hosts_alone(path: str, text: str) -> None:
    assert named_indexes(path, text) == ("packages.example.lan",)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", "pandas\n-i https://pypi.org/simple\n-i https://[broken/\n"),
        ("pyproject.toml", "[tool.uv"),
        ("pyproject.toml", "[tool]\nuv = 3\nsource = 4"),
        ("uv.lock", "package = 3"),
        ("uv.lock", "package = [3]"),
        ("Pipfile.lock", "[]"),
        ("environment.yml", "dependencies: []"),
    ],
)
def test_no_index_is_told_where_none_is_named(path: str, text: str) -> None:
    assert named_indexes(path, text) == ()
