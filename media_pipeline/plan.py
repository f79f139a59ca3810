"""A length of time cut into stretches: the units of work and retry."""

from dataclasses import dataclass

SEGMENT_S = 4
RAMP_S = (4, 8, 16)  # the first minutes are watchable almost at once
STRETCH_S = 32
SHORTEST_LAST_S = 0.5  # less is not worth a stretch of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchSpec:
    """A time range of the original; all but the last are whole segments long."""

    number: int
    start_s: float
    duration_s: float
    is_last: bool


def plan_stretches(duration_s: float) -> tuple[StretchSpec, ...]:
    """Return stretches of 4, 8, 16, then 32 s that cover `duration_s` without a gap.

    The last takes what is left, and a rest under half a second with it. A length of zero or
    less still gives one short stretch: a single frame is worth showing.
    """
    stretches: list[StretchSpec] = []
    start_s = 0.0
    while True:
        number = len(stretches)
        length_s = float(RAMP_S[number] if number < len(RAMP_S) else STRETCH_S)
        left_s = max(duration_s - start_s, 0.04)
        is_last = left_s < length_s + SHORTEST_LAST_S
        stretches.append(
            StretchSpec(
                number=number,
                start_s=start_s,
                duration_s=round(left_s, 3) if is_last else length_s,
                is_last=is_last,
            )
        )
        if is_last:
            return tuple(stretches)
        start_s += length_s
