"""How much of lessons people have watched: of what is shown of them now."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from server.models.lessons import Lesson
from server.models.library import AssetKind
from server.models.people import Person
from server.services.covered import Covered
from server.services.given import learnt_here
from server.services.progress import progress_of
from server.services.views import timeline_of

DONE_SHARE = 0.9  # nobody stays for the last words of thanks


def shares_watched(
    session: Session, *, by: Person | None, lessons: Collection[Lesson]
) -> Mapping[UUID, float]:
    """Return by lesson how much this person has watched, 0 to 1; none for guests.

    One query, and one more where the session came through a classroom.
    """
    if by is None:
        return {}
    if not by.scope.is_whole:
        with session.begin():
            here = learnt_here(session, person=by, lesson_ids=[lesson.id for lesson in lessons])
        lessons = [lesson for lesson in lessons if lesson.id in here]
    shown = {lesson.original.asset_id: lesson for lesson in lessons if lesson.original}
    if not shown:
        return {}
    found = progress_of(session, [by.id], shown)
    return {
        lesson.id: share_watched(found[by.id, lesson.original.asset_id].covered, lesson)
        for lesson in lessons
        if lesson.original and (by.id, lesson.original.asset_id) in found
    }


def share_watched(covered: Covered, lesson: Lesson) -> float:
    """Return the share of what the lesson shows: of a document, of its pages."""
    if lesson.original is None:
        return 0.0
    asset = lesson.original.asset
    is_read = asset.kind in {AssetKind.DOCUMENT, AssetKind.IMAGE}
    whole = [[0.0, float(asset.page_count) if is_read else asset.duration_s]]
    return covered.share_of(timeline_of(lesson).to_rows() or whole)


def is_done(share: float) -> bool:
    """Tell whether it counts as watched."""
    return share >= DONE_SHARE
