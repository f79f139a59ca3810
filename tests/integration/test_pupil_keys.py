"""How pupils come in again: slips, two pictures, a number; and how their sessions end."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import LinkExpired, NotAllowed, NotFound, WrongPassword
from server.models.classrooms import Classroom, PupilKey, SecretKind
from server.models.people import Person, RoleName, School, SignIn
from server.services.class_choices import choose_picture
from server.services.class_joining import Joiner, ask_to_join, claim_session
from server.services.class_waiting import confirm_all
from server.services.classrooms import (
    ClassroomFacts,
    classrooms_of_pupil,
    create_classroom,
    edit_classroom,
)
from server.services.enrolments import enrol_person, list_pupils
from server.services.invitations import accept_as, make_invitation
from server.services.pupil_keys import (
    KeyLocked,
    come_in_by_secret,
    come_in_by_slip,
    make_slips,
    unlock,
)
from server.services.pupil_sign_ins import end_pupil_sign_ins
from server.services.schools import add_role
from server.services.scopes import person_of_token
from tests.builders import StoppedClock, the_picture


def test_slips_keep_hashes_only_and_a_new_one_ends_the_old(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    first = make_slips(session, clock, classroom_id=room.id, by=teacher)
    assert come_in_by_slip(session, clock, token=first[0].token).token
    member = first[0].enrolment.id

    again = make_slips(session, clock, classroom_id=room.id, enrolment_ids=[member], by=teacher)

    with pytest.raises(LinkExpired):
        come_in_by_slip(session, clock, token=first[0].token)
    assert come_in_by_slip(session, clock, token=again[0].token).token
    assert come_in_by_slip(session, clock, token=first[1].token).token
    kept = set(session.scalars(select(PupilKey.secret_hash)))
    assert not kept & {slip.token for slip in (*first, *again)}


def test_a_child_that_guesses_pictures_locks_them_and_the_teacher_opens_them(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    _with_secrets(session, clock, room, teacher, SecretKind.PICTURE)
    (slip, *_others) = make_slips(session, clock, classroom_id=room.id, by=teacher)
    wrong = " ".join(reversed(slip.secret.split()))

    for _ in range(4):
        with pytest.raises(WrongPassword):
            _on_tablet(session, clock, room, slip.enrolment.id, wrong)
    with pytest.raises(KeyLocked):
        _on_tablet(session, clock, room, slip.enrolment.id, slip.secret)

    locked = [row for row in list_pupils(session, clock, classroom=room) if row.locked_kinds]
    assert [row.enrolment.id for row in locked] == [slip.enrolment.id]
    unlock(session, clock, enrolment_id=slip.enrolment.id, by=teacher)
    _on_tablet(session, clock, room, slip.enrolment.id, slip.secret)


def test_a_session_on_a_shared_tablet_is_short_and_of_this_classroom_only(
    session: Session, clock: StoppedClock, school: School, room: Classroom, teacher: Person
) -> None:
    _with_secrets(session, clock, room, teacher, SecretKind.PIN)
    slip = make_slips(session, clock, classroom_id=room.id, by=teacher)[0]
    facts = ClassroomFacts(name="ชุมนุม", grades=["P4"])
    club = create_classroom(session, clock, school_id=school.id, facts=facts, by=teacher)
    with session.begin():
        enrol_person(session, clock, club, slip.enrolment.person)

    token = _on_tablet(session, clock, room, slip.enrolment.id, slip.secret)

    found = person_of_token(session, clock, token)
    assert found is not None
    assert [each.id for each in classrooms_of_pupil(session, person=found.person)] == [room.id]
    clock.forward(hours=2)
    assert person_of_token(session, clock, token) is None


def _with_secrets(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person, kind: SecretKind
) -> None:
    facts = ClassroomFacts(name=room.name, grades=room.grades, secret_kind=kind)
    edit_classroom(session, clock, classroom_id=room.id, facts=facts, by=teacher)


def _on_tablet(
    session: Session, clock: StoppedClock, room: Classroom, enrolment_id: UUID, secret: str
) -> str:
    return come_in_by_secret(
        session, clock, token=room.token, enrolment_id=enrolment_id, secret=secret
    ).token


def test_who_became_more_than_a_pupil_comes_in_by_nothing_that_a_teacher_has_printed(
    session: Session, clock: StoppedClock, school: School, room: Classroom, teacher: Person
) -> None:
    _with_secrets(session, clock, room, teacher, SecretKind.PIN)
    slip = make_slips(session, clock, classroom_id=room.id, by=teacher)[0]
    waiting = ask_to_join(
        session, clock, token=room.token, joiner=Joiner(enrolment_id=slip.enrolment.id)
    )
    choose_picture(session, clock, token=waiting, picture=the_picture(room, clock()))
    confirm_all(session, clock, classroom_id=room.id, by=teacher)
    add_role(
        session,
        clock,
        person_id=slip.enrolment.person_id,
        role=RoleName.TEACHER,
        school_id=school.id,
        by=None,
    )

    with pytest.raises(LinkExpired):
        come_in_by_slip(session, clock, token=slip.token)
    with pytest.raises(NotFound):
        _on_tablet(session, clock, room, slip.enrolment.id, slip.secret)
    with pytest.raises(NotAllowed):
        claim_session(session, clock, token=waiting)


def test_a_confirmed_device_comes_in_no_more_once_the_pupil_was_signed_out_everywhere(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    member = list_pupils(session, clock, classroom=room)[0].enrolment
    joiner = Joiner(enrolment_id=member.id)
    waiting = ask_to_join(session, clock, token=room.token, joiner=joiner)
    choose_picture(session, clock, token=waiting, picture=the_picture(room, clock()))
    confirm_all(session, clock, classroom_id=room.id, by=teacher)

    end_pupil_sign_ins(session, clock, enrolment_id=member.id, by=teacher)

    with pytest.raises(LinkExpired):
        claim_session(session, clock, token=waiting)


def test_a_pupil_without_password_takes_no_teachers_role_from_an_invitation(
    session: Session, clock: StoppedClock, school: School, room: Classroom, teacher: Person
) -> None:
    slip = make_slips(session, clock, classroom_id=room.id, by=teacher)[0]
    token = make_invitation(session, clock, role=RoleName.TEACHER, school_id=school.id, by=None)

    with pytest.raises(NotAllowed):
        accept_as(session, clock, token=token, by=slip.enrolment.person)


def test_a_teacher_sees_and_ends_where_a_pupil_is_signed_in(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    slip = make_slips(session, clock, classroom_id=room.id, by=teacher)[0]
    tokens = [come_in_by_slip(session, clock, token=slip.token).token for _ in range(2)]
    first = session.scalars(select(SignIn.id).order_by(SignIn.id)).first()

    end_pupil_sign_ins(session, clock, enrolment_id=slip.enrolment.id, sign_in_id=first, by=teacher)
    assert [person_of_token(session, clock, token) is None for token in tokens] == [True, False]
    end_pupil_sign_ins(session, clock, enrolment_id=slip.enrolment.id, by=teacher)

    assert person_of_token(session, clock, tokens[1]) is None
