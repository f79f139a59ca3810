"""Playlists and state.json of an asset, from rows: nothing of them is stored."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from media_pipeline.playlist import (
    PartPiece,
    VariantEntry,
    measured_rates,
    media_playlist,
    multivariant_playlist,
)
from server.models.library import Asset, AssetState, Part, Rendition, RenditionKind
from server.services.play import AssetStateCard, asset_state, is_offered

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
WHOLE_MAX_AGE_S = 300
GROWING_MAX_AGE_S = 1


@dataclass(frozen=True, slots=True)
class Document:
    """A text to answer, and for how long it stays true."""

    content_type: str
    text: str
    max_age_s: int


def opening_documents(session: Session, asset_id: UUID) -> dict[str, str]:
    """Return by name what a player asks for before its first segment, as far as there is one.

    State, multivariant playlist, and the playlists of sound and lowest picture: in one answer they
    save three round trips.
    """
    state = asset_state(session, asset_id)
    ready = [each for each in state.renditions if each.is_whole or each.average_bps]
    sounds = [each.name for each in ready if each.kind == RenditionKind.AUDIO]
    lowest = [each.name for each in ready if each.kind != RenditionKind.AUDIO][:1]
    names = ["multivariant.m3u8", *(f"{name}.m3u8" for name in (*sounds, *lowest))]
    found = {name: find_document(session, asset_id, name) for name in names}
    texts = {name: document.text for name, document in found.items() if document}
    return {"state.json": _state_text(state), **texts}


def find_document(session: Session, asset_id: UUID, name: str) -> Document | None:
    """Return what `name` means below an asset's address; None if it means nothing (yet)."""
    if name == "state.json":
        return _state(session, asset_id)
    stem, _, suffix = name.partition(".")
    if suffix != "m3u8":
        return None
    return (
        multivariant(session, asset_id)
        if stem == "multivariant"
        else media(session, asset_id, stem)
    )


def media(session: Session, asset_id: UUID, name: str) -> Document | None:
    """Return the media playlist of one rendition: its parts up to the first gap."""
    rendition = session.scalar(
        select(Rendition)
        .where(Rendition.asset_id == asset_id, Rendition.name == name)
        .options(selectinload(Rendition.parts))
    )
    if rendition is None or not (parts := _contiguous(rendition.parts)):
        return None
    text = media_playlist([_piece(part) for part in parts], is_whole=rendition.is_whole)
    return Document(PLAYLIST_TYPE, text, _max_age_s(is_whole=rendition.is_whole))


def multivariant(session: Session, asset_id: UUID) -> Document | None:
    """Return the list of renditions that can be chosen now, lowest picture first."""
    asset = session.scalar(
        select(Asset)
        .where(Asset.id == asset_id)
        .options(selectinload(Asset.renditions).selectinload(Rendition.parts))
    )
    if asset is None:
        return None
    shown = [row for row in asset.renditions if is_offered(row) and _contiguous(row.parts)]
    pictures = [row for row in shown if row.kind != RenditionKind.AUDIO]
    pictures.sort(key=lambda row: (row.height_px, row.peak_bps))
    sounds = [_variant(row) for row in shown if row.kind == RenditionKind.AUDIO]
    if not shown:
        return None
    text = multivariant_playlist([_variant(row) for row in pictures], sounds[0] if sounds else None)
    is_whole = asset.state == AssetState.READY
    return Document(PLAYLIST_TYPE, text, _max_age_s(is_whole=is_whole))


def _state(session: Session, asset_id: UUID) -> Document:
    card = asset_state(session, asset_id)
    return Document("application/json", _state_text(card), _max_age_s(is_whole=card.is_whole))


def _state_text(card: AssetStateCard) -> str:
    return json.dumps(card.to_dict(), ensure_ascii=False)


def _variant(row: Rendition) -> VariantEntry:
    """Return what the multivariant playlist says: rates measured, as far as there is something."""
    segments = [segment for part in _contiguous(row.parts) for segment in part.segments]
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


def _contiguous(parts: Sequence[Part]) -> list[Part]:
    """Return parts 0, 1, 2, … up to the first that is missing: they may be made out of order."""
    return [part for expected, part in enumerate(parts) if part.number == expected]


def _piece(part: Part) -> PartPiece:
    return PartPiece(
        url=f"{part.sha256}.m4s",
        init_bytes=part.init_bytes,
        size_bytes=part.size_bytes,
        duration_s=part.duration_s,
        segments=part.segments,
    )


def _max_age_s(*, is_whole: bool) -> int:
    return WHOLE_MAX_AGE_S if is_whole else GROWING_MAX_AGE_S
