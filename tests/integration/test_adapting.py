"""A colleague's lesson made one's own."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import NotAllowed, NotFound
from server.models.consents import MediaPeople, MediaPupil, PeopleAnswer
from server.models.content import Choice, ChoiceQuestion, Content, FileItem, QuizItem, TextItem
from server.models.lessons import Chapter, Lesson, Licence, TextTrack, Visibility
from server.models.library import Original
from server.models.people import Person, RoleName, School
from server.services.adapting import adapt_lesson
from server.services.lesson_drafts import change_draft, read_draft
from server.services.lesson_version_changes import give_to_pupils
from server.services.lessons import delete_lesson
from server.services.tidy import erase_lesson
from tests.builders import (
    NOON,
    StoppedClock,
    a_lesson,
    a_person,
    a_ready_asset,
    a_school,
    an_original,
)


@pytest.fixture
def source(session: Session, clock: StoppedClock, teacher: Person) -> Lesson:
    """A lesson of its own file, a text, another file and a quiz with a picture."""
    lesson = a_lesson(
        session,
        teacher,
        published=True,
        licence=Licence.CC_BY,
        visibility=Visibility.AREA,
        tags=["บวก"],
        chapters=[Chapter(start_s=2.0, title="ตอนแรก")],
        text_tracks=[TextTrack(language="th", key="k.vtt", text="WEBVTT", created_at=NOON)],
    )
    other = an_original(session, teacher, a_ready_asset(session))
    choices = (Choice(id=uuid4(), original_id=other.id), Choice(id=uuid4(), text="ข"))
    question = ChoiceQuestion(
        id=uuid4(), text="ข้อใด", choices=choices, right_ids=frozenset({choices[0].id})
    )
    items = (
        FileItem(id=lesson.id),
        TextItem(id=uuid4(), markdown="อ่าน"),
        FileItem(id=uuid4(), original_id=other.id),
        QuizItem(id=uuid4(), questions=(question,)),
    )
    change_draft(
        session,
        clock,
        lesson_id=lesson.id,
        revision=0,
        change=lambda _: Content(items=items),
        by=teacher,
    )
    give_to_pupils(session, clock, lesson_id=lesson.id, by=teacher)
    return lesson


def test_a_copy_has_all_of_it_under_ids_and_files_of_its_own(
    session: Session, clock: StoppedClock, source: Lesson
) -> None:
    by = a_person(session, RoleName.TEACHER, a_school(session, "โรงเรียนวัดใหม่"))

    made = adapt_lesson(session, clock, lesson_id=source.id, by=by)

    draft = read_draft(session, lesson_id=made.id, by=by)
    given = read_draft(session, lesson_id=source.id, by=source.owner)
    assert [item.kind for item in draft.content.items] == ["file", "text", "file", "quiz"]
    assert draft.content.items[0].id == made.id
    assert not {i.id for i in draft.content.items} & {i.id for i in given.content.items}
    mine = set(session.scalars(select(Original.id).where(Original.owner_id == by.id)))
    assert draft.content.original_ids | {made.original_id} == mine
    assert len(mine) == 2
    assert made.original is not None
    assert source.original is not None
    assert made.original.asset_id == source.original.asset_id
    assert (made.published_at, made.tags, made.licence) == (None, ["บวก"], Licence.CC_BY)
    assert [row.title for row in made.chapters] == ["ตอนแรก"]
    assert [row.key for row in made.text_tracks] == ["k.vtt"]


def test_the_credit_outlives_the_source(
    session: Session, clock: StoppedClock, source: Lesson, school: School
) -> None:
    by = a_person(session, RoleName.TEACHER, a_school(session))
    made = adapt_lesson(session, clock, lesson_id=source.id, by=by)
    third = adapt_lesson(session, clock, lesson_id=made.id, by=by)

    delete_lesson(session, clock, lesson_id=source.id, by=source.owner)
    erase_lesson(session, clock, lesson_id=source.id, by=source.owner)

    credit = session.get_one(Lesson, made.id).credit
    assert all(name in credit for name in (source.title, "ครูสมศรี ใจดี", school.name))
    assert school.name in session.get_one(Lesson, third.id).credit
    session.commit()
    assert read_draft(session, lesson_id=made.id, by=by).content.original_ids


@pytest.mark.parametrize("licence", [Licence.THAI_OER, Licence.CC_BY_NC_SA])
def test_open_licences_let_teachers_of_other_schools_adapt(
    session: Session, clock: StoppedClock, source: Lesson, licence: Licence
) -> None:
    source.licence = licence
    session.commit()
    by = a_person(session)

    assert adapt_lesson(session, clock, lesson_id=source.id, by=by).owner_id == by.id


@pytest.mark.parametrize("licence", [Licence.ALL_RIGHTS_RESERVED, Licence.UNKNOWN])
def test_what_is_not_licensed_is_adapted_within_the_school_only(
    session: Session, clock: StoppedClock, source: Lesson, school: School, licence: Licence
) -> None:
    source.licence = licence
    session.commit()
    colleague, other = a_person(session, RoleName.TEACHER, school), a_person(session)

    assert adapt_lesson(session, clock, lesson_id=source.id, by=colleague)
    with pytest.raises(NotAllowed):
        adapt_lesson(session, clock, lesson_id=source.id, by=other)


def test_what_one_may_not_see_or_only_learns_from_is_not_copied(
    session: Session, clock: StoppedClock, source: Lesson, school: School
) -> None:
    source.visibility = Visibility.SCHOOL
    session.commit()

    stranger, pupil = a_person(session), a_person(session, RoleName.STUDENT, school)

    with pytest.raises(NotFound):
        adapt_lesson(session, clock, lesson_id=source.id, by=stranger)
    with pytest.raises(NotAllowed):
        adapt_lesson(session, clock, lesson_id=source.id, by=pupil)


def test_who_is_in_the_picture_is_known_of_the_copy_too(
    session: Session, clock: StoppedClock, source: Lesson, school: School
) -> None:
    pupil = a_person(session, RoleName.STUDENT, school)
    said = session.get(MediaPeople, source.original_id) or MediaPeople(
        original_id=source.original_id, academic_year=2026, at=NOON
    )
    said.answer, said.pupils = PeopleAnswer.PUPILS, [MediaPupil(person_id=pupil.id)]
    session.add(said)
    session.commit()
    by = a_person(session, RoleName.TEACHER, school)

    made = adapt_lesson(session, clock, lesson_id=source.id, by=by)

    assert made.original_id != source.original_id
    copied = session.scalars(select(MediaPupil).where(MediaPupil.person_id == pupil.id)).all()
    assert {row.original_id for row in copied} == {source.original_id, made.original_id}
