"""A file → MediaInfo: what it is, how long it really is, whether it may be shown at all."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from media_pipeline.errors import MediaFailed, MediaRejected, ToolsMissing
from media_pipeline.office import sniff_office
from media_pipeline.packages import is_package
from media_pipeline.packets import EVERYTHING, LIMITS, Packet, ends_of, read_packets
from media_pipeline.run import run_ffprobe
from media_pipeline.sniff import REFUSED, is_animated, looks_like_media, sniff_document
from media_pipeline.source import MAX_PIXELS, probe_argv
from media_pipeline.tools import Tools

MAX_DURATION_S = 12 * 3600
MAX_FRAME_COUNT = MAX_DURATION_S * 60
BELIEVABLE_FPS = 61  # above it, r_frame_rate is a clock's tick, not a picture rate
FALLBACK_FPS = 25.0
CUT_OFF_S = 1.0  # a file that ends this much before its own claim was cut off
UNSTEADY = ("mpegts", "mpeg", "flv")
TAIL_S = 8
T = TypeVar("T")
NO_INDEX = ("mp3", "aac", "amr", "mpeg", "mpegts")  # their length is guessed, not promised
NEARLY = 0.01  # pixels this close to square are a rounding of the encoder
KEY_SAMPLE_S = 90
MOST_CHAPTERS = 200
LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """What a file holds. Sizes are as shown, after rotation, with square pixels.

    `duration_s` is what can really be read; `missing_s` is what the file promises beyond that,
    0 unless it was cut off. Stream indexes are ffmpeg's, -1 for none.
    """

    kind: str  # "video", "audio", "document", "image", "package"
    container: str = ""
    duration_s: float = 0.0
    missing_s: float = 0.0
    width_px: int = 0
    height_px: int = 0
    rotation: int = 0
    fps: float = 0.0
    video_index: int = -1
    video_codec: str = ""
    video_profile: str = ""
    pixel_format: str = ""
    color_transfer: str = ""
    is_interlaced: bool = False
    has_square_pixels: bool = True
    key_gap_s: float = 0.0  # longest gap between key frames in the first 90 s; 0: not measured
    sound_index: int = -1
    sound_codec: str = ""
    channel_count: int = 0
    bit_rate_bps: int = 0
    picture_begin_s: float = 0.0  # of H.264: when the first frame that is in the file is shown
    picture_end_s: float = 0.0  # it may end before the sound, and the reverse
    sound_end_s: float = 0.0  # 0: before the file's last seconds
    mended_from: tuple[int, ...] = ()  # facts of the copy that `mend` made of these streams
    holes: tuple[tuple[float, float], ...] = ()  # (from, to): no picture can be read there
    unheard_from_s: float = 0.0  # no sound can be read from here on; 0: all can
    has_steady_rate: bool = False
    is_drawn: bool = False  # slides, screens, boards: see drawn.py
    chapters: tuple[tuple[float, str], ...] = ()  # (start in seconds, title), as the file has them

    @property
    def has_sound(self) -> bool:
        """Tell whether there is sound to encode."""
        return self.sound_index >= 0

    @property
    def is_hdr(self) -> bool:
        """Tell whether the picture needs tone mapping for ordinary screens."""
        return self.color_transfer in ("smpte2084", "arib-std-b67")

    @property
    def needs_mending(self) -> bool:
        """Tell whether stretches of it cannot be found: its clock jumps, or seeking is blind."""
        return self.kind == "video" and self.container in UNSTEADY

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "MediaInfo":
        """Read what `to_dict` wrote; fields of another version are left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})


def probe_file(path: Path, tools: Tools, *, max_duration_s: float = MAX_DURATION_S) -> MediaInfo:
    """Return what the file holds, however it is named.

    Raises MediaRejected (empty_file, not_media, no_streams, broken_file, too_many_pixels,
    too_long, zip_broken, zip_too_many) for a file that can never be shown, ToolsMissing when there
    is no ffprobe.
    """
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise MediaRejected("empty_file")
    if still := _document_or_image(path):
        return still
    if is_package(path):
        return MediaInfo(kind="package", container="zip")
    facts = _ffprobe(path, tools, "-show_format", "-show_streams", "-show_chapters")
    info = _info(facts, size_bytes)
    if info.width_px * info.height_px > MAX_PIXELS:
        raise MediaRejected("too_many_pixels", f"{info.width_px}×{info.height_px}")
    info = _with_true_length(info, facts, path, tools)
    if info.duration_s > max_duration_s or info.duration_s * info.fps > MAX_FRAME_COUNT:
        raise MediaRejected("too_long", f"{info.duration_s:.0f} s")
    return _with_beginning(info, _number(facts["format"].get("start_time")), path, tools)


