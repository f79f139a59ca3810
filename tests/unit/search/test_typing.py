"""What typing does to words: other layouts, slips, other words for the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.folding import fold
from search.keyboard import on_other_layout
from search.lexicon import Lexicon
from search.near import nearest
from search.synonyms import Synonyms
from search.words import are_words, query_words


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("8Ib9", "คณิต"), ("gLKlj;o", "เศษส่วน"), ("หแรำืแำ", "science"), ("คณิต PDF", "")],
)
def test_the_other_layout_is_read_both_ways(typed: str, meant: str) -> None:
    assert on_other_layout(typed) == meant


@pytest.mark.parametrize("text", ["science", "เศษส่วน", "DNA คืออะไร"])
def test_words_are_told_from_keys(text: str) -> None:
    assert are_words(text)


@pytest.mark.parametrize("text", ["r^=:I7", "8np c,7h8", "", "ฬขฃ"])
def test_keys_that_make_no_words_are_no_words(text: str) -> None:
    assert not are_words(text)


def edits(left: str, right: str) -> int:
    row = list(range(len(right) + 1))
    for number, letter in enumerate(left, 1):
        following = [number]
        for at, other in enumerate(right):
            following.append(min(row[at] + (letter != other), row[at + 1] + 1, following[-1] + 1))
        row = following
    return row[-1]


@settings(deadline=None)
@given(st.text("abc", min_size=2, max_size=7), st.text("abc", max_size=9))
def test_the_nearest_place_is_as_near_as_any(word: str, text: str) -> None:
    places = [text[a:b] for a in range(len(text) + 1) for b in range(a, len(text) + 1)]
    least = min(edits(word, place) for place in places)

    found = nearest(word, text)

    assert found.distance in {least, 1 if least == 2 else least}
    assert edits(word, text[found.start : found.end]) <= max(least, 2)


def test_swapped_letters_are_one_mistake() -> None:
    assert nearest("กระทิง", "ต้นกระทงิ").distance == 1


@pytest.mark.parametrize(
    ("typed", "read"),
    [("สังเคราะแสง", ["สังเคราะห์", "แสง"]), ("สังเคร", ["สังเคราะห์"]), ("ปุ๊กกะโล่ง", [])],
)
def test_misspelt_and_unfinished_words_are_read_as_known_ones(typed: str, read: list[str]) -> None:
    lexicon = Lexicon()
    lexicon.add(["สังเคราะห์", "แสง", "คณิตศาสตร์", "ดาวพฤหัสบดี"])

    found = lexicon.read(fold(typed), lambda _: True)

    assert [one.words[0] for one in found] == read


def test_words_that_may_not_be_used_are_never_read() -> None:
    lexicon = Lexicon()
    lexicon.add(["ความลับ", "ดาวพฤหัสบดี"])

    assert lexicon.read(fold("ควมลับ"), lambda word: word != "ความลับ") == []
    assert lexicon.finish(fold("ความ"), lambda word: word != "ความลับ", 5) == []


def test_words_of_the_office_find_each_other() -> None:
    office = Synonyms((("หนองปลา", "ศูนย์ 3"),))

    [word] = query_words("หนองปลา", office)

    assert ("ศูนย์", "3") in [term.texts for term in word.terms]
    assert len(query_words("หนองปลา")[0].terms) < len(word.terms)


@pytest.mark.parametrize(
    ("typed", "also"),
    [("fraction", "เศษส่วน"), ("เศษส่วน", "fraction"), ("คลิป", "วิดีโอ"), ("หรม", "gcd")],
)
def test_curriculum_terms_find_each_other_in_both_languages(typed: str, also: str) -> None:
    [word] = query_words(typed)

    assert (also,) in [term.texts for term in word.terms]
