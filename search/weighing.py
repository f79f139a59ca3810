"""How much a term counts where it stands: the part of BM25 that does not depend on the query."""

import math
from collections.abc import Mapping, Sequence

from search.index import FIELD_WEIGHTS

K1, B = 1.2, 0.5  # how soon repetition stops to count; how much long texts are held back
TITLE_B, USUAL_TITLE = 0.75, 8  # a word of a short title says more of the lesson
USUAL_LENGTH = {
    "lesson": 40.0,
    "course": 40.0,
    "passage": 120.0,
}  # terms; fixed, so that weights are


def term_weights(kind: str, fields: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Return each term of an entry and what it gives to a query, before its rarity.

    Between 0 and K1 + 1; more for a title than for a description, less in a long text.
    """
    counts: dict[str, float] = {}
    for name, terms in fields.items():
        weight = FIELD_WEIGHTS[name]
        if name == "title":
            weight /= 1 - TITLE_B + TITLE_B * len(terms) / USUAL_TITLE
        for term in terms:
            counts[term] = counts.get(term, 0.0) + weight
    length = sum(map(len, fields.values())) / USUAL_LENGTH[kind]
    held_back = K1 * (1 - B + B * length)
    return {
        term: round(count * (K1 + 1) / (count + held_back), 3) for term, count in counts.items()
    }


def rarity(frequency: int, size: int) -> float:
    """Return how much a term tells that `frequency` of `size` entries hold."""
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))
