"""What answers are worth, kind by kind."""

import pytest

from server.models.base import uuid7
from server.models.content import (
    Choice,
    ChoiceQuestion,
    NumberQuestion,
    ShortTextQuestion,
    TrueFalseQuestion,
)
from server.services.quiz_marking import (
    LONGEST_ANSWER,
    MOST_PARTS,
    cleaned,
    is_right_answer,
    mark_all,
    read_number,
)

RED, GREEN, BLUE = (Choice(id=uuid7(), text=text) for text in ("แดง", "เขียว", "น้ำเงิน"))


def ids(*choices: Choice) -> list[str]:
    return [str(choice.id) for choice in choices]


@pytest.mark.parametrize(
    ("chosen", "is_right"),
    [([RED], True), ([GREEN], False), ([], False), ([RED, GREEN], False), ([RED, RED], True)],
)
def test_one_choice_is_right_alone(chosen: list[Choice], is_right: bool) -> None:  # noqa: FBT001
    question = ChoiceQuestion(
        id=uuid7(), text="สีใด", choices=(RED, GREEN, BLUE), right_ids=frozenset({RED.id})
    )

    assert is_right_answer(question, ids(*chosen)) is is_right


@pytest.mark.parametrize(
    ("chosen", "is_right"),
    [
        ([RED, BLUE], True),
        ([BLUE, RED], True),
        ([RED], False),
        ([RED, GREEN, BLUE], False),
        ([], False),
    ],
)
def test_of_several_all_right_ones_and_no_other_are_right(
    chosen: list[Choice],
    is_right: bool,  # noqa: FBT001
) -> None:
    question = ChoiceQuestion(
        id=uuid7(),
        text="สีใดบ้าง",
        choices=(RED, GREEN, BLUE),
        right_ids=frozenset({RED.id, BLUE.id}),
        takes_several=True,
    )

    assert is_right_answer(question, ids(*chosen)) is is_right


@pytest.mark.parametrize(
    ("is_true", "answer", "is_right"),
    [
        (True, ["yes"], True),
        (True, ["no"], False),
        (False, ["no"], True),
        (False, ["yes"], False),
        (False, [], False),
        (False, [""], False),
        (True, ["yes", "no"], False),
    ],
)
def test_true_or_false(is_true: bool, answer: list[str], is_right: bool) -> None:  # noqa: FBT001
    question = TrueFalseQuestion(id=uuid7(), text="จริงหรือไม่", is_true=is_true)

    assert is_right_answer(question, answer) is is_right


@pytest.mark.parametrize(
    ("accepted", "typed", "is_right"),
    [
        ("น้ำ", "น้ำ", True),
        ("น้ำ", "นํ้า", True),  # nikhahit, tone and sara aa instead of sara am
        ("น้ำ", "น้ํา", True),
        ("น้ำ", "นำ้", True),  # the tone typed last
        ("น้ำ", "นำ", False),  # another word
        ("แม่น้ำ", "เเม่ น้ำ", True),  # two sara e for one sara ae, and a space
        ("ปี 2569", "ปี ๒๕๖๙", True),
        ("ปี ๒๕๖๙", "ปี2569", True),
        ("H2O", " h2o ", True),
        ("Photosynthesis", "photo synthesis", True),
        ("กรุงเทพ", "กรุง\u200bเทพ", True),  # invisible, from a web page
        ("กรุงเทพ", "", False),
        ("กรุงเทพ", "  ", False),
        ("Straße", "STRASSE", True),
    ],
)
def test_short_texts_are_compared_as_people_read_them(
    accepted: str,
    typed: str,
    is_right: bool,  # noqa: FBT001
) -> None:
    question = ShortTextQuestion(id=uuid7(), text="อะไร", accepted=("อย่างอื่น", accepted))

    assert is_right_answer(question, [typed]) is is_right


def test_an_accepted_text_of_spaces_accepts_nothing() -> None:
    question = ShortTextQuestion(id=uuid7(), text="อะไร", accepted=(" ",))

    assert not is_right_answer(question, [""])


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", 12.0),
        ("๑๒", 12.0),
        ("๑,๒๕๐.๕", 1250.5),
        ("1,250,000", 1_250_000.0),
        ("1 250", 1250.0),
        ("-3.5", -3.5),
        ("−3.5", -3.5),
        ("+3", 3.0),
        (".5", 0.5),
        ("1/2", 0.5),
        ("๓/๔", 0.75),
        ("1/0", None),
        ("1,25", None),  # neither thousands nor a decimal point
        ("12 บาท", None),
        ("", None),
        (".", None),
        ("-", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("9" * 400, None),
        (f"{'9' * 308}/0.01", None),
        ("²", None),
    ],
)
def test_numbers_are_read_as_they_are_typed(typed: str, number: float | None) -> None:
    assert read_number(typed) == number


@pytest.mark.parametrize(
    ("value", "tolerance", "typed", "is_right"),
    [
        (0.3, 0, "0.3", True),
        (0.1 + 0.2, 0, "0.3", True),
        (3.14, 0.01, "3.15", True),
        (3.14, 0.01, "3.16", False),
        (3.14, 0.01, "๓.๑๓", True),
        (1_000_000, 0, "1,000,000", True),
        (1_000_000, 0, "1,000,001", False),
        (0, 0, "0", True),
        (0, 0, "", False),
        (-5, 0, "5", False),
    ],
)
def test_numbers_are_right_within_the_tolerance(
    value: float,
    tolerance: float,
    typed: str,
    is_right: bool,  # noqa: FBT001
) -> None:
    question = NumberQuestion(id=uuid7(), text="เท่าไร", value=value, tolerance=tolerance)

    assert is_right_answer(question, [typed]) is is_right


def test_points_add_up_and_what_was_not_answered_counts_too() -> None:
    first = TrueFalseQuestion(id=uuid7(), text="ก", is_true=True, points=3)
    second = NumberQuestion(id=uuid7(), text="ข", value=7, points=1)

    marks = mark_all([first, second], {str(first.id): ["yes"]})

    assert (marks.points, marks.most_points, marks.share) == (3, 4, 0.75)
    assert not marks.are_all_right


def test_only_answers_to_these_questions_are_kept_and_not_too_much_of_them() -> None:
    asked = ShortTextQuestion(id=uuid7(), text="ก", accepted=("ข",))
    empty = TrueFalseQuestion(id=uuid7(), text="ก", is_true=True)
    sent = {str(asked.id): ["ย" * 1000] * 100, str(empty.id): [" "], str(uuid7()): ["x"]}

    kept = cleaned([asked, empty], sent)

    assert kept == {str(asked.id): ["ย" * LONGEST_ANSWER] * MOST_PARTS}


def test_what_no_page_can_show_is_not_kept() -> None:
    asked = ShortTextQuestion(id=uuid7(), text="ก", accepted=("ข",))

    assert cleaned([asked], {str(asked.id): ["ก\ud800ข\x00"]}) == {str(asked.id): ["กข"]}
    assert cleaned([asked], {str(asked.id): ["\ud800"]}) == {}
