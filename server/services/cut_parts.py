"""A rendition as a trimmed lesson shows it: whole segments, and parts made for its cuts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from media_pipeline.cutting import SOUND_FRAME_S, Taken, joined, taken_segments
from media_pipeline.playlist import PartPiece
from media_pipeline.timeline import SAME_S, Timeline
from server.models.library import CutPart, Part, Rendition, RenditionKind


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a media playlist lists; `is_whole` when nothing more will come."""

    pieces: Sequence[PartPiece]
    is_whole: bool


def pieces_of(rendition: Rendition, timeline: Timeline) -> Pieces:
    """Return what is there of what `timeline` shows, up to the first gap."""
    parts = contiguous(rendition.parts)
    if not timeline.ranges:
        return Pieces([_piece(part) for part in parts], rendition.is_whole)
    made = _made(rendition)
    shown: list[tuple[Taken, PartPiece | None]] = []
    for taken in _taken(rendition, timeline):
        piece = made.get(piece_name(taken)) if taken.is_piece else None
        if taken.is_piece and piece is None:
            return Pieces(joined(shown), is_whole=False)
        shown.append((taken, piece))
    return Pieces(joined(shown), rendition.is_whole)


def missing_pieces(rendition: Rendition, timeline: Timeline) -> Iterator[Taken]:
    """Yield the pieces at cuts that can be made now, and are not there."""
    made = _made(rendition)
    for taken in _taken(rendition, timeline):
        if taken.is_piece and piece_name(taken) not in made:
            yield taken


def piece_name(taken: Taken) -> tuple[int, int]:
    """Return from and to in ms of the original, which name a piece in its rendition."""
    return round(taken.from_s * 1000), round(taken.to_s * 1000)


def contiguous(parts: Sequence[Part]) -> list[Part]:
    """Return parts 0, 1, 2, … up to the first that is missing: they may be made out of order."""
    return [part for expected, part in enumerate(parts) if part.number == expected]


def _taken(rendition: Rendition, timeline: Timeline) -> Iterator[Taken]:
    near_s = SOUND_FRAME_S if rendition.kind == RenditionKind.AUDIO else SAME_S
    parts = [(part.start_s, _piece(part)) for part in contiguous(rendition.parts)]
    yield from taken_segments(parts, timeline, near_s=near_s)


def _made(rendition: Rendition) -> dict[tuple[int, int], PartPiece]:
    return {(part.from_ms, part.to_ms): _piece(part) for part in rendition.cut_parts}


def _piece(part: Part | CutPart) -> PartPiece:
    return PartPiece(
        url=f"{part.sha256}.m4s",
        init_bytes=part.init_bytes,
        size_bytes=part.size_bytes,
        duration_s=part.duration_s,
        segments=part.segments,
    )
