"""Questions in their teacher's hands."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.models.content import ChoiceQuestion, NumberQuestion, QuizItem
from server.models.lessons import Lesson
from server.models.people import Person, RoleName, School
from server.services.lesson_content import find_item
from server.services.lesson_drafts import read_draft
from tests.browsing import Visitor
from tests.builders import a_lesson, a_person
from tests.quizzes import a_picture, page_of, with_quiz

CHOICES = {"question_text": "ใบไม้สีอะไร", "points": "๒", "choice_id": ["", "", ""]}
CHOICES["choice"] = ["แดง", " เขียว ", ""]


@pytest.fixture
def lesson(session: Session, teacher: Person) -> Lesson:
    return a_lesson(session, teacher, published=True)


@pytest.fixture
def quiz(session: Session, lesson: Lesson) -> QuizItem:
    return with_quiz(session, lesson)


@pytest.fixture
def visitor(sign_in: Callable[[Person], Visitor], teacher: Person) -> Visitor:
    return sign_in(teacher)


def editor_of(lesson: Lesson, quiz: QuizItem) -> str:
    return f"/studio/lessons/{lesson.id}/items/{quiz.id}/questions"


def drafted(session: Session, lesson: Lesson, quiz: QuizItem) -> QuizItem:
    session.expire_all()
    item = find_item(read_draft(session, lesson_id=lesson.id, by=lesson.owner).content, quiz.id)
    assert isinstance(item, QuizItem)
    return item


def mark_in(page: TestResponse) -> str:
    found = re.search(r'name="mark" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


def test_a_question_with_choices_is_added_at_the_end(
    session: Session, lesson: Lesson, quiz: QuizItem, visitor: Visitor
) -> None:
    page = editor_of(lesson, quiz)

    answer = visitor.send_form(f"{page}/new?kind=choice", **CHOICES, right="1")

    added = drafted(session, lesson, quiz).questions[-1]
    assert answer.status_code == 303
    assert isinstance(added, ChoiceQuestion)
    assert [choice.text for choice in added.choices] == ["แดง", "เขียว"]
    assert added.right_ids == {added.choices[1].id}
    assert added.points == 2


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("choice", {**CHOICES, "question_text": " "}, "question_text"),
        ("choice", {**CHOICES, "choice": ["แดง", "", ""]}, "choices"),
        ("choice", CHOICES, "choices"),  # nothing is right
        ("choice", {**CHOICES, "right": ["0", "1"]}, "choices"),  # two are
        ("choice", {**CHOICES, "takes_several": "yes"}, "choices"),
        ("choice", {**CHOICES, "right": "0", "points": "0"}, "points"),
        ("choice", {**CHOICES, "right": "0", "points": "มาก"}, "points"),
        ("true_false", {"question_text": "ก", "points": "1"}, "is_true"),
        ("short_text", {"question_text": "ก", "points": "1", "accepted": " \n "}, "accepted"),
        ("number", {"question_text": "ก", "points": "1", "value": "สิบ"}, "value"),
        (
            "number",
            {"question_text": "ก", "points": "1", "value": "1", "tolerance": "-1"},
            "tolerance",
        ),
    ],
)
def test_a_question_that_cannot_be_kept_is_shown_again_with_what_to_do(  # noqa: PLR0913 (a table)
    session: Session,
    lesson: Lesson,
    quiz: QuizItem,
    visitor: Visitor,
    *,
    kind: str,
    fields: dict[str, object],
    field: str,
) -> None:
    page = editor_of(lesson, quiz)

    answer = visitor.send_form(f"{page}/new?kind={kind}", **fields)

    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text
    assert "ใช้ค่านี้ไม่ได้" not in answer.text
    assert drafted(session, lesson, quiz).questions == quiz.questions


def test_a_file_of_somebody_else_is_not_taken(
    lesson: Lesson, quiz: QuizItem, visitor: Visitor, session: Session, school: School
) -> None:
    other = a_lesson(session, a_person(session, RoleName.TEACHER, school))
    fields = {**CHOICES, "right": "0", "original_id": str(other.original_id)}

    answer = visitor.send_form(f"{editor_of(lesson, quiz)}/new?kind=choice", **fields)

    assert answer.status_code == 422
    assert 'id="original_id-fault"' in answer.text


def test_answers_have_pictures_beside_their_words(
    session: Session, lesson: Lesson, quiz: QuizItem, visitor: Visitor, teacher: Person
) -> None:
    question = quiz.questions[0]
    assert isinstance(question, ChoiceQuestion)
    picture = a_picture(session, lesson, teacher)
    page = f"{editor_of(lesson, quiz)}/{question.id}"
    ids = [str(choice.id) for choice in question.choices]
    fields = {"question_text": "ข้อใด", "points": "1", "choice_id": ids, "right": "0"}
    fields["choice_picture"] = ["", str(picture), ""]

    mark = mark_in(visitor.get(page))
    alone = visitor.send_form(page, mark=mark, **fields, choice=["ก", "", "ค"])
    visitor.send_form(page, mark=mark, **fields, choice=["ก", "ข", "ค"])

    assert "พิมพ์คำกำกับภาพทุกภาพ" in alone.text
    assert f'value="{picture}" selected' in alone.text
    changed = drafted(session, lesson, quiz).questions[0]
    assert isinstance(changed, ChoiceQuestion)
    assert [one.original_id for one in changed.choices] == [None, picture, None]
    assert f'value="{picture}" selected' in visitor.get(page).text
    draft = visitor.get(f"{page_of(lesson, quiz.id)}?draft=yes").text
    assert len(re.findall(r'class="choice-picture"\s+src="/v/', draft)) == 1


def test_choices_keep_their_ids_when_a_question_is_changed(
    session: Session, lesson: Lesson, quiz: QuizItem, visitor: Visitor
) -> None:
    question = quiz.questions[0]
    assert isinstance(question, ChoiceQuestion)
    page = f"{editor_of(lesson, quiz)}/{question.id}"
    ids = [str(choice.id) for choice in question.choices]

    visitor.send_form(
        page,
        mark=mark_in(visitor.get(page)),
        question_text="ใหม่",
        points="1",
        choice_id=[*ids, ""],
        choice=["ก", "ข", "", "ใหม่"],
        right=["0", "3"],
        takes_several="yes",
    )

    changed = drafted(session, lesson, quiz).questions[0]
    assert isinstance(changed, ChoiceQuestion)
    assert [str(choice.id) for choice in changed.choices][:2] == ids[:2]
    assert changed.right_ids == {UUID(ids[0]), changed.choices[2].id}


def test_two_who_change_one_question_lose_nothing(
    session: Session, lesson: Lesson, quiz: QuizItem, visitor: Visitor
) -> None:
    question = quiz.questions[3]
    page = f"{editor_of(lesson, quiz)}/{question.id}"
    mark = mark_in(visitor.get(page))
    first = {"question_text": "ของคนแรก", "points": "1", "value": "5"}
    visitor.send_form(page, mark=mark, **first)

    late = visitor.send_form(page, mark=mark, **(first | {"question_text": "ของคนที่สอง"}))
    again = visitor.send_form(page, mark=mark_in(late), **(first | {"question_text": "ของคนที่สอง"}))

    assert (late.status_code, again.status_code) == (409, 303)
    assert "ของคนแรก" in late.text
    assert "ของคนที่สอง" in late.text
    assert drafted(session, lesson, quiz).questions[3].text == "ของคนที่สอง"


def test_questions_are_moved_and_taken_out(
    session: Session, lesson: Lesson, quiz: QuizItem, visitor: Visitor
) -> None:
    page = editor_of(lesson, quiz)
    first, second, third, _fourth = quiz.questions

    visitor.send_form(f"{page}/{third.id}/move", to="up")
    mark = mark_in(visitor.get(f"{page}/{first.id}"))
    visitor.send_form(f"{page}/{first.id}/remove", mark=mark)

    assert drafted(session, lesson, quiz).questions[:2] == (third, second)


def test_how_it_is_played_is_kept_and_the_second_is_the_originals(
    session: Session, lesson: Lesson, quiz: QuizItem, visitor: Visitor
) -> None:
    assert lesson.original is not None
    lesson.kept_ranges = [[4.0, lesson.original.asset.duration_s]]
    session.commit()
    page = editor_of(lesson, quiz)
    settings = {"tries": "3", "is_shuffled": "yes", "min_share": "0.8", "at": "0:05"}

    answer = visitor.send_form(page, **settings)

    kept = drafted(session, lesson, quiz)
    assert answer.status_code == 303
    assert (kept.tries, kept.is_shuffled, kept.shows_answers) == (3, True, False)
    assert (kept.min_share, kept.at_s) == (0.8, 9.0)
    assert 'value="0:05.0"' in visitor.get(page).text


@pytest.mark.parametrize("at", ["x", "99:00:00"])
def test_a_second_that_the_recording_does_not_have_is_refused(
    lesson: Lesson, quiz: QuizItem, visitor: Visitor, at: str
) -> None:
    answer = visitor.send_form(editor_of(lesson, quiz), tries="0", min_share="0.5", at=at)

    assert answer.status_code == 422
    assert 'id="at-fault"' in answer.text


def test_a_number_is_typed_as_people_write_it(
    session: Session, lesson: Lesson, quiz: QuizItem, visitor: Visitor
) -> None:
    fields = {"question_text": "เท่าไร", "points": "1", "value": "๑,๒๕๐.๕", "tolerance": "1/2"}

    visitor.send_form(f"{editor_of(lesson, quiz)}/new?kind=number", **fields)

    added = drafted(session, lesson, quiz).questions[-1]
    assert isinstance(added, NumberQuestion)
    assert (added.value, added.tolerance) == (1250.5, 0.5)
