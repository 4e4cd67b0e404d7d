"""Brings the files that differ between two commits into a checkout that is being used.

    git diff-tree -r --raw -z --no-renames BEFORE AFTER | renew.py FRESH LIVE LAST PYTHON

FRESH holds the new files, LIVE is the checkout, LAST the path that is replaced last, PYTHON the
app's version of it. All new files are first written beside the old ones; then each takes its place
by a rename; deletions come last. A file that FRESH lacks is left out. Links are never followed:
those of LIVE the app could have made, those of FRESH whoever made the commit. Prints one JSON
object; when it has `in_the_way` (what the app made there) or `broken` (a file that Python cannot
compile, or a path that leads elsewhere), nothing was done.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import stat
import sys
import warnings
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath

#: Where new files wait; one that is there already tells of a renewal that was cut short.
WAITING = ".holdfast-renewal"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class InTheWay(Exception):
    """What the app made stands where the commit has something else; the text is its path."""


class Misleading(Exception):
    """No path of a commit, as git itself makes them; the text is the path."""


@contextmanager
def folder_of(root, path):
    """A descriptor of the folder that holds `path`, reached without following any link."""
    here = os.dup(root)
    try:
        for part in PurePosixPath(path).parts[:-1]:
            inner = os.open(part, _FOLDER, dir_fd=here)
            os.close(here)
            here = inner
        yield here
    finally:
        os.close(here)


def kind_at(root, path):
    """The file mode of what is there, links not followed; None if there is nothing."""
    try:
        with folder_of(root, path) as folder:
            return os.lstat(PurePosixPath(path).name, dir_fd=folder).st_mode
    except FileNotFoundError:
        return None
    except OSError:
        # a file or a link where a folder is meant: what is in it is not ours
        return None


def reading(root, path):
    """A file, opened without following any link."""
    with folder_of(root, path) as folder:
        return os.fdopen(os.open(PurePosixPath(path).name, _FILE, dir_fd=folder), "rb")


def read_changes(raw):
    words = raw.decode(errors="surrogateescape").split("\0")
    for facts, path in zip(words[::2], words[1::2], strict=False):
        # nothing has checked the trees that a server sends
        if any(part.lower() in ("", ".", "..", ".git") for part in path.split("/")):
            raise Misleading(path)
        yield path, facts.split(" ")[4][:1]


def check_way(live, written, deleted):
    """Raise InTheWay before anything is changed."""
    for path in written:
        for parent in [str(p) for p in PurePosixPath(path).parents][:-1]:
            mode = kind_at(live, parent)
            if mode is not None and not stat.S_ISDIR(mode) and parent not in deleted:
                raise InTheWay(parent)
        mode = kind_at(live, path)
        if mode is not None and stat.S_ISDIR(mode):
            for inner in files_in(live, path):
                if inner not in deleted:
                    raise InTheWay(inner)


def files_in(root, path):
    """The paths of all that is below a folder, itself no link."""
    with folder_of(root, f"{path}/x") as folder:
        names = [entry.name for entry in os.scandir(folder)]
    for name in names:
        inner = f"{path}/{name}"
        mode = kind_at(root, inner)
        if mode is not None and stat.S_ISDIR(mode):
            yield from files_in(root, inner)
        else:
            yield inner


def write_beside(fresh, waiting, written):
    """Copy each new file under a number; those that FRESH lacks are left out."""
    there = {}
    for number, path in enumerate(written):
        mode = kind_at(fresh, path)
        if mode is None:
            continue
        if stat.S_ISLNK(mode):
            with folder_of(fresh, path) as folder:
                target = os.readlink(PurePosixPath(path).name, dir_fd=folder)
            os.symlink(target, str(number), dir_fd=waiting)
        else:
            copy = os.open(str(number), _NEW, stat.S_IMODE(mode), dir_fd=waiting)
            with reading(fresh, path) as content, os.fdopen(copy, "wb") as target:
                shutil.copyfileobj(content, target)
        there[path] = number
    return there


def make_way(live, path):
    """The folders above `path`, and nothing but a file in its own place."""
    for parent in reversed([str(p) for p in PurePosixPath(path).parents][:-1]):
        mode = kind_at(live, parent)
        if mode is not None and stat.S_ISDIR(mode):
            continue
        with folder_of(live, parent) as folder:
            name = PurePosixPath(parent).name
            if mode is not None:
                os.unlink(name, dir_fd=folder)
            os.mkdir(name, 0o755, dir_fd=folder)
    mode = kind_at(live, path)
    if mode is not None and stat.S_ISDIR(mode):
        remove_files(live, files_in(live, path))


def put_in_place(live, waiting, there):
    for path, number in there.items():
        make_way(live, path)
        with folder_of(live, path) as folder:
            name = PurePosixPath(path).name
            os.rename(str(number), name, src_dir_fd=waiting, dst_dir_fd=folder)


def remove_files(live, paths):
    """Delete files, and the folders that are empty then."""
    for path in list(paths):
        with suppress(OSError), folder_of(live, path) as folder:
            os.unlink(PurePosixPath(path).name, dir_fd=folder)
        for parent in [str(p) for p in PurePosixPath(path).parents][:-1]:
            with suppress(OSError), folder_of(live, parent) as folder:
                os.rmdir(PurePosixPath(parent).name, dir_fd=folder)


def check_syntax(fresh, written, version):
    """Raise SyntaxError, or ValueError, for the first Python file that cannot be compiled."""
    warnings.simplefilter("ignore")
    for path in written:
        mode = kind_at(fresh, path)
        if path.endswith(".py") and mode is not None and stat.S_ISREG(mode):
            with reading(fresh, path) as source:
                tree = ast.parse(source.read(), path, feature_version=version)
            compile(tree, path, "exec", dont_inherit=True)


def renew(fresh, live, changes, last):
    """What was done, as numbers."""
    deleted = {path for path, letter in changes if letter == "D"}
    # what is new is imported by what changes
    order = sorted(changes, key=lambda change: (change[1] != "A", change[0] == last))
    written = [path for path, letter in order if letter != "D"]
    check_way(live, written, deleted)
    try:
        os.mkdir(WAITING, 0o700, dir_fd=live)
    except FileExistsError:
        raise InTheWay(WAITING) from None
    waiting = os.open(WAITING, _FOLDER, dir_fd=live)
    try:
        try:
            there = write_beside(fresh, waiting, written)
        except OSError:
            for entry in os.scandir(waiting):
                os.unlink(entry.name, dir_fd=waiting)
            os.rmdir(WAITING, dir_fd=live)
            raise
        put_in_place(live, waiting, there)
    finally:
        os.close(waiting)
    remove_files(live, deleted)
    os.rmdir(WAITING, dir_fd=live)
    return {"written": len(there), "deleted": len(deleted)}


def main():
    fresh_path, live_path, last, version = sys.argv[1:]
    fresh, live = os.open(fresh_path, _FOLDER), os.open(live_path, _FOLDER)
    try:
        changes = list(read_changes(sys.stdin.buffer.read()))
        written = [path for path, letter in changes if letter != "D"]
        check_syntax(fresh, written, tuple(int(part) for part in version.split(".")))
        answer = renew(fresh, live, changes, last)
    except InTheWay as error:
        answer = {"in_the_way": plain(str(error))}
    except Misleading as error:
        told = "Git makes no such path, it leads elsewhere"
        answer = {"broken": plain(str(error)), "line": None, "why": told}
    except SyntaxError as error:
        answer = {"broken": plain(error.filename or ""), "line": error.lineno, "why": error.msg}
    except (ValueError, RecursionError, MemoryError) as error:
        answer = {"broken": "A Python file", "line": None, "why": str(error)}
    finally:
        os.close(live)
        os.close(fresh)
    print(json.dumps(answer))


def plain(path):
    """A path that can be shown, whatever bytes it has."""
    return path.encode(errors="surrogateescape").decode(errors="replace")


if __name__ == "__main__":
    main()
