"""How far who is signed in is in lessons, as pages say it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from server.models.lessons import Lesson
from server.request_context import db, viewer
from server.services.watched_shares import is_done, shares_watched

LEAST_PERCENT = 1


@dataclass(frozen=True, slots=True)
class WatchedCard:
    """What somebody has watched, or read, of a lesson."""

    percent: int
    is_done: bool


def watched_cards(lessons: Collection[Lesson]) -> Mapping[UUID, WatchedCard]:
    """Return by lesson what is worth telling; nothing for guests. One query for all."""
    shares = shares_watched(db(), by=viewer(), lessons=lessons)
    return {
        lesson_id: WatchedCard(percent=int(100 * share), is_done=is_done(share))
        for lesson_id, share in shares.items()
        if 100 * share >= LEAST_PERCENT
    }
