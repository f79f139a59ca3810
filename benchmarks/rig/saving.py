"""What saving a lesson costs: bytes beside its parts, and the time to its first byte."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rig.runs import Lecture
from media_pipeline.encode import encode_stretch
from media_pipeline.fragments import StoredPart
from media_pipeline.growing import encode_sound
from media_pipeline.joining import join_parts
from media_pipeline.parts import MadePart
from media_pipeline.plan import plan_stretches


@dataclass(frozen=True, slots=True)
class Saved:
    """One lecture saved at its lowest picture with sound."""

    share: float  # of the bytes of its parts
    first_byte_s: float  # wall: the whole layout, before anything is remembered


def save_lowest(lecture: Lecture) -> Saved:
    """Encode the lowest picture and the sound, then lay out the file that joins them."""
    pictures = [
        part
        for stretch in plan_stretches(lecture.info.duration_s)
        for part in encode_stretch(
            lecture.path,
            stretch,
            lecture.ladder[-1:],
            lecture.out_dir,
            lecture.tools,
            lecture.info,
            on_progress=lambda _share: None,
        )
    ]
    sound: list[MadePart] = []
    encode_sound(
        lecture.path,
        lecture.out_dir,
        lecture.tools,
        lecture.info,
        on_part=sound.append,
        on_progress=lambda _share: None,
    )
    began_at = time.perf_counter()
    joined = join_parts([_stored(pictures), _stored(sound)], _read)
    took_s = time.perf_counter() - began_at
    return Saved(joined.size_bytes / sum(part.size_bytes for part in [*pictures, *sound]), took_s)


def _stored(parts: Sequence[MadePart]) -> list[StoredPart]:
    return [
        StoredPart(
            name=str(part.path),
            init_bytes=part.init_bytes,
            segments=[(one.offset_bytes, one.length_bytes) for one in part.segments],
        )
        for part in parts
    ]


def _read(name: str, start: int, length: int) -> bytes:
    with Path(name).open("rb") as file:
        file.seek(start)
        return file.read(length)
