"""What a keeper tells of the desk in memory."""

from __future__ import annotations

from datetime import UTC, datetime

from holdfast.domain.keeping import Kept, News, NewsKind
from holdfast.domain.operation import Fact


class MemoryNews:
    def __init__(self) -> None:
        self._latest: dict[str, News] = {}

    def tell(
        self, kind: NewsKind, duty: str = "", text: str = "", error: Exception | None = None
    ) -> Fact[Kept]:
        news = News(datetime.now(UTC), kind, duty, text, error)
        self._latest[duty] = news
        return Fact(Kept(news, dict(self._latest)))

    def has(self, kind: NewsKind, duty: str = "") -> bool:
        return duty in self._latest and self._latest[duty].kind is kind
