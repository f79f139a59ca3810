import pytest

from media_pipeline.page_text import MOST_CHARACTERS, Sign, marks_on_their_letters, tidy


@pytest.mark.parametrize(
    ("found", "meant"),
    [
        ("หน้าท\n่\nี 1", "หน้าที่ 1"),  # a reader sees a new line at each mark that stands high
        ("ท่ีน่ี", "ที่นี่"),  # tone before vowel
        ("น\u0e4d้า", "น้ำ"),  # sara am in two, the ring before the tone
        ("น้\u0e4dา", "น้ำ"),
        ("ท \u0e33ได้", "ทำได้"),
        ("คำ้", "ค้ำ"),
        ("เป\uf712นที\uf70a", "เป็นที่"),  # signs of Windows fonts for places low and left
        ("ป\uf702น", "ปีน"),
        ("\uf70f\uf718", "ญุ"),
        ("ครู\x00ดี\ud800", "ครูดี"),
        ("หนึ่ง   สอง \n\n  สาม", "หนึ่ง สอง\nสาม"),
        ("Café crème, déjà vu à Orléans", "Café crème, déjà vu à Orléans"),
    ],
)
def test_text_is_as_it_was_meant(found: str, meant: str) -> None:
    assert tidy(found) == meant


def test_signs_of_a_font_without_a_table_are_thai() -> None:
    assert tidy("การเรียนรู้วิทยาศาสตร์".encode("cp874").decode("latin-1")) == "การเรียนรู้วิทยาศาสตร์"


def test_an_endless_page_is_cut() -> None:
    assert len(tidy("ก" * 100_000)) == MOST_CHARACTERS


def a_sign(text: str, left: float, right: float, *, is_made_up: bool = False) -> Sign:
    is_mark = text in "\u0e35\u0e48"
    bottom, top = (7.0, 9.0) if is_mark else (0.0, 6.0)
    return Sign(text, left, right, top, bottom, is_made_up)


def test_a_mark_written_after_the_next_letter_goes_back_to_its_own() -> None:
    signs = [
        a_sign("ม", 0, 5),
        a_sign("ข", 6, 11),
        a_sign("\u0e35", 2, 5),
        a_sign(" ", 0, 0, is_made_up=True),
        a_sign("น", 12, 17),
    ]

    assert "".join(sign.text for sign in marks_on_their_letters(signs)) == "มีขน"


def test_marks_in_their_places_stay() -> None:
    signs = [a_sign("ท", 0, 5), a_sign("\u0e35", 2, 5), a_sign("\u0e48", 3, 6), a_sign("น", 6, 11)]

    assert "".join(sign.text for sign in marks_on_their_letters(signs)) == "ที่น"
