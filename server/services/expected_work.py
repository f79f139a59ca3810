"""How long one slot of an ordinary machine works on a job: rough, corrected by what was measured.

Only the proportions matter: minutes left are these seconds times the office's own measured speed.
"""

from collections.abc import Mapping

from media_pipeline.ladder import RenditionSpec
from media_pipeline.probe import MediaInfo
from server.messages import (
    DrawStills,
    DrawWaveform,
    EncodeSound,
    Message,
    ReadDocument,
    RemuxOriginal,
    UnpackPackage,
)

START_S = 0.5  # to begin and end a program, and to store what it made
DECODED_PIXEL_S = 2e-9
ENCODED_PIXEL_S = 6e-9
PER_MEDIA_SECOND: Mapping[type[Message], float] = {
    RemuxOriginal: 0.002,
    EncodeSound: 0.015,
    DrawStills: 0.01,
    DrawWaveform: 0.002,
}
DOCUMENT_S = 10.0


def expected_s(message: Message, info: MediaInfo) -> float:
    """Return the seconds for work on a whole original."""
    if isinstance(message, ReadDocument | UnpackPackage):
        return DOCUMENT_S
    return START_S + info.duration_s * PER_MEDIA_SECOND.get(type(message), 0.0)


def expected_stretch_s(
    info: MediaInfo, duration_s: float, rungs: tuple[RenditionSpec, ...]
) -> float:
    """Return the seconds for one stretch: decoded once, encoded as every one of `rungs`."""
    decoded = info.width_px * info.height_px * info.fps * DECODED_PIXEL_S
    encoded = sum(rung.width_px * rung.height_px * rung.fps for rung in rungs) * ENCODED_PIXEL_S
    return round(START_S + duration_s * (decoded + encoded), 3)
