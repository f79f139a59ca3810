"""Names as teachers paste them, in Thai order, and two spellings of one pupil."""

import pytest

from server.services.names import is_like, read_names, short_name, sort_key_of, split_title


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("1\t12345\tด.ช.สมชาย ใจดี", (1, "12345", "ด.ช.", "สมชาย ใจดี")),
        ("๑. เด็กหญิงมะลิ ณ อยุธยา", (1, "", "ด.ญ.", "มะลิ ณ อยุธยา")),
        ("2) นายสมศักดิ์   รักเรียน", (2, "", "นาย", "สมศักดิ์ รักเรียน")),
        ("3\t1-2345-67890-12-3\tด.ช.\tปิติ\tชูใจ", (3, "", "ด.ช.", "ปิติ ชูใจ")),
        ("เลขที่ 4 ด.ช. สมชาย ใจดี ป.4/1", (4, "", "ด.ช.", "สมชาย ใจดี")),
        ("6.ด.ญ.เมษา\tญ\t12/05/2558", (6, "", "ด.ญ.", "เมษา")),
        ("ด.ญ. ฟ้า", (None, "", "ด.ญ.", "ฟ้า")),
        ("นายิกา ใจงาม", (None, "", "", "นายิกา ใจงาม")),
        ("พระพาย ใจดี", (None, "", "", "พระพาย ใจดี")),
        ("12346 ด.ญ.ดาว เรือง (ดาว)", (None, "12346", "ด.ญ.", "ดาว เรือง (ดาว)")),
        ("5. Mr. John O'Neil-Smith", (5, "", "Mr.", "John O'Neil-Smith")),
    ],
)
def test_a_pasted_line_is_read(line: str, read: tuple[int | None, str, str, str]) -> None:
    (row,) = read_names(line).names

    assert (row.list_number, row.student_number, row.title, row.name) == read


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("เลขที่\tชื่อ-สกุล", "head"),
        ('=HYPERLINK("http://evil.example")', "signs"),
        ("+cmd|' /C calc'!A0", "signs"),
        ("<script>alert(1)</script>", "signs"),
        ("12", "no_name"),
        ("ก" * 201, "too_long"),
    ],
)
def test_what_is_no_name_is_passed_over_and_says_why(line: str, why: str) -> None:
    found = read_names(line)

    assert found.names == []
    assert [row.why for row in found.passed] == [why]


def test_duplicates_are_recognised_with_other_spaces_titles_and_marks() -> None:
    text = "ด.ช. สมชาย ใจดี\n\nเด็กชายสมชาย  ใจดี\r\nด.ญ. มะลิ งามตา\nปิติ ชูใจ"

    found = read_names(text, here=["มะลิ งามตา"])

    assert [row.name for row in found.names] == ["สมชาย ใจดี", "ปิติ ชูใจ"]
    assert [row.why for row in found.passed] == ["twice", "here"]


def test_national_numbers_are_thrown_away_and_said_so() -> None:
    found = read_names("1 1234567890123 ด.ช.สมชาย ใจดี")

    assert found.had_national
    assert found.names[0].student_number == ""


def test_more_lines_than_a_classroom_has_are_left_out() -> None:
    letters = "กขคงจฉชซญดตถทธนบปผพมยรลวสหอ"
    lines = [f"{one}{two} นามสกุล" for one in letters for two in letters]

    found = read_names("\n".join(lines))

    assert len(found.names) == 400
    assert found.passed[-1].why == "too_many"


def test_thai_names_are_in_the_order_of_dictionaries() -> None:
    names = ["ขา", "ไก่", "แกะ", "เกาะ", "กา", "กฤษณา", "ก้า", "Anna", "เด็กชายกกก"]

    assert sorted(names, key=sort_key_of) == [
        *("Anna", "เด็กชายกกก", "กฤษณา", "กา", "ก้า", "เกาะ", "แกะ", "ไก่", "ขา")
    ]


def test_keys_of_order_hold_what_every_database_sorts_alike() -> None:
    assert set(sort_key_of("เก๋ ณ อยุธยา Smith ๑")) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("สมชาย ใจดี", "ด.ช. สมชาย ใจดิ", True),
        ("ณัฐพงษ์ แก้วมา", "นัฐพงศ์ แก้วมา", True),
        ("สมชาย ใจดี", "สมหญิง ใจดี", False),
        ("ฟ้า", "ฟาง", False),
    ],
)
def test_two_spellings_of_one_pupil_are_noticed(one: str, other: str, *, alike: bool) -> None:
    assert is_like(one, other) is alike


def test_names_to_choose_from_tell_little() -> None:
    assert [short_name(name) for name in ("สมชาย ใจดี", "มะลิ ณ อยุธยา", "ฟ้า", "ก แซ่ลี้")] == [
        *("สมชาย จ.", "มะลิ ณ.", "ฟ้า", "ก ซ.")
    ]


def test_a_name_alone_has_no_title() -> None:
    assert split_title("นาย").name == "นาย"
    assert split_title("เด็กชาย").title == ""


def test_of_very_long_names_the_beginnings_are_compared() -> None:
    assert is_like("กขคง" * 50, "กขคง" * 15 + "จฉ" * 70)
    assert not is_like("กขคง" * 50, "จฉ" + "กขคง" * 2 + "ชซ" * 90)


@pytest.mark.parametrize("digit", ["²", "①", "𝟐", "٢"])
def test_digits_of_other_scripts_are_numbers_or_signs_but_no_fault(digit: str) -> None:
    read = read_names(f"{digit} ด.ช. สมชาย ใจดี\nมะลิ {digit}\n3 ปิติ ชูใจ")

    assert read.names[-1].name == "ปิติ ชูใจ"
    assert all(line.list_number in {None, 2, 3} for line in read.names)
