"""Text into terms: the one way for documents and for queries."""

from collections.abc import Iterator

from search.codes import take_codes
from search.cutting import words_in
from search.folding import fold, grams
from search.index import QueryWord, Term
from search.synonyms import Synonyms
from search.thai import finer_cut, known_words, normalise

RULES_VERSION = 3  # raise when terms come out differently: indexes are then rebuilt
MAX_QUERY_CHARACTERS = 200  # more says nothing more; a pasted page must not cost a second
MAX_QUERY_WORDS = 24
MAX_NEAR_LETTERS = 80
MIN_KNOWN = 0.8
SHORTEST_ENGLISH = 3  # letters; any keys give shorter words
PIECES_WEIGHT = 0.7
SYNONYM_WEIGHT = 0.85
BUILT_IN = Synonyms()

# They tell nothing where other words do: what joins words, and how people ask.
_LITTLE_WORDS = frozenset(
    "ที่ และ ของ ใน เป็น ได้ ให้ มี กับ จะ ไม่ ว่า ซึ่ง นี้ นั้น หรือ ก็ โดย จาก ถึง แล้ว "  # noqa: SIM905
    "คือ อะไร ใคร ใด ไหน ไร เมื่อไร เมื่อไหร่ เมื่อใด เท่าไร เท่าไหร่ เท่าใด กี่ อย่างไร ยังไง ไหม ทำไม "
    "ครับ ค่ะ คะ นะ หน่อย เกี่ยวกับ เรื่อง "
    "the a an of and in to is are for what who where when why how about".split()
)


def document_terms(text: str) -> list[str]:
    """Return all under which `text` may be found: words, their pieces, grades, codes."""
    codes, rest = take_codes(normalise(text).lower())
    terms = [term for place in codes for term in place.all_terms()]
    for word in words_in(rest):
        terms.append(word)
        terms.extend(finer_cut(word))
    return terms


def document_grams(text: str) -> list[str]:
    """Return the pieces by which `text` is found when the query is misspelt."""
    return grams(text)


def query_words(text: str, synonyms: Synonyms = BUILT_IN) -> tuple[QueryWord, ...]:
    """Return the words of a query, each with all that fulfils it; little words only if alone."""
    codes, rest = take_codes(normalise(text[:MAX_QUERY_CHARACTERS]).lower())
    words = list(_grouped(words_in(rest), synonyms))
    found = [QueryWord(tuple(Term((term,)) for term in place.terms)) for place in codes]
    telling = [word for word in words if not _is_little(word)] or words
    return tuple(dict.fromkeys([*found, *telling]))[:MAX_QUERY_WORDS]


def near_letters(text: str) -> str:
    """Return folded what may be misspelt in a query; grades and codes are never near misses.

    Nothing of a text that is too long: it was pasted, not typed.
    """
    if len(text) > MAX_QUERY_CHARACTERS:
        return ""
    _, rest = take_codes(normalise(text).lower())
    return fold(rest)[:MAX_NEAR_LETTERS]


def are_words(text: str) -> bool:
    """Tell whether nearly all of a text is made of words; long English ones are not looked up."""
    normal = normalise(text[:MAX_QUERY_CHARACTERS]).lower()
    known = sum(len(word) for word in words_in(normal) if _is_known(word))
    return known >= MIN_KNOWN * len("".join(normal.split())) > 0


def _is_known(word: str) -> bool:
    return len(word) >= SHORTEST_ENGLISH if word.isascii() else word in known_words()


def _grouped(words: list[str], synonyms: Synonyms) -> Iterator[QueryWord]:
    """Yield a query word per word, or one for several that name a known thing."""
    at = 0
    while at < len(words):
        count, names = synonyms.match(words, at)
        own = tuple(words[at : at + max(count, 1)])
        terms = [Term(own)]
        if count <= 1 and (joined := _joined(words, at)):
            own, joined_word = joined
            terms = [Term((joined_word,)), Term(own, PIECES_WEIGHT)]
        if len(own) == 1 and (pieces := finer_cut(own[0])):
            terms.append(Term(pieces, PIECES_WEIGHT))
        terms.extend(Term(name, SYNONYM_WEIGHT) for name in names)
        yield QueryWord(tuple(terms))
        at += len(own)


def _joined(words: list[str], at: int) -> tuple[tuple[str, ...], str] | None:
    """Return the next words and what they make without the spaces between, if that is a word."""
    for count in (3, 2):
        own = tuple(words[at : at + count])
        if len(own) == count and (joined := "".join(own)) in known_words():
            return own, joined
    return None


def _is_little(word: QueryWord) -> bool:
    return all(text in _LITTLE_WORDS for text in word.terms[0].texts)
