"""By what lists of lessons are counted and narrowed."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from search.indicators import strand_of
from server.models.library import AssetKind

SHORT_S, MEDIUM_S = 5 * 60, 20 * 60
LENGTHS = ("short", "medium", "long")
TIMED_KINDS = frozenset({AssetKind.VIDEO, AssetKind.AUDIO})


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to; empty is any."""

    learning_area: str = ""
    grade: str = ""
    kind: str = ""
    school_id: UUID | None = None
    length: str = ""  # short, medium, long; only what takes time has one
    language: str = ""
    licence: str = ""
    captions: str = ""  # yes, no
    strand: str = ""  # such as "ค 1"
    indicator: str = ""  # such as "ค 1.1 ป.1/1"
    whole: str = ""  # lesson, course

    def facets(self) -> dict[str, frozenset[str]]:
        """Return the chosen value by facet."""
        chosen = {
            "learning_area": self.learning_area,
            "grades": self.grade,
            "kind": self.kind,
            "school": str(self.school_id) if self.school_id else "",
            "length": self.length,
            "language": self.language,
            "licence": self.licence,
            "captions": self.captions,
            "strand": self.strand,
            "indicator": self.indicator,
            "whole": self.whole,
        }
        return {name: frozenset({value}) for name, value in chosen.items() if value}


def length_of(kind: str, duration_s: float) -> list[str]:
    """Return the bucket of what plays for a time; documents and pictures have none."""
    if kind not in TIMED_KINDS:
        return []
    if duration_s < SHORT_S:
        return ["short"]
    return ["medium" if duration_s <= MEDIUM_S else "long"]


def strands_of(indicators: Iterable[str]) -> list[str]:
    """Return the different strands of indicators, in order."""
    return list(dict.fromkeys(filter(None, map(strand_of, indicators))))
