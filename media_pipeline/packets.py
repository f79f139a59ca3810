"""Where a file's packets really stand in time: headers promise, packets are there."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from media_pipeline.run import Limits, run_ffprobe
from media_pipeline.source import probe_argv
from media_pipeline.tools import Tools

LIMITS = Limits(memory_bytes=3 * 2**30, cpu_s=600, file_bytes=2**20, wall_s=600, stall_s=600)
ENTRIES = "packet=stream_index,pts_time,duration_time,flags"
EVERYTHING = "%"


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; `is_hidden` ones are decoded, but lie before the begin that the file sets.

    Without a time of its own `begin_s` is not a number.
    """

    stream_index: int
    begin_s: float
    end_s: float
    is_key: bool
    is_hidden: bool

    @property
    def is_timed(self) -> bool:
        """Tell whether the file says when it is shown."""
        return math.isfinite(self.begin_s)


def read_packets(path: Path, tools: Tools, interval: str, *options: str) -> Iterator[Packet]:
    """Yield the packets of `interval` (as ffprobe names them, "%" for all). Raises as run_ffprobe.

    Lines, not JSON: a long recording has a million of them.
    """
    entries = ("-show_entries", ENTRIES, "-read_intervals", interval)
    argv = probe_argv(tools.ffprobe, path, *options, *entries, form="csv=p=0:nk=1")
    for line in run_ffprobe(argv, LIMITS).splitlines():
        words = line.decode(errors="replace").split(",")
        if len(words) > 3 and words[0].isdigit():  # noqa: PLR2004  # as many as ENTRIES
            yield _packet(words)


def _packet(words: list[str]) -> Packet:
    begin_s = _seconds(words[1], math.nan)
    return Packet(
        stream_index=int(words[0]),
        begin_s=begin_s,
        end_s=begin_s + _seconds(words[2], 0.0),
        is_key="K" in words[3],
        is_hidden="D" in words[3],
    )


def _seconds(text: str, otherwise: float) -> float:
    try:
        return float(text)
    except ValueError:
        return otherwise


def ends_of(packets: Iterator[Packet]) -> dict[int, float]:
    """Return for each stream when its last packet ends."""
    ends_s: dict[int, float] = {}
    for packet in packets:
        if packet.is_timed:
            index = packet.stream_index
            ends_s[index] = max(ends_s.get(index, packet.end_s), packet.end_s)
    return ends_s
