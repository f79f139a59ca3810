"""How pictures are compressed: drawn ones and filmed ones, each with what suits its bytes best."""

from dataclasses import dataclass
from typing import Protocol

from media_pipeline.plan import SEGMENT_S
from media_pipeline.source import THREAD_COUNT

Options = dict[str, str | int | float]


class Coding(Protocol):
    """What an encoder is asked for, beside a rendition's size and cap."""

    def options(self, *, max_bps: int, fps: float) -> Options:
        """Return the output options of one rendition's picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class H264:
    """Pictures for every player, by x264."""

    crf: int
    buffer_s: float  # how long a rendition may stay above its cap
    b_frames: int
    lookahead_frames: int
    detail: float  # how much is taken from busy places for plain ones

    def options(self, *, max_bps: int, fps: float) -> Options:
        """Return the output options of one rendition's picture."""
        return {
            "c:v": "libx264",
            "preset": "veryfast",
            "profile:v": "high",
            "crf": self.crf,
            "maxrate": max_bps,
            "bufsize": int(max_bps * self.buffer_s),
            "threads": THREAD_COUNT,
            "bf": self.b_frames,
            "b_strategy": 1,
            "b-bias": B_BIAS,
            "rc-lookahead": self.lookahead_frames,
            "aq-strength": self.detail,
            "sc_threshold": 0,
            **_key_frames(fps),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Av1:
    """The same pictures in fewer bytes, for players that have a decoder of their own for them."""

    crf: int
    buffer_s: float
    preset: int

    def options(self, *, max_bps: int, fps: float) -> Options:
        """Return the output options of one rendition's picture."""
        return {
            "c:v": AV1_ENCODER,
            "preset": self.preset,
            "crf": self.crf,
            "maxrate": max_bps,
            "bufsize": int(max_bps * self.buffer_s),
            # lp: more threads take more memory, and several encoders share the machine already.
            "svtav1-params": f"lp={AV1_THREADS}",
            **_key_frames(fps),
        }


def _key_frames(fps: float) -> Options:
    """No key frames but the forced ones, on segment boundaries."""
    return {
        "g": round(fps * SEGMENT_S),
        "force_key_frames": f"expr:gte(t,n_forced*{SEGMENT_S})",
    }


AV1_ENCODER = "libsvtav1"
AV1_THREADS = 2
# As many B-frames as may be, but where text is scrolled: a fixed number loses it, and five times
# the bytes are needed.
B_BIAS = 100
# Decision 12 has the figures.
FILMED = H264(crf=23, buffer_s=1.5, b_frames=3, lookahead_frames=10, detail=0.7)
# Letters are the busy places of a slide, and a page that stands for long is worth looking ahead.
# A new page is many bytes at once, and then come few.
DRAWN = H264(crf=28, buffer_s=2.5, b_frames=5, lookahead_frames=16, detail=0.3)
# Decision 11 has the figures.
SMALLER = Av1(crf=45, buffer_s=1.5, preset=10)
