import pytest

from search.folding import fold, grams
from search.thai import cut, finer_cut, normalise


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u0e19\u0e4d\u0e49\u0e32", "น้ำ"),  # nikhahit, tone, aa
        ("\u0e19\u0e49\u0e4d\u0e32", "น้ำ"),  # tone, nikhahit, aa
        ("\u0e19\u0e33\u0e49", "น้ำ"),  # sara am before its tone
        ("\u0e17\u0e4d\u0e32", "ทำ"),
        ("\u0e40\u0e40ม่", "แม่"),  # two sara e
        ("ที\u0e48\u0e48", "ที่"),  # a mark typed twice
        ("ท\u0e48\u0e35", "ที่"),  # tone before vowel
        ("อย\u0e49\u0e39", "อยู้"),
        ("ป.๔", "ป.4"),
        ("การ\u200bบวก\ufeff", "การบวก"),
        ("กำ", "กำ"),  # not taken apart, as NFKC would
        ("สิทธิ์", "สิทธิ์"),
    ],
)
def test_what_looks_the_same_becomes_the_same(typed: str, kept: str) -> None:
    assert normalise(typed) == kept


def test_normalising_twice_changes_nothing() -> None:
    text = "น\u0e4d\u0e49าท\u0e48\u0e35เเรก ๑๒๓ สิทธิ์"

    assert normalise(normalise(text)) == normalise(text)


def test_a_sentence_without_spaces_falls_into_words() -> None:
    assert cut("การสังเคราะห์ด้วยแสงของพืช") == ["การ", "สังเคราะห์", "ด้วย", "แสง", "ของ", "พืช"]


def test_a_long_word_holds_its_shorter_ones() -> None:
    assert finer_cut("โรงเรียน") == ("โรง", "เรียน")


def test_a_word_that_is_made_of_no_others_has_no_finer_cut() -> None:
    assert finer_cut("แสง") == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("คนิด", "คณิด"), ("ไบงาน", "ใบงาน"), ("สาสตร", "ศาสตร์"), ("นํา", "น้ำ"), ("วีดีโอ", "วิดีโอ")],
)
def test_homophones_and_tones_fold_into_one(typed: str, meant: str) -> None:
    assert fold(typed) == fold(meant)


def test_pieces_do_not_care_for_spaces() -> None:
    assert grams("เศษ ส่วน") == grams("เศษส่วน")


def test_two_letters_have_no_pieces() -> None:
    assert grams("ชา") == []


def test_a_tower_of_marks_is_cut_to_what_people_write() -> None:
    tower = "a" + "\u0323\u0301" * 500_000  # in hours, if all were put in order

    assert len(normalise(tower)) <= 31
    assert normalise("ที่\u0301") == "ที่\u0301"
