import pytest

from search.indicators import find_indicators, indicator_terms, strand_of
from search.words import document_terms, query_words


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("ค 1.1 ป.1/1", ["ค 1.1 ป.1/1"]),
        ("๖๐ค๑.๑ป.๑/๑", ["ค 1.1 ป.1/1"]),
        ("60 ค 1.1 ป.1/1", ["ค 1.1 ป.1/1"]),
        ("ค11ป1/1", ["ค 1.1 ป.1/1"]),
        ("ตัวชี้วัด ว 1.2 ป.4/1", ["ว 1.2 ป.4/1"]),
        ("ท1.1 ม4-6/1", ["ท 1.1 ม.4-6/1"]),
        ("ค 1.1 ป.1/1, ป.1/2, 3", ["ค 1.1 ป.1/1", "ค 1.1 ป.1/2", "ค 1.1 ป.1/3"]),
        ("ว 1.2 ม.1/3-5", ["ว 1.2 ม.1/3", "ว 1.2 ม.1/4", "ว 1.2 ม.1/5"]),
        ("ค 1.1", []),
        ("การบวก 11 ป.1", []),
    ],
)
def test_codes_are_read_in_any_spelling(typed: str, codes: list[str]) -> None:
    assert find_indicators(typed) == codes


def test_a_code_is_found_by_its_grade_and_its_standard() -> None:
    assert list(indicator_terms("ค 1.1 ป.4/2")) == ["#ค11ป4/2", "#ค11ป4", "#ค11"]
    assert set(document_terms("เศษส่วน ค 1.1 ป.4/2")) >= {"#ค11ป4/2", "#ค11ป4", "#ค11"}
    [word] = query_words("ค๑.๑ ป.๔")
    assert [term.texts for term in word.terms] == [("#ค11ป4",)]


def test_a_strand_is_the_area_and_the_first_number() -> None:
    assert strand_of("ค 1.1 ป.4/2") == "ค 1"
    assert strand_of("เศษส่วน") == ""


@pytest.mark.parametrize("before", ["ค", "ค 1.1", "ค 1.1 ป.1/1", "ค 1.1 ป.1/1,", "ประถม", "60"])
def test_a_page_of_spaces_after_a_code_holds_nobody_up(before: str) -> None:
    assert document_terms(before + " " * 50_000 + "คน")[-1] == "คน"
