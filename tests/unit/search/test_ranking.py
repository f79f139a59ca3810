"""What a query may cost."""

import numpy as np

from search.index import QueryWord, Term
from search.ranking import MOST_POSTINGS, SURE_WORDS, Field, affordable
from search.term_file import NONE, Postings


class Counted:
    """An index of which only the numbers of postings are known."""

    lesson_count = 20_000
    owners = np.zeros(0, np.int32)

    def __init__(self, counts: dict[str, int]) -> None:
        self._counts = counts

    def postings(self, _field: Field, _text: str) -> Postings:
        return NONE

    def frequency(self, _field: Field, text: str) -> int:
        return self._counts.get(text, 0)

    def size(self, _field: Field) -> int:
        return self.lesson_count


def words(*texts: str) -> tuple[QueryWord, ...]:
    return tuple(QueryWord((Term((text,)),)) for text in texts)


def test_a_few_words_are_all_sought_however_common() -> None:
    names = [f"common{number}" for number in range(SURE_WORDS)]

    kept = affordable(Counted(dict.fromkeys(names, MOST_POSTINGS)), words(*names))

    assert kept == words(*names)


def test_of_very_many_words_the_rarest_decide() -> None:
    common = [f"common{number}" for number in range(20)]
    counts = dict.fromkeys(common, MOST_POSTINGS // 10) | {"rare": 3, "rarer": 1}

    kept = affordable(Counted(counts), words("rare", *common, "rarer"))

    assert kept == words("rare", *common[:9], "rarer")
