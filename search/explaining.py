"""Why a lesson stands where it stands, for administrators."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from search.index import FIELD_WEIGHTS, Hit, SearchQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What one word of the query gave, and in which field of the lesson it was found.

    The field is "passage" for text of pages and captions, "near" for a misspelt title.
    """

    word: str
    field: str
    score: float


def explain(hit: Hit, query: SearchQuery, own: Mapping[str, Collection[str]]) -> tuple[Reason, ...]:
    """Return what each word gave, by the lesson's own fields that hold it."""
    reasons: list[Reason] = []
    for word, score in zip(query.words, hit.word_scores, strict=False):
        if score <= 0:
            continue
        name = " ".join(word.terms[0].texts)
        weights = {
            field: weight
            for field, weight in FIELD_WEIGHTS.items()
            for term in word.terms
            if set(term.texts) <= set(own.get(field, ()))
        }
        total = sum(weights.values())
        reasons += [
            Reason(word=name, field=field, score=score * weight / total)
            for field, weight in weights.items()
        ] or [Reason(word=name, field="passage", score=score)]
    return tuple(reasons)
