import pytest

from search.words import document_terms, near_letters, query_words


def wanted(text: str) -> list[str]:
    """Return the first term of each word of a query."""
    return [word.terms[0].texts[0] for word in query_words(text)]


@pytest.mark.parametrize(
    "typed",
    ["ป.4", "ป4", "ป.๔", "ป 4", "ประถม 4", "ประถมศึกษาปีที่ 4", "ชั้น ป.4", "P4", "Grade 4"],
)
def test_every_way_to_say_a_grade_is_one_term(typed: str) -> None:
    assert wanted(typed) == ["#p4"]
    assert "#p4" in document_terms(f"เศษส่วน {typed} ชุดแรก")


@pytest.mark.parametrize("typed", ["ม.1", "มัธยมศึกษาปีที่ 1", "M1", "grade 7"])
def test_grades_of_secondary_school_are_counted_anew(typed: str) -> None:
    assert wanted(typed) == ["#m1"]


def test_a_range_names_each_of_its_grades() -> None:
    [word] = query_words("ป.4-6")

    assert [term.texts for term in word.terms] == [("#p4",), ("#p5",), ("#p6",)]


@pytest.mark.parametrize("text", ["เทอม 2", "เล่ม2", "30 ม.", "p45"])
def test_a_number_after_a_letter_is_not_always_a_grade(text: str) -> None:
    assert not any(term.startswith("#") for term in document_terms(text))


@pytest.mark.parametrize("typed", ["ค 1.1 ป.1/1", "ค1.1ป1/1", "ค ๑.๑ ป.๑/๑", "60ค 1.1 ป.1/1"])
def test_an_indicator_is_one_term_in_any_spelling(typed: str) -> None:
    assert wanted(typed) == ["#ค11ป1/1"]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("คณิต", "คณิตศาสตร์"),
        ("maths", "คณิตศาสตร์"),
        ("worksheet", "ใบงาน"),
        ("lesson plans", "แผนการจัดการเรียนรู้"),
        ("แผนการสอน", "lesson plan"),
        ("คลิป", "วีดีโอ"),
        ("video", "วิดีโอ"),
        ("วิทย์", "science"),
    ],
)
def test_names_of_one_thing_meet(typed: str, written: str) -> None:
    terms = set(document_terms(written))

    assert all(
        any(terms.issuperset(term.texts) for term in word.terms) for word in query_words(typed)
    )


def test_english_plurals_meet_their_singular() -> None:
    assert wanted("Fractions") == wanted("fraction")


def test_little_words_are_sought_only_alone() -> None:
    assert wanted("แสงของพืช") == ["แสง", "พืช"]
    assert wanted("ของ") == ["ของ"]


def test_a_pasted_page_is_cut_short() -> None:
    words = query_words("นานา" * 2_500)

    assert len(words) <= 24
    assert len(near_letters("สวัสดี" * 2_000)) <= 80
