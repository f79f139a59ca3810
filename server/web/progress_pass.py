"""The pass that a page holds, for reports of what is watched or read from it."""

from server.models.lessons import Lesson
from server.models.library import Original
from server.request_context import class_before_screen, clock, current_sign_in_id, learner, wiring
from server.services.progress_passes import ProgressPass, sign_pass
from server.web.origin import Origin


def progress_pass(
    lesson: Lesson, origin: Origin, *, original: Original | None = None
) -> str | None:
    """Return the pass of who is signed in, for the lesson's own file or another one of it.

    None for guests, of whom nothing is kept.
    """
    by = None if origin.ticket else learner(lesson.id)
    original = original or lesson.original
    if by is None or original is None:
        return None
    opened = ProgressPass(
        person_id=by.id,
        lesson_id=lesson.id,
        asset_id=original.asset_id,
        share_link_id=origin.share_link_id,
        begun_at=clock()(),
        sign_in_id=current_sign_in_id(),
        class_session_id=together.id if (together := class_before_screen()) else None,
    )
    return sign_pass(wiring().settings.playback_keys, opened)
