"""Work that pupils hand in: seen by them and by who teaches the class, and by nobody else."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import FieldError, NotAllowed, NotFound, TooMuch
from server.models.assignments import AnnouncementSeen, Assignment, HandIn
from server.models.base import uuid7
from server.models.classrooms import Classroom
from server.models.content import HandInItem
from server.models.lesson_versions import ItemProgress
from server.models.lessons import Lesson
from server.models.library import Original
from server.models.people import Person, RoleName, School
from server.services.announcements import announce, note_seen
from server.services.assignments import Recipients, Task, give_lesson, withdraw_assignment
from server.services.enrolments import list_pupils
from server.services.hand_ins import (
    HandInChanged,
    HandInClosed,
    Verdict,
    get_hand_in,
    get_hand_in_file,
    hand_in,
    hand_ins_of_class,
    mark_hand_in,
    place_to_hand_in,
    waits_for_teacher,
)
from server.services.merging_pupils import join_pupils
from server.services.tidy import remove_unused_assets
from storage.store import ObjectStore
from tests.builders import StoppedClock, a_lesson, a_person, a_version, an_original

ITEM_ID = uuid7()


@pytest.fixture
def lesson(session: Session, teacher: Person) -> Lesson:
    """Return a lesson at which something is handed in, for at most 10 points."""
    made = a_lesson(session, teacher, published=True)
    a_version(session, made, HandInItem(id=ITEM_ID, title="ใบงาน", is_required=True))
    return made


@dataclass(slots=True)
class Desk:
    """A class to which the lesson was given: its first pupil hands in, its teacher marks."""

    session: Session
    clock: StoppedClock
    lesson: Lesson
    given: Assignment
    pupil: Person
    classmate: Person
    teacher: Person

    def send(self, text: str = "งานของฉัน", *files: UUID, by: Person | None = None) -> HandIn:
        return hand_in(
            self.session,
            self.clock,
            lesson_id=self.lesson.id,
            item_id=ITEM_ID,
            text=text,
            original_ids=files,
            by=by or self.pupil,
        )

    def mark(self, work: HandIn, *, by: Person | None = None, **verdict: Any) -> HandIn:
        said = Verdict(**{"comment": "", **verdict})
        by = by or self.teacher
        return mark_hand_in(self.session, self.clock, hand_in_id=work.id, verdict=said, by=by)

    def read(self) -> list[HandIn | None]:
        found = hand_ins_of_class(
            self.session, assignment_id=self.given.id, item_id=ITEM_ID, by=self.teacher
        )
        return [row for _pupil, row in found.rows]


@pytest.fixture
def desk(
    session: Session, clock: StoppedClock, lesson: Lesson, teacher: Person, room: Classroom
) -> Desk:
    to = [Recipients(classroom_id=room.id)]
    given = give_lesson(session, clock, lesson_id=lesson.id, to=to, task=Task(), by=teacher)[0]
    pupil, classmate, _third = list_pupils(session, clock, classroom=room)
    return Desk(
        session,
        clock,
        lesson,
        given,
        pupil.enrolment.person,
        classmate.enrolment.person,
        teacher,
    )


def test_an_item_of_the_same_id_in_another_lesson_shows_nothing_of_it(
    session: Session, clock: StoppedClock, desk: Desk, room: Classroom
) -> None:
    desk.send("งานของวิชาอื่น")
    other = a_lesson(session, desk.teacher, published=True)
    a_version(session, other, HandInItem(id=ITEM_ID, title="ใบงาน"))
    to = [Recipients(classroom_id=room.id)]

    desk.given = give_lesson(
        session, clock, lesson_id=other.id, to=to, task=Task(), by=desk.teacher
    )[0]

    assert desk.read() == [None, None, None]


def progress(desk: Desk) -> tuple[bool, float | None]:
    desk.session.commit()
    key = {"person_id": desk.pupil.id, "item_id": ITEM_ID}
    row = desk.session.get_one(ItemProgress, key, populate_existing=True)
    return row.done_at is not None, row.score


def test_work_is_handed_in_changed_and_given_back_with_a_mark(desk: Desk) -> None:
    first = desk.send()
    desk.clock.forward(minutes=5)
    work = desk.send("งานใหม่")
    assert [row.text if row else "" for row in desk.read()] == ["งานใหม่", "", ""]

    desk.mark(work, comment="ดีมาก", mark=8.5, read_at=work.handed_in_at)

    assert first.id == work.id
    assert progress(desk) == (True, 0.85)
    with pytest.raises(HandInClosed):
        desk.send("สายไปแล้ว")
    desk.mark(work, comment="ตรวจใหม่", mark=5)
    assert progress(desk) == (True, 0.5)


def test_asked_for_once_more_it_can_be_handed_in_again(desk: Desk) -> None:
    desk.mark(desk.send(), comment="ลองข้อ 3 อีกครั้ง", mark=4, is_final=False)
    desk.clock.forward(minutes=5)

    work = desk.send("แก้ข้อ 3 แล้ว")

    assert (work.mark, work.returned_at, work.comment) == (None, None, "ลองข้อ 3 อีกครั้ง")
    assert waits_for_teacher(work)


def test_what_changed_while_the_teacher_read_is_not_given_back_unread(desk: Desk) -> None:
    read_at = desk.send().handed_in_at
    desk.clock.forward(minutes=1)
    work = desk.send("อีกแบบ")

    with pytest.raises(HandInChanged):
        desk.mark(work, comment="ดี", mark=9, read_at=read_at)

    assert work.returned_at is None


def test_only_the_pupil_and_who_teaches_the_class_see_it(desk: Desk, school: School) -> None:
    session = desk.session
    file, other_file = an_original(session, desk.pupil), an_original(session, desk.teacher)
    work = desk.send("ของฉัน", file.id)
    colleague = a_person(session, RoleName.TEACHER, school)

    for allowed in (desk.pupil, desk.teacher, a_person(session, RoleName.SCHOOL_ADMIN, school)):
        assert get_hand_in(session, hand_in_id=work.id, by=allowed).id == work.id
        found = get_hand_in_file(session, hand_in_id=work.id, original_id=file.id, by=allowed)
        assert found.id == file.id
    for other in (desk.classmate, colleague, a_person(session)):
        with pytest.raises(NotFound):
            get_hand_in(session, hand_in_id=work.id, by=other)
        with pytest.raises(NotFound):
            get_hand_in_file(session, hand_in_id=work.id, original_id=file.id, by=other)
        with pytest.raises(NotFound):
            desk.mark(work, by=other)
    with pytest.raises(NotAllowed):
        desk.mark(work, by=desk.pupil)
    with pytest.raises(NotFound):
        get_hand_in_file(session, hand_in_id=work.id, original_id=other_file.id, by=desk.teacher)


def test_nobody_hands_in_what_was_not_given_to_them(desk: Desk, school: School) -> None:
    session, clock, lesson_id = desk.session, desk.clock, desk.lesson.id
    outsider = a_person(session, RoleName.STUDENT, school)
    with pytest.raises(NotAllowed):
        desk.send(by=outsider)
    with pytest.raises(NotAllowed):
        place_to_hand_in(session, clock, lesson_id=lesson_id, item_id=ITEM_ID, by=outsider)
    with pytest.raises(NotFound):
        place_to_hand_in(session, clock, lesson_id=lesson_id, item_id=uuid4(), by=desk.pupil)
    with pytest.raises(FieldError):
        desk.send("  ")
    with pytest.raises(FieldError):
        desk.send("ก" * 10_001)
    withdraw_assignment(session, clock, assignment_id=desk.given.id, by=desk.teacher)
    with pytest.raises(NotAllowed):
        desk.send()
    assert session.scalar(select(HandIn)) is None


def test_a_file_is_handed_in_by_who_sent_it_for_this_and_once(
    session: Session, clock: StoppedClock, desk: Desk, room: Classroom
) -> None:
    other_id = uuid7()
    other = a_lesson(session, desk.teacher, published=True)
    a_version(session, other, HandInItem(id=other_id))
    to = [Recipients(classroom_id=room.id)]
    give_lesson(session, clock, lesson_id=other.id, to=to, task=Task(), by=desk.teacher)
    owners = (desk.classmate, desk.teacher, desk.pupil, desk.pupil)
    of_classmate, of_teacher, mine, shown = (an_original(session, owner) for owner in owners)
    a_lesson(session, desk.pupil, original=shown)
    desk.send("ของเพื่อน", of_classmate.id, by=desk.classmate)
    work: dict[str, Any] = {
        "lesson_id": other.id,
        "item_id": other_id,
        "text": "งานก่อน",
        "by": desk.pupil,
    }
    hand_in(session, clock, **work, original_ids=[mine.id])

    for foreign in (of_classmate.id, of_teacher.id, mine.id, shown.id, uuid4()):
        with pytest.raises(FieldError):
            desk.send("ไฟล์ที่ไม่ได้ส่งมาเพื่องานนี้", foreign)

    assert {row.text for row in session.scalars(select(HandIn))} == {"ของเพื่อน", "งานก่อน"}
    kept = hand_in(session, clock, **work, original_ids=[mine.id, mine.id])
    assert [file.original_id for file in kept.files] == [mine.id]


def test_nobody_fills_the_disk_with_files_that_are_never_handed_in(desk: Desk) -> None:
    ask = partial(
        place_to_hand_in,
        desk.session,
        desk.clock,
        lesson_id=desk.lesson.id,
        item_id=ITEM_ID,
        by=desk.pupil,
    )
    files = [an_original(desk.session, desk.pupil) for _ in range(30)]

    with pytest.raises(TooMuch):
        ask()

    desk.send("หนึ่งไฟล์", files[0].id)
    assert ask().school_id == desk.pupil.roles[0].school_id


@pytest.mark.parametrize("mark", [-1.0, 10.5, float("nan"), float("inf")])
def test_a_mark_stays_within_the_points(desk: Desk, mark: float) -> None:
    work = desk.send()

    with pytest.raises(FieldError):
        desk.mark(work, mark=mark)


def test_two_entries_of_one_pupil_become_one_with_the_work_of_both(
    desk: Desk, clock: StoppedClock, room: Classroom
) -> None:
    session = desk.session
    first, second, _third = list_pupils(session, clock, classroom=room)
    photo, file = an_original(session, desk.pupil), an_original(session, desk.classmate)
    desk.mark(desk.send("ก่อน", photo.id), comment="ดีมาก", mark=8)
    clock.forward(minutes=1)
    desk.send("หลัง", file.id, by=desk.classmate)
    told = announce(session, clock, classroom_id=room.id, text="สอบ", by=desk.teacher)
    note_seen(session, clock, announcement_ids=[told.id], person_id=desk.classmate.id)

    ids = {"enrolment_id": first.enrolment.id, "same_id": second.enrolment.id}
    join_pupils(session, clock, **ids, by=desk.teacher)

    session.expire_all()
    work = session.scalars(select(HandIn)).one()
    assert (work.person_id, work.text) == (desk.pupil.id, "หลัง\n\nก่อน")
    assert {file.original_id for file in work.files} == {photo.id, file.id}
    assert {file.original.owner_id for file in work.files} == {desk.pupil.id}
    assert (work.mark, work.comment, waits_for_teacher(work)) == (8, "ดีมาก", True)
    assert session.scalars(select(AnnouncementSeen.person_id)).all() == [desk.pupil.id]


def test_files_that_were_handed_in_are_kept_and_others_are_tidied_away(
    desk: Desk, store: ObjectStore
) -> None:
    kept, dropped = (an_original(desk.session, desk.pupil) for _ in range(2))
    desk.send("สองไฟล์", kept.id, dropped.id)
    work = desk.send("เหลือไฟล์เดียว", kept.id)
    desk.clock.forward(days=40)

    remove_unused_assets(desk.session, desk.clock, store)

    assert [file.original_id for file in work.files] == [kept.id]
    desk.session.expire_all()
    own = select(Original.id).where(Original.owner_id == desk.pupil.id)
    assert desk.session.scalars(own).all() == [kept.id]
