"""An app's secrets: one TOML document, whose values never reach an error message.

A document travels as a Secret that holds UTF-8 text; `parse` is the only way to make one.
"""

from __future__ import annotations

import re
import tomllib
from io import StringIO
from typing import Any

import tomlkit
from dotenv.parser import parse_stream

from holdfast.domain.build_secrets import index_logins
from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret

#: Linux takes no longer string in an environment (MAX_ARG_STRLEN: `NAME=value` and its NUL).
_LONGEST = 131_072

#: Variables that a secret never replaces: the launcher's, and those by which an app is started.
KEPT_VARIABLES = frozenset(
    {
        "PATH",
        "HOME",
        "HOST",
        "PORT",
        "VIRTUAL_ENV",
        "BOKEH_ALLOW_WS_ORIGIN",
        "GRADIO_SERVER_NAME",
        "GRADIO_SERVER_PORT",
        "GRADIO_ANALYTICS_ENABLED",
        "GRADIO_TEMP_DIR",
    }
)
KEPT_BEGINNINGS = ("LD_", "PYTHON", "STREAMLIT_")

#: What tomllib says, by the beginning of its words, and what we say: its own may quote a value.
_REASONS = {
    "Cannot declare": "This section stands there twice.",
    "Cannot overwrite a value": "This name stands there twice.",
    "Duplicate inline table key": "This name stands there twice.",
    "Expected '=' after a key": "A line has the form NAME = value, and the “=” is missing.",
    "Expected newline": "Something stands after the end of the value.",
    'Expected "\'"': "The text's quotes are not closed.",
    "Expected ']": "The section's name is not closed with a bracket.",
    "Illegal character": "A text of one line cannot hold this character: is its quote closed?",
    "Invalid date": "There is no such date.",
    "Invalid hex": "The text holds a broken escape (a backslash stands as two).",
    "Unescaped": "The text holds a broken escape (a backslash stands as two).",
    "Invalid value": "The value is neither a quoted text, a number, a date nor a list.",
    "Unclosed": "A list or an inline table is not closed.",
    "Unterminated string": "The text's quotes are not closed.",
}
_PLACE = re.compile(r"\(at line (?P<line>\d+), column (?P<column>\d+)\)$")


class SecretsMalformed(UsageError):
    """The document cannot be read. line and column count from 1."""

    def __init__(self, line: int, column: int, why: str) -> None:
        super().__init__(
            f"The secrets cannot be read: line {line}, column {column}.",
            why,
            'Mend that line. Texts stand in quotes: NAME = "value".',
        )
        self.line = line
        self.column = column


def parse(text: str | bytes) -> Secret:
    """A document out of what an admin typed or pasted; raises UsageError without any value."""
    decoded = _decode(text) if isinstance(text, bytes) else text
    # Windows editors begin a file with a byte order mark, and end lines with CR LF
    document = Secret(_encode(decoded.removeprefix("\ufeff").replace("\r\n", "\n")))
    environment_of(document)
    index_logins(tree_of(document))
    return document


def parse_dotenv(text: str | bytes) -> Secret:
    """A document out of the lines of an `.env` file; every value becomes a text.

    `$NAME` inside a value stays as it is written. Raises UsageError.
    """
    decoded = _decode(text) if isinstance(text, bytes) else text
    made = tomlkit.document()
    for binding in parse_stream(StringIO(decoded.removeprefix("\ufeff"))):
        line = binding.original.line + _blank_lines(binding.original.string)
        if binding.error or (binding.key is not None and binding.value is None):
            raise SecretsMalformed(line, 1, "The line is not of the form NAME=value.")
        if binding.key is not None:
            made[binding.key] = binding.value
    return parse(tomlkit.dumps(made))


def tree_of(document: Secret) -> dict[str, Any]:
    """The document's values. Raises SecretsMalformed."""
    text = document.reveal().decode()
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = str(error)
    except RecursionError:
        problem = "Nested too deeply (at line 1, column 1)"
    except ValueError:
        # Python reads no integer of more than 4,300 digits
        problem = "A number is too long (at line 1, column 1)"
    # outside of the except clause: the parser's own error holds the document
    raise _malformed(problem, text)


def environment_of(document: Secret) -> dict[str, Secret]:
    """The variables that the app gets: texts, integers and floats of the root, as Streamlit
    spells them. Truth values, dates, lists and tables are read with st.secrets alone, and so are
    names that belong to Holdfast.

    Raises UsageError for what no environment can hold.
    """
    variables = {}
    for name, value in tree_of(document).items():
        if why_no_variable(name, value) is None:
            text = str(value)
            _check_variable(name, text)
            variables[name] = Secret(text.encode())
    return variables


def why_no_variable(name: str, value: object) -> str | None:
    """Why this value of the root is no variable, one sentence; None if it is one."""
    if type(value) not in (str, int, float):
        return "Only texts and numbers become variables."
    if name in KEPT_VARIABLES or name.startswith(KEPT_BEGINNINGS):
        return "The app starts with Holdfast's own value of that name."
    return None


def _check_variable(name: str, text: str) -> None:
    if not name or "=" in name or "\0" in name:
        raise UsageError(
            f"“{name[:80]}” cannot be the name of an environment variable.",
            "Every text and number outside of a section becomes one.",
            "Choose another name, or move it into a section.",
        )
    if "\0" in text:
        raise UsageError(
            f"The value of “{name[:80]}” cannot be an environment variable.",
            "It holds a NUL character, with which the system ends a text.",
            "Remove the character, or move the value into a section.",
        )
    if len(name.encode()) + len(text.encode()) + 2 > _LONGEST:
        raise UsageError(
            f"The value of “{name[:80]}” is too long for an environment variable.",
            "The system takes at most 128 KiB.",
            "Move it into a section, and read it with st.secrets.",
        )


def _decode(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        start = error.start
    raise _malformed("Not UTF-8", text[:start].decode())


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        start = error.start
    raise _malformed("Half a character", text[:start])


def _malformed(problem: str, text: str) -> SecretsMalformed:
    """`problem` may name a place; else it is an open quote's line or the end of `text`."""
    found = _PLACE.search(problem)
    place = (int(found["line"]), int(found["column"])) if found else _stumble(text)
    why = (reason for words, reason in _REASONS.items() if problem.startswith(words))
    return SecretsMalformed(*place, next(why, "What stands there is not TOML."))


def _stumble(text: str) -> tuple[int, int]:
    """tomllib notices an open quote at the document's end only, tomlkit at the line's."""
    try:
        tomlkit.parse(text)
    except tomlkit.exceptions.InvalidControlChar as error:
        return error.line, error.col + 1
    except (tomlkit.exceptions.TOMLKitError, ValueError):
        # it stumbles elsewhere, over the same thing or over less
        pass
    lines = text.split("\n")
    return len(lines), len(lines[-1]) + 1


def _blank_lines(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")