def _document_or_image(path: Path) -> MediaInfo | None:
    """Return what has pages instead of a length. Raises MediaRejected for kinds never shown."""
    found = sniff_document(path)
    if found in REFUSED or (found == "webp" and is_animated(path)):
        raise MediaRejected(REFUSED.get(found, "moving_webp"))
    if found == "gif" and is_animated(path):
        return None  # a film
    if found:
        return MediaInfo(kind="document" if found == "pdf" else "image", container=found)
    office = sniff_office(path)
    return MediaInfo(kind="document", container=office) if office else None


def _ffprobe(path: Path, tools: Tools, *options: str) -> dict[str, Any]:
    argv = probe_argv(tools.ffprobe, path, *options)
    facts: dict[str, Any] = json.loads(_rejecting(lambda: run_ffprobe(argv, LIMITS), path) or b"{}")
    return facts


def _rejecting(read: Callable[[], T], path: Path) -> T:
    """Return what `read` reads; a file that cannot be read is refused."""
    try:
        return read()
    except ToolsMissing:
        raise
    except MediaFailed as error:
        raise MediaRejected(_code_of(path, error.detail), error.detail) from error


def _code_of(path: Path, detail: str) -> str:
    if "max_pixels" in detail or "Picture size" in detail:
        return "too_many_pixels"
    return "broken_file" if looks_like_media(path) else "not_media"


def _info(facts: dict[str, Any], size_bytes: int) -> MediaInfo:
    streams = facts.get("streams", [])
    video = _first(streams, "video")
    sound = _first(streams, "audio")
    if not video and not sound:
        raise MediaRejected("no_streams")
    form = facts.get("format", {})
    duration_s = _number(form.get("duration"))
    return MediaInfo(
        kind="video" if video else "audio",
        container=form.get("format_name", ""),
        duration_s=duration_s,
        sound_index=int(sound["index"]) if sound else -1,
        sound_codec=sound.get("codec_name", "") if sound else "",
        channel_count=int(sound.get("channels", 0)) if sound else 0,
        bit_rate_bps=int(size_bytes * 8 / duration_s) if duration_s > 0 else 0,
        chapters=_chapters(facts.get("chapters", [])),
        **(_picture(video) if video else {}),
    )


def _chapters(found: list[dict[str, Any]]) -> tuple[tuple[float, str], ...]:
    """Return the file's own chapters that have a name, in order, not more than people can use."""
    named = [
        (max(0.0, round(_number(chapter.get("start_time")), 3)), title[:LONGEST_TITLE])
        for chapter in found
        if (title := str(chapter.get("tags", {}).get("title", "")).strip())
    ]
    return tuple(sorted(dict(named).items()))[:MOST_CHAPTERS]


def _first(streams: list[dict[str, Any]], kind: str) -> dict[str, Any] | None:
    """Return the first stream that can be decoded and is no attached picture."""
    for stream in streams:
        is_cover = stream.get("disposition", {}).get("attached_pic") == 1
        is_known = stream.get("codec_name") not in (None, "none", "unknown")
        has_size = kind != "video" or (stream.get("width") and stream.get("height"))
        if stream.get("codec_type") == kind and is_known and has_size and not is_cover:
            return stream
    return None


def _picture(video: dict[str, Any]) -> dict[str, Any]:
    width_px, height_px = int(video["width"]), int(video["height"])
    aspect = _ratio(video.get("sample_aspect_ratio", "1:1"), ":") or 1.0
    is_square = abs(aspect - 1) < NEARLY
    rotation = _rotation(video)
    shown = (width_px if is_square else round(width_px * aspect), height_px)
    if rotation in (90, 270):
        shown = (shown[1], shown[0])
    return {
        "video_index": int(video["index"]),
        "video_codec": video["codec_name"],
        "video_profile": str(video.get("profile", "")),
        "pixel_format": video.get("pix_fmt", ""),
        "color_transfer": video.get("color_transfer", ""),
        "is_interlaced": video.get("field_order", "") in ("tt", "bb", "tb", "bt"),
        "has_square_pixels": is_square,
        "width_px": shown[0],
        "height_px": shown[1],
        "rotation": rotation,
        "fps": _fps(video),
        "has_steady_rate": _is_steady(video),
    }


