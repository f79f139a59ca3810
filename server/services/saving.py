"""Lessons saved for later: which files viewers may take with them, and what these are joined of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session, selectinload

from media_pipeline.fragments import StoredPart
from media_pipeline.joining import etag_of
from media_pipeline.timeline import WHOLE, Timeline
from server.errors import NotAllowed, NotFound
from server.models.lessons import Lesson, PlaybackSession
from server.models.library import Asset, Rendition, RenditionKind
from server.policy import may_save_lesson
from server.services.cut_parts import pieces_of
from server.services.play import AssetStateCard, RenditionCard, is_offered
from server.services.views import shown_duration_s, view_in
from storage.keys import asset_prefix

SAVED_NAME = re.compile(r"[a-z0-9]{1,20}\.(?:mp4|m4a)")
TYPES = {"mp4": "video/mp4", "m4a": "audio/mp4"}
LONGEST_NAME_BYTES = 180  # file systems take 255, and phones add " (1)"
_UNFIT = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|\u200e\u200f\u202a-\u202e\u2066-\u2069]+')


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveChoice:
    """A file that may be saved; `size_bytes` is what its parts have, and it has about as many."""

    name: str
    kind: str
    height_px: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFile:
    """What one file is joined of, and what a browser shall call it."""

    renditions: Sequence[Sequence[StoredPart]]
    file_name: str
    content_type: str
    etag: str


def save_choices(lesson: Lesson, progress: AssetStateCard) -> list[SaveChoice]:
    """Return what there is to save of a lesson, the smallest first: sound, then pictures.

    Only what is whole, with its cuts made: a file that ends in the middle would be taken for the
    lesson.
    """
    if lesson.kept_ranges and not lesson.is_trim_exact:
        return []
    whole = [each for each in progress.renditions if each.is_whole and each.size_bytes]
    sound_bytes = sum(each.size_bytes for each in whole if each.kind == RenditionKind.AUDIO)
    needs_sound = any(each.kind == RenditionKind.AUDIO for each in progress.renditions)
    if needs_sound and not sound_bytes:
        return []
    full_s = lesson.original.asset.duration_s if lesson.original else 0.0
    share = shown_duration_s(lesson) / full_s if full_s else 1.0
    choices = [_choice(each, sound_bytes, share) for each in whole]
    return sorted(choices, key=lambda choice: choice.size_bytes)


def find_saved_file(session: Session, *, session_id: str, asset_id: UUID, name: str) -> SavedFile:
    """Return what `name` ("360p.mp4", "audio.m4a") means to a playback whose rights were asked.

    Raises NotFound when there is no such rendition or it is not whole, NotAllowed when the lesson
    is not to be saved.
    """
    stem, _, suffix = name.partition(".")
    with session.begin():
        playback = session.get(PlaybackSession, session_id)
        lesson = session.get(Lesson, playback.lesson_id) if playback else None
        if lesson is None:
            raise NotFound("no such playback")
        if not may_save_lesson(lesson):
            raise NotAllowed(f"lesson {lesson.id} is not to be saved")
        asset = session.get(
            Asset,
            asset_id,
            options=[selectinload(Asset.renditions).selectinload(Rendition.parts)],
        )
        renditions = _renditions(asset, stem) if asset else []
        timeline = view_in(playback).timeline if playback else WHOLE
        parts = [_stored(asset_id, each, timeline) for each in renditions]
    is_sound = len(renditions) == 1 and renditions[0].kind == RenditionKind.AUDIO
    if not renditions or not all(parts) or is_sound != (suffix == "m4a"):
        raise NotFound(f"no {name} to save")
    return SavedFile(
        renditions=parts,
        file_name=f"{file_stem(lesson.title)}.{suffix}",
        content_type=TYPES[suffix],
        etag=etag_of(parts),
    )


def file_stem(title: str) -> str:
    """Return a title as a name that every file system takes."""
    fit = " ".join(_UNFIT.sub(" ", title).split()).strip(". ")
    return fit.encode()[:LONGEST_NAME_BYTES].decode(errors="ignore").strip() or "lesson"


def _choice(card: RenditionCard, sound_bytes: int, share: float) -> SaveChoice:
    is_sound = card.kind == RenditionKind.AUDIO
    return SaveChoice(
        name=f"{card.name}.{'m4a' if is_sound else 'mp4'}",
        kind="sound" if is_sound else "picture",
        height_px=card.height_px,
        size_bytes=round(share * (card.size_bytes + (0 if is_sound else sound_bytes))),
    )


def _renditions(asset: Asset, name: str) -> list[Rendition]:
    """Return the wanted rendition and, beside a picture, the sound; nothing unless all is whole."""
    chosen = [each for each in asset.renditions if each.name == name and is_offered(each)]
    sounds = [each for each in asset.renditions if each.kind == RenditionKind.AUDIO]
    wanted = chosen + [each for each in sounds if each not in chosen]
    return wanted if chosen and all(_is_all_there(each) for each in wanted) else []


def _is_all_there(rendition: Rendition) -> bool:
    numbers = [part.number for part in rendition.parts]
    return rendition.is_whole and bool(numbers) and numbers == list(range(len(numbers)))


def _stored(asset_id: UUID, rendition: Rendition, timeline: Timeline) -> list[StoredPart]:
    """Return what `timeline` shows of a rendition; nothing while a cut is still to be made."""
    found = pieces_of(rendition, timeline)
    starts_s = [from_s for from_s, _to_s in timeline.ranges] or [0.0]
    return [
        StoredPart(
            name=f"{asset_prefix(asset_id)}{piece.url}",
            init_bytes=piece.init_bytes,
            segments=[(int(offset), int(length)) for _duration_s, offset, length in piece.segments],
            moved_s=round(
                starts_s[piece.range_number] - timeline.to_shown(starts_s[piece.range_number]), 6
            ),
        )
        for piece in (found.pieces if found.is_whole else ())
    ]
