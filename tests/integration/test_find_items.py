"""What stands in a lesson's items is found: of what pupils get, never of a draft or a plan."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from server.jobs.index_changes import drain_outbox, reindex
from server.models.content import (
    Choice,
    ChoiceQuestion,
    Content,
    FileItem,
    HandInItem,
    LinkItem,
    QuizItem,
    ShortTextQuestion,
    TextItem,
)
from server.models.lessons import Lesson, Visibility
from server.models.people import Person
from server.services.find import Found, Question, find_lessons
from server.services.index_passages import MOST_ITEM_CHARACTERS, PASSAGE_CHARACTERS, item_places
from server.services.lesson_drafts import change_draft, change_plan, read_draft
from server.services.lesson_version_changes import give_to_pupils
from server.wiring import Wiring
from tests.builders import StoppedClock, a_lesson, a_version

RIGHT = uuid4()
ITEMS = (
    TextItem(id=uuid4(), title="อ่านก่อน", markdown="# พระอภัยมณี\n\nนางเงือก**ว่ายน้ำ**ได้เร็ว"),
    LinkItem(id=uuid4(), url="https://example.org/", note="พิพิธภัณฑ์สัตว์น้ำ"),
    HandInItem(id=uuid4(), title="งาน", markdown="วาดภาพปะการังส่งครู"),
    QuizItem(
        id=uuid4(),
        title="ทบทวนคำศัพท์",
        questions=(
            ChoiceQuestion(
                id=uuid4(),
                text="สัตว์ใดกินแพลงก์ตอน",
                choices=(Choice(id=RIGHT, text="วาฬ"), Choice(id=uuid4(), text="อูฐ")),
                right_ids={RIGHT},
                when_right="เยี่ยมยอด",
                when_wrong="ลองทบทวนกระดูกสันหลัง",
            ),
            ShortTextQuestion(id=uuid4(), text="ใครแต่ง", accepted=("สุนทรภู่",)),
        ),
    ),
)


@pytest.fixture
def lesson(wiring: Wiring, session: Session, teacher: Person) -> Lesson:
    made = a_lesson(
        session, teacher, title="ชีวิตในทะเล", visibility=Visibility.PUBLIC, published=True
    )
    a_version(session, made, FileItem(id=made.id), *ITEMS)
    reindex(wiring.sessions, wiring.index, wiring.clock)
    return made


@pytest.fixture
def found(wiring: Wiring, session: Session) -> Callable[[str], Found]:
    def ask(text: str) -> Found:
        drain_outbox(wiring.sessions, wiring.index)
        return find_lessons(session, wiring.index, Question(text=text))

    return ask


def test_texts_notes_tasks_titles_and_questions_are_found_with_their_line(
    lesson: Lesson, found: Callable[[str], Found]
) -> None:
    words = {
        "พระอภัยมณี": ITEMS[0].id,
        "นางเงือกว่ายน้ำ": ITEMS[0].id,
        "พิพิธภัณฑ์": ITEMS[1].id,
        "ปะการัง": ITEMS[2].id,
        "ทบทวนคำศัพท์": ITEMS[3].id,
        "แพลงก์ตอน": ITEMS[3].id,
    }
    for text, item_id in words.items():
        [one] = found(text).lessons
        assert one.lesson.id == lesson.id
        assert one.passages[0].item_id == str(item_id), text
        assert "*" not in one.passages[0].snippet


def test_answers_choices_and_feedback_are_not_found(
    lesson: Lesson, found: Callable[[str], Found]
) -> None:
    for text in ("สุนทรภู่", "อูฐ", "เยี่ยมยอด", "กระดูกสันหลัง"):
        assert found(text).total == 0, text


def test_a_draft_and_the_plan_are_not_found_and_a_new_version_takes_the_old_one_s_place(
    session: Session,
    clock: StoppedClock,
    teacher: Person,
    lesson: Lesson,
    found: Callable[[str], Found],
) -> None:
    newer = Content(items=(TextItem(id=ITEMS[0].id, markdown="กระเบนราหูบินใต้น้ำ"),))
    drafted = change_draft(
        session, clock, lesson_id=lesson.id, revision=0, change=lambda _: newer, by=teacher
    )
    change_plan(
        session,
        clock,
        lesson_id=lesson.id,
        revision=drafted.revision,
        plan="นำเข้าสู่บทเรียนด้วยเพลงชาวประมง",
        by=teacher,
    )
    assert [found(text).total for text in ("กระเบน", "ชาวประมง", "พระอภัยมณี")] == [0, 0, 1]

    assert not read_draft(session, lesson_id=lesson.id, by=teacher).is_given
    give_to_pupils(session, clock, lesson_id=lesson.id, by=teacher)

    assert [found(text).total for text in ("กระเบน", "ชาวประมง", "พระอภัยมณี")] == [1, 0, 0]


def test_what_is_asked_inside_a_recording_is_found_at_its_second() -> None:
    question = ShortTextQuestion(id=uuid4(), text="เห็นอะไร", accepted=("ปลา",))
    quiz = QuizItem(id=uuid4(), questions=(question,), at_s=12.5)

    [place] = item_places(Content(items=(quiz,)))

    assert (place.at_s, place.text) == (12.5, "เห็นอะไร")


def test_very_long_items_are_cut_to_pieces_and_bounded() -> None:
    texts = (TextItem(id=UUID(int=n), markdown="ก" * 20_000) for n in range(3))

    places = list(item_places(Content(items=tuple(texts))))

    assert sum(len(place.text) for place in places) == MOST_ITEM_CHARACTERS
    assert max(len(place.text) for place in places) == PASSAGE_CHARACTERS