def _rotation(video: dict[str, Any]) -> int:
    turns = [item["rotation"] for item in video.get("side_data_list", []) if "rotation" in item]
    return round(_number(turns[0])) % 360 if turns else 0


def _is_steady(video: dict[str, Any]) -> bool:
    tick, average = (
        _ratio(video.get(name, ""), "/") for name in ("r_frame_rate", "avg_frame_rate")
    )
    return average > 0 and abs(tick / average - 1) < NEARLY


def _fps(video: dict[str, Any]) -> float:
    """Return the rate of pictures; of a variable one, the rate at which they may change."""
    tick, average = (
        _ratio(video.get(name, ""), "/") for name in ("r_frame_rate", "avg_frame_rate")
    )
    rates = [rate for rate in (tick, average) if 0 < rate <= BELIEVABLE_FPS]
    return round(rates[0] if rates else average or FALLBACK_FPS, 3)


def _ratio(text: str, sign: str) -> float:
    above, _, below = text.partition(sign)
    return _number(above) / _number(below) if _number(below) else 0.0


def _number(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0


def _with_true_length(
    info: MediaInfo, facts: dict[str, Any], path: Path, tools: Tools
) -> MediaInfo:
    """Compare the claimed length with the last packets: headers are wrong in both directions."""
    begin_s = _number(facts["format"].get("start_time"))
    claimed_s = info.duration_s
    is_guess = info.container in NO_INDEX
    ends_s = {} if is_guess else _ends_after(begin_s + claimed_s - TAIL_S, path, tools)
    if max(ends_s.values(), default=0.0) - begin_s < claimed_s - CUT_OFF_S or claimed_s <= 0:
        ends_s = _rejecting(lambda: ends_of(read_packets(path, tools, EVERYTHING)), path)
    elif info.kind == "video" and info.video_index not in ends_s:
        # A still that stands for minutes, or a picture that ends before the sound.
        ends_s |= _rejecting(lambda: ends_of(_picture_packets(info, path, tools)), path)
    shown_s = ends_s.get(info.video_index, begin_s) - begin_s
    heard_s = ends_s.get(info.sound_index, begin_s) - begin_s
    found_s = max(shown_s, heard_s)
    if found_s <= 0:
        raise MediaRejected("broken_file", "no packet can be read")
    # Titles or a clock's track may be longer than picture and sound: then nothing is missing.
    lost_s = 0.0 if is_guess else claimed_s - max(ends_s.values()) + begin_s
    duration_s = max(claimed_s, found_s) if abs(found_s - claimed_s) < CUT_OFF_S else found_s
    return replace(
        info,
        duration_s=round(duration_s, 3),
        missing_s=round(lost_s, 3) if lost_s > CUT_OFF_S else 0.0,
        picture_end_s=round(max(0.0, shown_s), 3),
        sound_end_s=round(max(0.0, heard_s), 3),
        bit_rate_bps=int(path.stat().st_size * 8 / duration_s),
    )


def _ends_after(from_s: float, path: Path, tools: Tools) -> dict[int, float]:
    interval = f"{max(0.0, from_s):.3f}%"
    return _rejecting(lambda: ends_of(read_packets(path, tools, interval)), path)


def _picture_packets(info: MediaInfo, path: Path, tools: Tools) -> Iterator[Packet]:
    return read_packets(path, tools, EVERYTHING, "-select_streams", str(info.video_index))


def _with_beginning(info: MediaInfo, begin_s: float, path: Path, tools: Tools) -> MediaInfo:
    """Measure what decides about remuxing: how far key frames lie apart, and where they begin."""
    if info.video_codec != "h264":
        return info
    select = ("-select_streams", str(info.video_index))
    interval = f"%+{KEY_SAMPLE_S}"
    packets = _rejecting(lambda: list(read_packets(path, tools, interval, *select)), path)
    if not packets or not all(packet.is_timed for packet in packets):
        return info
    keys_s = [packet.begin_s for packet in packets if packet.is_key]
    last_s = max(packet.begin_s for packet in packets)
    gaps_s = [later - sooner for sooner, later in pairwise([*keys_s, last_s])]
    return replace(
        info,
        key_gap_s=round(max(gaps_s, default=0.0), 3),
        picture_begin_s=round(min(packet.begin_s for packet in packets) - begin_s, 3),
    )
