"""Passwords that people of schools choose, and what is said of each."""

import pytest

from server.errors import FieldError
from server.services.password_rules import JUDGED, check_password, readings_of
from tests.builders import PASSWORD

ABOUT = ("somsri.j", "ครูสมศรี ใจดี", "โรงเรียนบ้านหนองปลาไหล", "สพป.เพชรบุรี เขต 2")
SIGNS_FOR_LETTERS = "4@8({[<369!1|70$5+%2"
HOSTILE = (SIGNS_FOR_LETTERS, "1!|li4@ao0", "$@!(1470ab", "ก็", "\u0e33\u0e48", "a\u0301")


def rule_of(password: str, about: tuple[str, ...] = ABOUT) -> str:
    """Return what is wrong with it; empty if nothing."""
    try:
        check_password(password, about)
    except FieldError as refused:
        return f"{refused.facts['rule']}" if refused.field == "password" else refused.field
    return ""


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "มะม่วงน้ำปลาหวาน",
        "ดอกไม้สีขาวบนเขา",
        "คิดถึงบ้านที่ริมโขง",
        "banana tiger lake",
        "correct horse battery",
        "kX7#pQ2m!zR4",
        "hqvzkwmxrtbd",
        "สมศรีกินแตงโมหน้าฝน",  # the own name, and much beside it
        "ฝนตกหลังคาสังกะสี ม้าลายกินแตงโม ลมพัดใบตาล น้ำในโอ่งเย็น " * 3,  # 174 signs
    ],
)
def test_long_ones_of_words_that_do_not_belong_together_are_good(password: str) -> None:
    assert rule_of(password) == ""


@pytest.mark.parametrize("password", ["", "สมศรี2512", "kX7#pQ2m!", "ก" * 9, "กา" + "\u200b" * 20])
def test_less_than_ten_signs_are_too_few(password: str) -> None:
    assert rule_of(password) == "too_short"


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd2569",
        "qwertyuiop",
        "1q2w3e4r5t",
        "aaaaaaaaaaaa",
        "กกกกกกกกกกกก",
        "abcabcabcabc",
        "admin@2569",
        "Admin12345!",
        "รหัสผ่าน2569",
        "รหัสผ่าน๒๕๖๙",
        "isylzjko2569",  # รหัสผ่าน with the other layout on
        "isylzjkoisylzjko",
        "ยฟหหไนพก123",  # password with the other layout on
        "ๆไำพะัีรนย",  # qwertyuiop on Thai keys
        "สวัสดีครับ123",
        "sawasdee2569",
        "thailand2025",
        "ilovethailand",
        "สมชาย สมชาย",  # somebody else's name
        "banana-tiger",  # two words alone
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert rule_of(password) == "common"


@pytest.mark.parametrize(
    "password",
    [
        "ครูสมศรี ใจดี",
        "สมศรี ใจดี 2512",
        "ใจดี๒๕๑๒ใจดี",
        "somsri.j2569",
        "SOMSRI.J-2569",
        "krusomsri2512",
        "l,Liuuuu2512!",  # สมศรี with the other layout on
        "หนองปลาไหล2569",
        "โรงเรียนบ้านหนองปลาไหล",
        "เพชรบุรีเขต2",
        "ครูสมศรี0812345678",
    ],
)
def test_names_that_others_know_are_refused(password: str) -> None:
    assert rule_of(password) == "own_name"


def test_somebody_else_may_use_that_name() -> None:
    assert rule_of("หนองปลาไหลมีน้ำเต็ม", ()) == ""
    assert rule_of("ครูสมศรี ใจดี", ("malee",)) != "own_name"


@pytest.mark.parametrize(
    "password",
    [
        "0812345678",
        "081-234-5678",
        "๐๘๑๒๓๔๕๖๗๘",
        "1-1001-00123-45-6",
        "25/12/2512 10",
        "1234567890",
    ],
)
def test_numbers_are_known_to_others(password: str) -> None:
    assert rule_of(password) == "number"


@pytest.mark.parametrize("length", [201, 10_000, 1_000_000])
def test_more_than_two_hundred_signs_are_not_even_looked_at(length: int) -> None:
    assert rule_of("ก็" * length) == "too_long"


@pytest.mark.parametrize("signs", HOSTILE)
def test_signs_that_stand_for_many_letters_are_judged_in_little_work(signs: str) -> None:
    readings = readings_of((signs * 200)[:200])

    assert len(readings) <= 6
    assert all(len(each) <= JUDGED for each in readings)
    assert all(len(set(SIGNS_FOR_LETTERS) & set(each)) <= 10 for each in readings)
