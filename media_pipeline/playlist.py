"""Lists of parts → HLS playlists. Pure: answered from rows, never stored."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from media_pipeline.plan import SEGMENT_S

HEADER = ("#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPiece:
    """One part in a media playlist; `segments` are (duration_s, offset_bytes, length_bytes).

    `range_number` says which of the shown ranges of an original it belongs to.
    """

    url: str
    init_bytes: int
    size_bytes: int
    duration_s: float
    segments: Sequence[Sequence[float]]
    range_number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantEntry:
    """One rendition in the multivariant playlist. Rates are measured, without other renditions.

    Sound has neither size nor frame rate; `language` is its BCP 47 tag.
    """

    url: str
    peak_bps: int
    average_bps: int
    codecs: str
    width_px: int = 0
    height_px: int = 0
    fps: float = 0.0
    language: str = "th"


def media_playlist(
    pieces: Sequence[PartPiece], *, is_whole: bool, least_target_s: int = SEGMENT_S
) -> str:
    """Return the media playlist that joins `pieces` in their order.

    A target duration must not change while the list grows: where segments may be longer than
    4 s (a remux), give what they may reach.

    While the asset grows the list says EVENT and asks players to start at 0: without that they
    start at its live edge. Whole, it says VOD and ends. Where another range of the original
    begins, and only there, the time inside the parts jumps.
    """
    longest_s = max((row[0] for piece in pieces for row in piece.segments), default=0.0)
    target_s = max(least_target_s, math.floor(longest_s + 0.5))
    lines = [*HEADER, f"#EXT-X-TARGETDURATION:{target_s}"]
    lines.append("#EXT-X-MEDIA-SEQUENCE:0")
    lines.append(f"#EXT-X-PLAYLIST-TYPE:{'VOD' if is_whole else 'EVENT'}")
    if not is_whole:
        lines.append("#EXT-X-START:TIME-OFFSET=0,PRECISE=YES")
    for before, piece in zip([*pieces[:1], *pieces], pieces, strict=False):
        if piece.range_number != before.range_number:
            lines.append("#EXT-X-DISCONTINUITY")
        lines += _piece_lines(piece)
    if is_whole:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def _piece_lines(piece: PartPiece) -> Iterable[str]:
    yield f'#EXT-X-MAP:URI="{piece.url}",BYTERANGE="{piece.init_bytes}@0"'
    for duration_s, offset_bytes, length_bytes in piece.segments:
        yield f"#EXTINF:{duration_s:.6f},"
        yield f"#EXT-X-BYTERANGE:{length_bytes:.0f}@{offset_bytes:.0f}"
        yield piece.url


def multivariant_playlist(
    variants: Sequence[VariantEntry], audio: VariantEntry | None = None
) -> str:
    """Return the multivariant playlist, in the given order: players start with the first they can.

    With pictures and sound every variant uses the sound; its rate is counted in. A last variant of
    sound alone is for the poorest lines. Without pictures it is the only one.
    """
    lines = [*HEADER]
    if audio and variants:
        lines.append(
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="sound",DEFAULT=YES,AUTOSELECT=YES,'
            f'LANGUAGE="{audio.language}",CHANNELS="1",URI="{audio.url}"'
        )
    for variant in variants:
        lines += [_stream_line(variant, audio), variant.url]
    if audio:
        lines += [_stream_line(audio, audio if variants else None, is_sound=True), audio.url]
    return "\n".join(lines) + "\n"


def _stream_line(
    variant: VariantEntry, audio: VariantEntry | None, *, is_sound: bool = False
) -> str:
    extra = audio if audio and not is_sound else None
    codecs = ",".join(c for c in (variant.codecs, extra.codecs if extra else "") if c)
    facts = [
        f"BANDWIDTH={max(1, variant.peak_bps + (extra.peak_bps if extra else 0))}",
        f"AVERAGE-BANDWIDTH={max(1, variant.average_bps + (extra.average_bps if extra else 0))}",
        f'CODECS="{codecs}"',
    ]
    if not is_sound:
        facts.append(f"RESOLUTION={variant.width_px}x{variant.height_px}")
        facts.append(f"FRAME-RATE={variant.fps:.3f}")
    if audio:
        facts.append('AUDIO="sound"')
    return "#EXT-X-STREAM-INF:" + ",".join(facts)


def measured_rates(segments: Iterable[Sequence[float]]) -> tuple[int, int]:
    """Return (peak, average) bits per second of (duration_s, offset_bytes, length_bytes) rows.

    A last segment of a fraction of a second does not make the peak: its one key frame would.
    (0, 0) when there is nothing.
    """
    rows = [(row[0], row[2]) for row in segments if row[0] > 0]
    if not rows:
        return 0, 0
    total_s = sum(duration_s for duration_s, _length in rows)
    average_bps = math.ceil(sum(length for _duration_s, length in rows) * 8 / total_s)
    half_s = max(duration_s for duration_s, _length in rows) / 2
    peaks = [length * 8 / duration_s for duration_s, length in rows if duration_s >= half_s]
    return max(average_bps, math.ceil(max(peaks))), average_bps
