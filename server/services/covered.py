"""Which seconds were covered: whole seconds, as ranges that lie apart and in order.

Joining is a union, so reports may come twice, late, in any order and from several devices. Ends
are rounded to the nearest second: what follows on meets there, and the error of a place that was
begun or left in mid-second is half a second, of either sign.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

WholeRange: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Covered:
    """Ranges of whole seconds, apart and in order; of a document, page n is (n - 1, n)."""

    ranges: tuple[WholeRange, ...] = ()

    @classmethod
    def of(cls, ranges: Iterable[Sequence[float]]) -> "Covered":
        """Return what ranges cover together; they may overlap and come in any order."""
        rounded = ((_second(one[0]), _second(one[1])) for one in ranges)
        return cls(_joined([one for one in rounded if one[0] < one[1]]))

    @classmethod
    def from_text(cls, text: str) -> "Covered":
        """Return what `to_text` has written."""
        pairs = (pair.split("-") for pair in text.split())
        return cls(tuple((int(from_s), int(to_s)) for from_s, to_s in pairs))

    def to_text(self) -> str:
        """Return it as rows keep it, such as "0-754 800-1200": some bytes for most lessons."""
        return " ".join([f"{from_s}-{to_s}" for from_s, to_s in self.ranges])

    def __or__(self, other: "Covered") -> "Covered":
        """Return what is covered by one or the other."""
        if not other.ranges or other.ranges == self.ranges:
            return self
        return Covered(_joined([*self.ranges, *other.ranges])) if self.ranges else other

    @property
    def seconds(self) -> int:
        """How much is covered."""
        return sum([to_s - from_s for from_s, to_s in self.ranges])

    @property
    def end_s(self) -> int:
        """The last second that is covered; 0 if none is."""
        return self.ranges[-1][1] if self.ranges else 0

    def until(self, end_s: int) -> "Covered":
        """Return what lies before a second."""
        if self.end_s <= end_s:
            return self
        return Covered(tuple((one[0], min(one[1], end_s)) for one in self.ranges if one[0] < end_s))

    def share_of(self, ranges: Iterable[Sequence[float]]) -> float:
        """Return how much of `ranges`, which lie apart, is covered: 0 to 1."""
        whole_s = shared_s = 0.0
        for from_s, to_s in ranges:
            whole_s += to_s - from_s
            shared_s += sum(
                max(0.0, min(to_s, one[1]) - max(from_s, one[0])) for one in self.ranges
            )
        return min(1.0, shared_s / whole_s) if whole_s > 0 else 0.0


NOTHING = Covered()


def _second(at_s: float) -> int:
    """Round halves up: `round` would send two ends that meet to different seconds."""
    return int(at_s + 0.5)


def _joined(ranges: list[WholeRange]) -> tuple[WholeRange, ...]:
    ranges.sort()
    joined: list[WholeRange] = []
    for from_s, to_s in ranges:
        if joined and from_s <= joined[-1][1]:
            if to_s > joined[-1][1]:
                joined[-1] = (joined[-1][0], to_s)
        else:
            joined.append((from_s, to_s))
    return tuple(joined)
