"""Deploy keys as an API lists them, before the forge of these tests: what is installed opens its
SSH."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass, field

from forge import Forge
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response


@dataclass
class InstalledKeys:
    """path: of the API, with the groups repository and id. reads: what it is told of a key that may
    read alone. titles_differ: a repository has no two keys of one title. lost: how many answers do
    not arrive, from the next installation on. keys: by number,
    (repository, key without its comment). title: how a key's is called. paged: whether a list comes
    as the values of a page."""

    forge: Forge
    server: HTTPServer
    path: re.Pattern[str]
    reads: dict[str, bool]
    titles_differ: bool = False
    title: str = "title"
    paged: bool = False
    lost: int = 0
    keys: dict[int, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._losing = False
        self._numbers = itertools.count(1)
        self._titles: dict[int, tuple[str, str]] = {}
        self.server.expect_request(self.path).respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        matched = self.path.match(request.path)
        assert matched is not None
        repository, number = matched["repository"], matched["id"]
        if request.method == "POST":
            told = request.get_json()
            assert told.items() >= self.reads.items()
            title = (repository, str(told[self.title]))
            if self.titles_differ and title in self._titles.values():
                return _json({"message": "A key with the same name already exists"}, 422)
            made = next(self._numbers)
            self.keys[made] = (repository, " ".join(told["key"].split()[:2]))
            self._titles[made] = title
        elif request.method == "DELETE":
            del self.keys[int(number)], self._titles[int(number)]
        self.forge.drop_keys()
        for of, key in self.keys.values():
            self.forge.add_key(key, of)
        if self.lost and (self._losing or request.method == "POST"):
            self.lost -= 1
            self._losing = self.lost > 0
            return Response(status=502)
        whole = request.base_url.removesuffix(f"/{number}")
        listed = [
            {"id": at, "key": key, "url": f"{whole}/{at}", **self.reads}
            for at, (of, key) in self.keys.items()
            if of == repository
        ]
        if request.method == "GET":
            # all are on the first page
            if self.paged:
                return _json({"values": listed}, 200)
            return _json(listed if request.args.get("page", "1") == "1" else [], 200)
        return _json(listed[-1], 201) if request.method == "POST" else Response(status=204)


def _json(told: object, status: int) -> Response:
    return Response(json.dumps(told), status, mimetype="application/json")
