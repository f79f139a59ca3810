"""Playlists and state.json of an asset, from rows: nothing of them is stored."""

import json
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from media_pipeline.caption_reading import read_captions
from media_pipeline.captions import format_cues
from media_pipeline.playlist import (
    VariantEntry,
    measured_rates,
    media_playlist,
    multivariant_playlist,
)
from media_pipeline.timeline import WHOLE, Timeline, shown_cues
from server.models.lessons import TextTrack
from server.models.library import Asset, AssetState, Rendition, RenditionKind
from server.services.cut_parts import Pieces, pieces_of
from server.services.play import AssetStateCard, asset_state, is_offered
from server.services.views import WHOLE_FILE, View, caption_key_named

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
MULTIVARIANT, AV1_MULTIVARIANT = "multivariant", "av1"
WHOLE_MAX_AGE_S = 300
GROWING_MAX_AGE_S = 1


@dataclass(frozen=True, slots=True)
class Document:
    """A text to answer, and for how long it stays true."""

    content_type: str
    text: str
    max_age_s: int


def opening_documents(
    session: Session, asset_id: UUID, view: View = WHOLE_FILE, *, plays_av1: bool = False
) -> dict[str, str]:
    """Return by name what a player asks for before its first segment, as far as there is one.

    State, multivariant playlist, and the playlists of sound and lowest picture: in one answer they
    save three round trips.
    """
    state = asset_state(session, asset_id, timeline=view.timeline)
    ready = [each for each in state.renditions if each.is_whole or each.average_bps]
    sounds = [each.name for each in ready if each.kind == RenditionKind.AUDIO]
    pictures = [each.name for each in ready if each.kind != RenditionKind.AUDIO]
    multivariant_name = MULTIVARIANT
    if plays_av1 and state.av1:
        multivariant_name, pictures = AV1_MULTIVARIANT, [each.name for each in state.av1]
    names = [f"{name}.m3u8" for name in (multivariant_name, *sounds, *pictures[:1])]
    found = {name: find_document(session, asset_id, name, view) for name in names}
    texts = {name: document.text for name, document in found.items() if document}
    return {"state.json": _state_text(state), **texts}


def find_document(
    session: Session, asset_id: UUID, name: str, view: View = WHOLE_FILE
) -> Document | None:
    """Return what `name` means below an asset's address; None if it means nothing (yet)."""
    if name == "state.json":
        return _state(session, asset_id, view.timeline)
    stem, _, suffix = name.partition(".")
    if suffix == "vtt":
        return _captions(session, stem, view)
    if suffix != "m3u8":
        return None
    if stem in (MULTIVARIANT, AV1_MULTIVARIANT):
        is_av1 = stem == AV1_MULTIVARIANT
        return multivariant(session, asset_id, view.timeline, is_av1=is_av1)
    return media(session, asset_id, stem, view.timeline)


def media(
    session: Session, asset_id: UUID, name: str, timeline: Timeline = WHOLE
) -> Document | None:
    """Return the media playlist of one rendition: its parts up to the first gap."""
    rendition = session.scalar(
        select(Rendition)
        .where(Rendition.asset_id == asset_id, Rendition.name == name)
        .options(selectinload(Rendition.parts))
    )
    found = pieces_of(rendition, timeline) if rendition else None
    if found is None or not found.pieces:
        return None
    text = media_playlist(found.pieces, is_whole=found.is_whole)
    return Document(PLAYLIST_TYPE, text, _max_age_s(is_whole=found.is_whole))


def multivariant(
    session: Session, asset_id: UUID, timeline: Timeline = WHOLE, *, is_av1: bool = False
) -> Document | None:
    """Return the list of renditions that can be chosen now, lowest picture first.

    AV1 has a list of its own: so no player meets a codec that it has not, or changes it midway.
    """
    asset = session.scalar(
        select(Asset)
        .where(Asset.id == asset_id)
        .options(selectinload(Asset.renditions).selectinload(Rendition.parts))
    )
    if asset is None:
        return None
    offered = [
        (row, pieces_of(row, timeline))
        for row in asset.renditions
        if is_offered(row) and _is_listed(row, is_av1=is_av1)
    ]
    shown = [
        (row, found) for row, found in offered if found.pieces and (found.is_whole or row.is_first)
    ]
    pictures = [one for one in shown if one[0].kind != RenditionKind.AUDIO]
    pictures.sort(key=lambda one: (one[0].height_px, one[0].peak_bps))
    sounds = [_variant(*one) for one in shown if one[0].kind == RenditionKind.AUDIO]
    if not shown or (is_av1 and not pictures):
        return None
    variants = [_variant(*one) for one in pictures]
    text = multivariant_playlist(variants, sounds[0] if sounds else None)
    is_whole = asset.state == AssetState.READY and all(found.is_whole for _, found in offered)
    return Document(PLAYLIST_TYPE, text, _max_age_s(is_whole=is_whole))


def _is_listed(rendition: Rendition, *, is_av1: bool) -> bool:
    is_sound = rendition.kind == RenditionKind.AUDIO
    return is_sound or (rendition.kind == RenditionKind.AV1) is is_av1


def _captions(session: Session, stem: str, view: View) -> Document | None:
    """Return captions as they are shown in a trimmed lesson; `stem` names their whole text."""
    key = caption_key_named(stem)
    of_lesson = select(TextTrack).where(TextTrack.lesson_id == view.lesson_id)
    tracks = session.scalars(of_lesson) if view.lesson_id and key else ()
    for track in tracks:
        if key and track.key.endswith(f"/{key}"):
            cues = shown_cues(read_captions(track.text.encode()).cues, view.timeline)
            return Document("text/vtt; charset=utf-8", format_cues(cues), WHOLE_MAX_AGE_S)
    return None


def _state(session: Session, asset_id: UUID, timeline: Timeline) -> Document:
    card = asset_state(session, asset_id, timeline=timeline)
    return Document("application/json", _state_text(card), _max_age_s(is_whole=card.is_whole))


def _state_text(card: AssetStateCard) -> str:
    return json.dumps(card.to_dict(), ensure_ascii=False)


def _variant(row: Rendition, found: Pieces) -> VariantEntry:
    """Return what the multivariant playlist says: rates measured, as far as there is something."""
    segments = [segment for piece in found.pieces for segment in piece.segments]
    peak_bps, average_bps = measured_rates(segments)
    return VariantEntry(
        url=f"{row.name}.m3u8",
        peak_bps=(row.peak_bps if row.is_whole else 0) or peak_bps,
        average_bps=(row.average_bps if row.is_whole else 0) or average_bps,
        codecs=row.codecs,
        width_px=row.width_px,
        height_px=row.height_px,
        fps=row.fps,
    )


def _max_age_s(*, is_whole: bool) -> int:
    return WHOLE_MAX_AGE_S if is_whole else GROWING_MAX_AGE_S
