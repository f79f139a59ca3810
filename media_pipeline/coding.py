"""How pictures are compressed: drawn ones and filmed ones, each with what suits its bytes best."""

from dataclasses import dataclass

from media_pipeline.plan import SEGMENT_S
from media_pipeline.source import THREAD_COUNT

Options = dict[str, str | int | float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """What x264 is asked for, beside a rendition's size and cap."""

    crf: int
    buffer_s: float  # how long a rendition may stay above its cap
    b_frames: int
    lookahead_frames: int
    detail: float  # how much is taken from busy places for plain ones


# Decision 12 has the figures. B-frames of a fixed number cost less than choosing it, and no bytes.
FILMED = Coding(crf=23, buffer_s=1.5, b_frames=3, lookahead_frames=10, detail=0.7)
# Letters are the busy places of a slide, and a page that stands for long is worth looking ahead.
# A new page is many bytes at once, and then come few.
DRAWN = Coding(crf=28, buffer_s=2.5, b_frames=5, lookahead_frames=16, detail=0.3)


def x264_options(coding: Coding, *, max_bps: int, fps: float) -> Options:
    """Return the output options of one rendition's picture."""
    return {
        "c:v": "libx264",
        "preset": "veryfast",
        "profile:v": "high",
        "crf": coding.crf,
        "maxrate": max_bps,
        "bufsize": int(max_bps * coding.buffer_s),
        "threads": THREAD_COUNT,
        "bf": coding.b_frames,
        "b_strategy": 0,
        "rc-lookahead": coding.lookahead_frames,
        "aq-strength": coding.detail,
        # No key frames but the forced ones, on segment boundaries.
        "g": round(fps * SEGMENT_S),
        "sc_threshold": 0,
        "force_key_frames": f"expr:gte(t,n_forced*{SEGMENT_S})",
    }
