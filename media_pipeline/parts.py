"""What ffmpeg's HLS muxer wrote → parts: files with their digest, segments and codec."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from media_pipeline.errors import MediaFailed
from media_pipeline.plan import SEGMENT_S

TIMELINE_START_S = 10
"""Where every asset's time begins.

At 0, encoder delay moves the first part and every remux by two frames against the next part, and
sound by −67…+11 ms, depending on where play begins; at 10 s all agree.
"""


@dataclass(frozen=True, slots=True)
class Segment:
    """A few seconds inside a part: a byte range that starts with a key frame."""

    duration_s: float
    offset_bytes: int
    length_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePart:
    """What one stretch gave for one rendition: one file, ready to be stored under its digest.

    The first `init_bytes` are ftyp + moov, needed before any segment. `padded_s` says how long
    the picture stands still at the end because the original had no more frames; `is_damaged` that
    some of it could not be decoded.
    """

    rendition_name: str
    number: int
    path: Path
    sha256: str
    size_bytes: int
    init_bytes: int
    start_s: float
    duration_s: float
    segments: tuple[Segment, ...]
    codecs: str
    padded_s: float = 0.0
    is_damaged: bool = False

    def segment_rows(self) -> list[list[float]]:
        """Return [duration_s, offset_bytes, length_bytes] of each segment, for the database."""
        return [[one.duration_s, one.offset_bytes, one.length_bytes] for one in self.segments]


@dataclass(frozen=True, slots=True)
class Listing:
    """A playlist that ffmpeg wrote about one file."""

    init_bytes: int
    segments: tuple[Segment, ...]


# In fragments, not edit lists: the start stands where players read it. Without these flags
# fragments restart at 0 and the stream plays broken and twice as long.
FRAGMENT_FLAGS = "movflags=+frag_discont+negative_cts_offsets:use_editlist=0"

HLS_OUTPUT: dict[str, str | int] = {
    "f": "hls",
    "hls_time": SEGMENT_S,
    "hls_list_size": 0,
    "hls_playlist_type": "event",  # written again after every segment: growing files are read by it
    "hls_segment_type": "fmp4",
    "hls_flags": "single_file",
    "hls_segment_options": FRAGMENT_FLAGS,
    "map_metadata": -1,  # names and places of the person who filmed stay in the original
    "map_chapters": -1,
}

_MAP = re.compile(r'#EXT-X-MAP:.*BYTERANGE="(\d+)@0"')
_SEGMENT = re.compile(r"#EXTINF:([\d.]+),[^\n]*\n#EXT-X-BYTERANGE:(\d+)@(\d+)\n")


def read_listing(playlist_path: Path) -> Listing:
    """Return what the playlist lists so far; nothing while it is not there yet."""
    try:
        text = playlist_path.read_text()
    except FileNotFoundError:
        return Listing(0, ())
    found = _MAP.search(text)
    segments = tuple(
        Segment(float(duration_s), int(offset), int(length))
        for duration_s, length, offset in _SEGMENT.findall(text)
    )
    return Listing(int(found[1]) if found else 0, segments)


def cut_part(  # noqa: PLR0913  # all of them are facts of the part
    stream_path: Path,
    listing: Listing,
    segments: tuple[Segment, ...],
    *,
    name: str,
    number: int,
    start_s: float,
    out_path: Path,
) -> MadePart:
    """Write `segments` of a (growing) file with its init in front as a part of its own.

    Cut by byte ranges it decodes bit for bit as in the whole. Raises MediaFailed on no segments.
    """
    if not segments or not listing.init_bytes:
        raise MediaFailed(f"{name}: no segments were written")
    init = _copy_range(stream_path, listing, segments, out_path)
    if init is None:
        raise MediaFailed(f"{name}: the file is shorter than its playlist")
    with out_path.open("rb") as made:
        digest = hashlib.file_digest(made, "sha256")
    shift = listing.init_bytes - segments[0].offset_bytes
    moved = tuple(Segment(s.duration_s, s.offset_bytes + shift, s.length_bytes) for s in segments)
    return MadePart(
        rendition_name=name,
        number=number,
        path=out_path,
        sha256=digest.hexdigest(),
        size_bytes=out_path.stat().st_size,
        init_bytes=listing.init_bytes,
        start_s=round(start_s, 3),
        duration_s=round(sum(segment.duration_s for segment in segments), 6),
        segments=moved,
        codecs=codecs_of(init),
    )


def part_of_bytes(path: Path, *, init_bytes: int, start_s: float, duration_s: float) -> MadePart:
    """Return a file of one init and one segment as a part, outside of any plan."""
    content = path.read_bytes()
    return MadePart(
        rendition_name="",
        number=0,
        path=path,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        init_bytes=init_bytes,
        start_s=round(start_s, 3),
        duration_s=round(duration_s, 6),
        segments=(Segment(duration_s, init_bytes, len(content) - init_bytes),),
        codecs=codecs_of(content[:init_bytes]),
    )


def _copy_range(
    stream_path: Path, listing: Listing, segments: tuple[Segment, ...], out_path: Path
) -> bytes | None:
    """Write the init and the bytes of `segments`; return the init, or nothing if bytes lack."""
    first, last = segments[0], segments[-1]
    with stream_path.open("rb") as stream, out_path.open("wb") as out:
        init = stream.read(listing.init_bytes)
        out.write(init)
        stream.seek(first.offset_bytes)
        left = last.offset_bytes + last.length_bytes - first.offset_bytes
        while left:
            chunk = stream.read(min(left, 1 << 20))
            if not chunk:
                return None
            out.write(chunk)
            left -= len(chunk)
    return init


def decoder_settings(init: bytes) -> bytes:
    """Return what an init says to the decoder of pictures; nothing for sound."""
    return next((box for kind in (b"avcC", b"av1C") if (box := _box(init, kind))), b"")


def codecs_of(init: bytes) -> str:
    """Return the RFC 6381 name of an init's codec: "avc1.64001f", "av01.0.04M.08", "mp4a.40.2"."""
    if h264 := _box(init, b"avcC"):
        return f"avc1.{h264[5:8].hex()}"  # after the box's name and version
    if av1 := _box(init, b"av1C"):
        return _av1_name(profile_and_level=av1[5], tier_and_depth=av1[6])
    return "mp4a.40.2" if b"mp4a" in init else ""


def _av1_name(*, profile_and_level: int, tier_and_depth: int) -> str:
    """Return the name by the AV1 codec's binding to MP4: three, five, one and one bits."""
    tier = "H" if tier_and_depth & 0x80 else "M"
    depth = 10 if tier_and_depth & 0x40 else 8
    return f"av01.{profile_and_level >> 5}.{profile_and_level & 0x1F:02}{tier}.{depth:02}"


def _box(init: bytes, kind: bytes) -> bytes:
    """Return a box from its name on; nothing where there is none."""
    at = init.find(kind)
    if at < 4:  # noqa: PLR2004 (the box's size stands before its kind)
        return b""
    size = int.from_bytes(init[at - 4 : at])
    return init[at : at - 4 + size]
