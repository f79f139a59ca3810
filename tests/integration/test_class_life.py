"""Groups of a classroom, and what it is told."""

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from server.errors import FieldError
from server.models.classrooms import Classroom
from server.models.people import Person, School
from server.services.announcements import (
    announce,
    announcements_of,
    announcements_to,
    note_seen,
    remove_announcement,
)
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.enrolments import list_pupils
from server.services.pupil_groups import list_groups, save_group
from tests.builders import (
    StoppedClock,
)
from tests.integration.test_giving import pupils_of


def test_groups_are_chosen_together_and_only_of_pupils_of_the_class(
    session: Session, clock: StoppedClock, school: School, teacher: Person, room: Classroom
) -> None:
    rows = [row.enrolment for row in list_pupils(session, clock, classroom=room)]
    facts = ClassroomFacts(name="ป.5", grades=["P5"])
    other = create_classroom(session, clock, school_id=school.id, facts=facts, by=teacher)

    group = save_group(
        session,
        clock,
        classroom_id=room.id,
        group_id=None,
        name=" กลุ่ม  ก ",
        enrolment_ids=[rows[0].id, rows[2].id, uuid4()],
        by=teacher,
    )

    assert [each.name for each in list_groups(session, classroom_ids=[room.id])] == ["กลุ่ม ก"]
    assert {row.person_id for row in group.members} == {rows[0].person_id, rows[2].person_id}
    with pytest.raises(FieldError):
        save_group(
            session,
            clock,
            classroom_id=other.id,
            group_id=None,
            name="ข",
            enrolment_ids=[rows[0].id],
            by=teacher,
        )


def test_an_announcement_tells_its_teacher_who_has_seen_it(
    session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    told = announce(session, clock, classroom_id=room.id, text=" พรุ่งนี้งดเรียน ", by=teacher)
    announce(session, clock, classroom_id=room.id, text="พรุ่งนี้งดเรียน", by=teacher)
    pupil = pupils_of(session, clock, room)[0]
    assert [each.is_seen for each in announcements_to(session, clock, person=pupil)] == [False]

    for _ in range(2):
        note_seen(session, clock, announcement_ids=[told.id], person_id=pupil.id)

    [shown] = announcements_of(session, classroom_id=room.id, by=teacher)
    assert [row.person_id for row in shown.seen] == [pupil.id]
    assert len(shown.unseen) == 2
    assert [each.is_seen for each in announcements_to(session, clock, person=pupil)] == [True]
    remove_announcement(session, clock, announcement_id=told.id, by=teacher)
    assert announcements_to(session, clock, person=pupil) == []
