"""People in the picture: what is answered, ticked and withdrawn decides who sees a lesson."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import ConsentMissing, FieldError, LinkExpired, NotAllowed, NotFound
from server.jobs.index_changes import drain_outbox, reindex
from server.models.classrooms import Classroom, Enrolment
from server.models.consents import MediaPeople, PeopleAnswer, PupilConsent
from server.models.lesson_versions import LessonItemFile
from server.models.lessons import Lesson, Visibility
from server.models.library import AssetKind
from server.models.people import Person, Role, RoleName, School
from server.policy import may_view_lesson
from server.services.adapting import adapt_lesson
from server.services.assignments import Recipients, Task, give_lesson
from server.services.catalogue import newest_lessons
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.consents import class_consents, tick_consents, withdraw_consent
from server.services.embed import exchange_ticket, make_ticket, open_embed
from server.services.enrolments import add_names
from server.services.find import Question, find_lessons
from server.services.given import given_pairs
from server.services.lesson_changes import LessonChanges
from server.services.lesson_picture import picture_of, question_of
from server.services.lessons import edit_lesson, get_lesson_for, publish_lesson
from server.services.merging_pupils import join_pupils
from server.services.original_links import open_original, sign_item_file, sign_kept_file
from server.services.people_in_picture import Moved, WhoIsIn, say_who_is_in
from server.services.play import is_playback_allowed, open_playback
from server.services.share import find_shared_lesson, make_share_link
from server.wiring import Wiring
from tests.builders import (
    StoppedClock,
    a_lesson,
    a_person,
    a_ready_asset,
    a_school,
    a_share_link,
    an_original,
)

PUBLIC, AREA, SCHOOL, ME = Visibility.PUBLIC, Visibility.AREA, Visibility.SCHOOL, Visibility.ME


@pytest.fixture
def lesson(session: Session, teacher: Person) -> Lesson:
    """A lesson that its teacher wants everybody to see."""
    return a_lesson(session, teacher, title="แสง", published=True, visibility=PUBLIC)


def members(session: Session, room: Classroom) -> list[Enrolment]:
    rows = session.scalars(select(Enrolment).where(Enrolment.classroom_id == room.id)).all()
    session.commit()
    return sorted(rows, key=lambda row: row.created_at)


def answer(session: Session, clock: StoppedClock, lesson: Lesson, **who: object) -> list[Moved]:
    assert lesson.original_id
    wish = WhoIsIn(**who)  # type: ignore[arg-type]  # fields by name
    return say_who_is_in(session, clock, original_id=lesson.original_id, who=wish, by=lesson.owner)


def with_room(session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom) -> None:
    rooms = frozenset({room.id})
    answer(session, clock, lesson, answer=PeopleAnswer.CLASSROOMS, classroom_ids=rooms)


def tick(
    session: Session, clock: StoppedClock, room: Classroom, *reaches: Visibility | None
) -> list[Moved]:
    ids = [row.id for row in members(session, room)]
    ticked = dict(zip(ids, reaches, strict=False))
    by = room.teachers[0].person
    done = tick_consents(session, clock, classroom_id=room.id, reaches=ticked, seen={}, by=by)
    return list(done.moved)


def shown_to(session: Session, lesson: Lesson) -> Visibility:
    with session.begin():
        session.refresh(lesson)
        return lesson.shown_to


def test_a_lesson_goes_as_far_as_the_consents_of_the_whole_class(
    session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom
) -> None:
    with_room(session, clock, lesson, room)
    assert shown_to(session, lesson) is SCHOOL  # no form yet

    tick(session, clock, room, PUBLIC, PUBLIC)
    picture = picture_of(session, lesson=lesson, by=lesson.owner)
    assert (picture.ceiling, picture.step) == (SCHOOL, AREA)
    assert [each.person.display_name for each in picture.missing] == ["ปิติ ชูใจ"]

    [moved] = tick(session, clock, room, PUBLIC, PUBLIC, AREA)
    assert (moved.lesson.id, moved.is_narrower) == (lesson.id, False)
    assert shown_to(session, lesson) is AREA
    tick(session, clock, room, PUBLIC, PUBLIC, PUBLIC)
    assert shown_to(session, lesson) is PUBLIC


def test_only_the_pupils_who_are_named_count(
    session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom
) -> None:
    somchai = members(session, room)[0]
    tick(session, clock, room, AREA, ME)

    pupils = frozenset({somchai.person_id})
    answer(session, clock, lesson, answer=PeopleAnswer.PUPILS, pupil_ids=pupils)

    assert shown_to(session, lesson) is AREA


def test_a_new_file_stays_in_the_school_until_somebody_answers(
    session: Session, clock: StoppedClock, lesson: Lesson, teacher: Person
) -> None:
    session.query(MediaPeople).delete()
    session.commit()

    publish_lesson(session, clock, lesson_id=lesson.id, by=teacher)
    assert shown_to(session, lesson) is SCHOOL
    with pytest.raises(ConsentMissing):
        make_share_link(session, clock, lesson_id=lesson.id, by=teacher)

    answer(session, clock, lesson, answer=PeopleAnswer.NOBODY)
    assert shown_to(session, lesson) is PUBLIC


def test_a_teacher_who_moves_takes_no_pupils_along_to_the_other_school(
    session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom, teacher: Person
) -> None:
    with_room(session, clock, lesson, room)
    elsewhere = a_school(session)
    with session.begin():
        teacher.roles[0].school_id = elsewhere.id
    session.expire_all()
    facts = ClassroomFacts(name="ป.5/1", grades=["P5"])
    other = create_classroom(session, clock, school_id=elsewhere.id, facts=facts, by=teacher)
    to, task = [Recipients(classroom_id=other.id)], Task()

    copy = adapt_lesson(session, clock, lesson_id=lesson.id, by=teacher)
    with pytest.raises(NotAllowed):
        give_lesson(session, clock, lesson_id=lesson.id, to=to, task=task, by=teacher)

    assert copy.school_id == elsewhere.id
    assert (shown_to(session, copy), shown_to(session, lesson)) == (ME, SCHOOL)


def test_what_reaches_less_far_after_it_was_given_leaves_the_other_school(
    session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom, teacher: Person
) -> None:
    elsewhere = a_school(session)
    with session.begin():
        teacher.roles.append(Role(name=RoleName.TEACHER, school_id=elsewhere.id))
    facts = ClassroomFacts(name="ป.5/1", grades=["P5"])
    other = create_classroom(session, clock, school_id=elsewhere.id, facts=facts, by=teacher)
    [pupil] = add_names(session, clock, classroom_id=other.id, text="ด.ช. วีระ กล้า", by=teacher)
    here = members(session, room)[0].person
    with session.begin():
        lesson.visibility = Visibility.CLASSROOM
    to = [Recipients(classroom_id=each.id) for each in (room, other)]
    give_lesson(session, clock, lesson_id=lesson.id, to=to, task=Task(), by=teacher)
    both = {(one.id, lesson.id) for one in (here, pupil.person)}

    def given() -> set[tuple[UUID, UUID]]:
        ids = [one.id for one in (here, pupil.person)]
        with session.begin():
            return given_pairs(session, clock(), person_ids=ids, lesson_ids=[lesson.id])

    assert given() == both
    with_room(session, clock, lesson, room)
    assert given() == {(here.id, lesson.id)}


def test_a_file_that_an_item_uses_counts_like_the_lessons_own(
    session: Session, clock: StoppedClock, lesson: Lesson, teacher: Person, room: Classroom
) -> None:
    other = a_lesson(session, teacher)
    assert other.original_id
    session.add(LessonItemFile(lesson_id=lesson.id, original_id=other.original_id))
    session.commit()

    with_room(session, clock, other, room)

    assert shown_to(session, lesson) is SCHOOL


def test_whoever_comes_later_into_a_class_may_be_in_what_it_recorded(
    session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom, teacher: Person
) -> None:
    with_room(session, clock, lesson, room)
    tick(session, clock, room, PUBLIC, PUBLIC, PUBLIC)

    add_names(session, clock, classroom_id=room.id, text="4 ด.ช. มานี มีนา", by=teacher)

    assert shown_to(session, lesson) is SCHOOL


def test_joining_two_entries_of_a_pupil_keeps_the_narrower_form(
    session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom, teacher: Person
) -> None:
    with_room(session, clock, lesson, room)
    tick(session, clock, room, PUBLIC, ME, PUBLIC)
    kept, other, _ = members(session, room)

    join_pupils(session, clock, enrolment_id=kept.id, same_id=other.id, by=teacher)

    assert shown_to(session, lesson) is ME


def test_ticking_keeps_the_history_and_writes_only_what_is_new(
    session: Session, clock: StoppedClock, room: Classroom
) -> None:
    tick(session, clock, room, SCHOOL, AREA)
    clock.forward(hours=1)
    tick(session, clock, room, SCHOOL, PUBLIC)
    tick(session, clock, room, SCHOOL, None)

    rows = session.scalars(select(PupilConsent).order_by(PupilConsent.id)).all()

    assert [(row.reach, row.replaced_at is None) for row in rows] == [
        (SCHOOL, True),
        (AREA, False),
        (PUBLIC, False),
    ]


def test_a_consent_of_another_year_says_nothing(
    session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom
) -> None:
    tick(session, clock, room, PUBLIC, PUBLIC, PUBLIC)
    session.query(PupilConsent).update({"academic_year": room.academic_year - 1})
    session.commit()

    with_room(session, clock, lesson, room)

    assert shown_to(session, lesson) is SCHOOL


def test_withdrawing_takes_the_lessons_out_of_everything_at_once(
    wiring: Wiring, session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom
) -> None:
    with_room(session, clock, lesson, room)
    tick(session, clock, room, PUBLIC, PUBLIC, PUBLIC)
    link = a_share_link(session, lesson)
    pupil = a_person(session, RoleName.STUDENT, lesson.school)
    playing = open_playback(session, clock, lesson=lesson, person=None)
    ticket = make_ticket("secret", clock, lesson_id=lesson.id)
    reindex(wiring.sessions, wiring.index, clock)
    assert find_lessons(session, wiring.index, Question(text="แสง")).total == 1

    by = room.teachers[0].person
    moved = withdraw_consent(session, clock, enrolment_id=members(session, room)[0].id, by=by)
    drain_outbox(wiring.sessions, wiring.index)

    assert [(each.lesson.id, each.is_narrower) for each in moved] == [(lesson.id, True)]
    assert not may_view_lesson(pupil, lesson, is_given=True)
    for person in (None, pupil):
        with pytest.raises(NotFound):
            get_lesson_for(session, clock, lesson_id=lesson.id, by=person)
        assert newest_lessons(session, viewer=person, most=5) == []
        assert find_lessons(session, wiring.index, Question(text="แสง"), viewer=person).total == 0
    assert not is_playback_allowed(session, clock, session_id=playing.id, asset_id=playing.asset_id)
    with pytest.raises(NotFound):
        open_embed(session, clock, secret="secret", lesson_id=lesson.id)  # noqa: S106
    with pytest.raises(LinkExpired):
        exchange_ticket(session, clock, secret="secret", ticket=ticket, lesson_id=lesson.id)  # noqa: S106
    with pytest.raises(LinkExpired):
        find_shared_lesson(session, link.token)
    assert get_lesson_for(session, clock, lesson_id=lesson.id, by=lesson.owner)  # who can cut it
    wiring.index.close()


def test_an_address_to_keep_a_file_opens_nothing_once_a_consent_is_withdrawn(
    wiring: Wiring, session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    pdf = a_ready_asset(session, kind=AssetKind.DOCUMENT, media_info={"container": "pdf"})
    file = an_original(session, teacher, pdf)
    lesson = a_lesson(session, teacher, original=file, published=True, visibility=PUBLIC)
    session.add(LessonItemFile(lesson_id=lesson.id, original_id=file.id))
    session.commit()
    with_room(session, clock, lesson, room)
    tick(session, clock, room, PUBLIC, PUBLIC, PUBLIC)
    keys = wiring.settings.playback_keys
    paths = [sign_kept_file(keys, lesson.id, clock()), sign_item_file(keys, file.id, clock())]
    for path in paths:
        assert open_original(session, clock, keys=keys, path=path).key

    by = room.teachers[0].person
    withdraw_consent(session, clock, enrolment_id=members(session, room)[0].id, by=by)

    for path in paths:
        with pytest.raises(NotFound):
            open_original(session, clock, keys=keys, path=path)


def test_withdrawing_without_a_form_is_a_refusal(
    session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom, teacher: Person
) -> None:
    with_room(session, clock, lesson, room)

    withdraw_consent(session, clock, enrolment_id=members(session, room)[0].id, by=teacher)

    assert shown_to(session, lesson) is ME
    _, forms = class_consents(session, classroom_id=room.id, by=teacher)
    assert [form.allowed for form in forms] == [ME, None, None]


def test_what_is_said_later_of_a_source_narrows_what_was_adapted_from_it(
    session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom, school: School
) -> None:
    answer(session, clock, lesson, answer=PeopleAnswer.NOBODY)
    by = a_person(session, RoleName.TEACHER, school)
    copy = adapt_lesson(session, clock, lesson_id=lesson.id, by=by)
    copy = adapt_lesson(session, clock, lesson_id=copy.id, by=by)
    answer(session, clock, copy, answer=PeopleAnswer.NOBODY)
    publish_lesson(session, clock, lesson_id=copy.id, by=by)
    changes = LessonChanges(visibility="public")
    edit_lesson(session, clock, lesson_id=copy.id, changes=changes, by=by)
    assert shown_to(session, copy) is PUBLIC

    with_room(session, clock, lesson, room)
    assert shown_to(session, copy) is SCHOOL

    withdraw_consent(
        session, clock, enrolment_id=members(session, room)[0].id, by=room.teachers[0].person
    )
    assert shown_to(session, copy) is ME


def test_a_new_form_after_withdrawing_shows_the_lessons_again(
    session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom, teacher: Person
) -> None:
    with_room(session, clock, lesson, room)
    withdraw_consent(session, clock, enrolment_id=members(session, room)[0].id, by=teacher)

    [moved] = tick(session, clock, room, PUBLIC, PUBLIC, PUBLIC)

    assert not moved.is_narrower
    assert shown_to(session, lesson) is PUBLIC


def test_others_classes_and_pupils_are_not_theirs_to_tick_withdraw_or_name(
    session: Session, clock: StoppedClock, school: School, room: Classroom
) -> None:
    colleague = a_person(session, RoleName.TEACHER, school)
    stranger = a_person(session, RoleName.TEACHER)
    first = members(session, room)[0]
    theirs = a_lesson(session, stranger)

    for person in (colleague, stranger):
        with pytest.raises(NotFound):
            tick_consents(session, clock, classroom_id=room.id, reaches={}, seen={}, by=person)
        with pytest.raises(NotFound):
            withdraw_consent(session, clock, enrolment_id=first.id, by=person)
    for wish in (
        {"answer": PeopleAnswer.CLASSROOMS, "classroom_ids": frozenset({room.id})},
        {"answer": PeopleAnswer.PUPILS, "pupil_ids": frozenset({first.person_id})},
        {"answer": PeopleAnswer.CLASSROOMS},
        {"answer": PeopleAnswer.EARLIER},
    ):
        with pytest.raises(FieldError):
            answer(session, clock, theirs, **wish)


def test_names_of_pupils_stay_in_their_school(
    session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom
) -> None:
    with_room(session, clock, lesson, room)
    elsewhere = a_person(session, RoleName.TEACHER)

    picture = picture_of(session, lesson=lesson, by=elsewhere)

    assert (picture.missing, picture.missing_count) == ([], 3)


def test_a_teacher_is_proposed_the_own_class(
    session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom, teacher: Person
) -> None:
    assert lesson.original
    question = question_of(session, original=lesson.original, by=teacher)

    assert question.own_ids == {room.id}
    assert [len(pupils) for _room, pupils in question.pupils] == [3]
