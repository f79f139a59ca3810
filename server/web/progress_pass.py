"""The pass that a page holds, for reports of what is watched or read from it."""

from server.models.lessons import Lesson
from server.request_context import clock, viewer, wiring
from server.services.progress_passes import ProgressPass, sign_pass
from server.web.origin import Origin


def progress_pass(lesson: Lesson, origin: Origin) -> str | None:
    """Return the pass of who is signed in; None for guests, of whom nothing is kept."""
    by = None if origin.ticket else viewer()
    if by is None or lesson.original is None:
        return None
    opened = ProgressPass(
        person_id=by.id,
        lesson_id=lesson.id,
        asset_id=lesson.original.asset_id,
        share_link_id=origin.share_link_id,
        begun_at=clock()(),
    )
    return sign_pass(wiring().settings.playback_keys, opened)
