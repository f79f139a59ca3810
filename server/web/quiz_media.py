"""Pictures and sounds of questions, by the right to see the lesson."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import current_app

from server.models.lessons import Lesson
from server.models.library import AssetKind
from server.request_context import clock, current_sign_in_id, db, viewer
from server.services.question_files import QuestionFile, Viewing, question_files
from server.services.shown_files import ShownFile
from server.web.file_stages import file_stage
from server.web.origin import Origin

Sign = Callable[[str, UUID, datetime], str]  # (session, asset, until) → "/v/…/"
HEARD = frozenset({AssetKind.AUDIO, AssetKind.VIDEO})


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaCard:
    """A picture, or what the player of a sound is told."""

    url: str = ""
    width_px: int = 0
    height_px: int = 0
    player: dict[str, Any] | None = None


def media_of(
    lesson: Lesson, origin: Origin, original_ids: Iterable[UUID | None]
) -> Mapping[UUID | None, MediaCard]:
    """Return what stands beside questions, by file; nothing of what is still being prepared."""
    by = viewer()
    viewing = Viewing(
        lesson=lesson,
        person_id=by.id if by else None,
        sign_in_id=current_sign_in_id(),
        share_link_id=origin.share_link_id,
    )
    wanted = {id_ for id_ in original_ids if id_}
    files = question_files(db(), clock(), viewing=viewing, original_ids=wanted)
    cards = {id_: _card(lesson, origin, file) for id_, file in files.items()}
    return {id_: card for id_, card in cards.items() if card}


def _card(lesson: Lesson, origin: Origin, file: QuestionFile) -> MediaCard | None:
    original, picture, playback = file.original, file.picture, file.playback
    if original.asset.kind in HEARD:
        shown = ShownFile(lesson=lesson, original=original, title=lesson.title)
        player = file_stage(shown, origin).player
        return MediaCard(player=player) if player else None
    if picture is None or playback is None:
        return None
    sign = cast(Sign, current_app.extensions["khlang.sign"])
    base_url = sign(playback.id, playback.asset_id, playback.expires_at)
    return MediaCard(
        url=base_url + picture.image_key.rpartition("/")[2],
        width_px=picture.width_px,
        height_px=picture.height_px,
    )
