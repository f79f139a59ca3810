import hashlib

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import Conflict, FieldError, LinkExpired, NotAllowed, NotFound, WrongPassword
from server.models.people import AuditEntry, Office, RoleName, SignIn
from server.services.invitations import (
    accept_as,
    accept_invitation,
    find_invitation,
    make_invitation,
)
from server.services.joining import NewPerson
from server.services.passwords import HASHER
from server.services.people import (
    change_password,
    create_person,
    end_other_sign_ins,
    end_sign_in,
    first_run,
    list_sign_ins,
    set_active,
    sign_in,
)
from server.services.schools import (
    add_role,
    create_school,
    list_people,
    list_schools,
    remove_role,
    rename_school,
)
from server.services.scopes import person_of_token
from server.services.sign_ins import Device
from tests.builders import PASSWORD, StoppedClock, a_person, a_school

FLOWER = "ดอกไม้สีขาว"
NEW = "รหัสใหม่ที่ยาว"
MALI = NewPerson(user_name="Mali", display_name="ครูมะลิ", password=FLOWER)


def acts_noted(session: Session) -> list[str]:
    with session.begin():
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_person_signs_in_with_any_capitals_and_spaces(
    session: Session, clock: StoppedClock
) -> None:
    create_person(session, clock, new=MALI)

    result = sign_in(
        session, clock, user_name="  MALI ", password=FLOWER, device=Device(name="Chrome")
    )

    found = person_of_token(session, clock, result.token)
    assert found is not None
    assert found.person.display_name == "ครูมะลิ"
    assert [row.device for row in list_sign_ins(session, clock, person=found.person)] == ["Chrome"]


def test_the_token_itself_is_kept_nowhere(session: Session, clock: StoppedClock) -> None:
    person = a_person(session)

    token = sign_in(session, clock, user_name=person.user_name, password=PASSWORD).token

    kept = session.scalars(select(SignIn.token_sha256)).one()
    assert kept == hashlib.sha256(token.encode()).hexdigest()
    assert len(token) >= 43


@pytest.mark.parametrize(("name", "password"), [("nobody", PASSWORD), ("somchai", "wrong")])
def test_an_unknown_name_and_a_wrong_password_are_told_alike(
    session: Session, clock: StoppedClock, name: str, password: str
) -> None:
    a_person(session, user_name="somchai")

    with pytest.raises(WrongPassword) as refused:
        sign_in(session, clock, user_name=name, password=password)

    assert str(refused.value) == "unknown name or wrong password"


def test_a_sign_in_ends_on_the_server_and_only_its_own_person_ends_it(
    session: Session, clock: StoppedClock
) -> None:
    person, stranger = a_person(session), a_person(session)
    result = sign_in(session, clock, user_name=person.user_name, password=PASSWORD)

    with pytest.raises(NotFound):
        end_sign_in(session, clock, sign_in_id=result.sign_in.id, by=stranger)
    end_sign_in(session, clock, sign_in_id=result.sign_in.id, by=person)

    assert person_of_token(session, clock, result.token) is None


def test_a_sign_in_ends_by_itself_after_thirty_days(session: Session, clock: StoppedClock) -> None:
    person = a_person(session)
    token = sign_in(session, clock, user_name=person.user_name, password=PASSWORD).token

    clock.forward(days=30)

    assert person_of_token(session, clock, token) is None


def test_signing_out_the_others_keeps_this_device(session: Session, clock: StoppedClock) -> None:
    person = a_person(session)
    here, lost = (
        sign_in(session, clock, user_name=person.user_name, password=PASSWORD) for _ in range(2)
    )

    end_other_sign_ins(session, clock, by=person, keep_id=here.sign_in.id)

    assert person_of_token(session, clock, here.token) is not None
    assert person_of_token(session, clock, lost.token) is None


def test_a_new_password_signs_out_other_devices(session: Session, clock: StoppedClock) -> None:
    person = a_person(session)
    token = sign_in(session, clock, user_name=person.user_name, password=PASSWORD).token

    change_password(session, clock, by=person, old=PASSWORD, new=NEW)

    assert person_of_token(session, clock, token) is None
    sign_in(session, clock, user_name=person.user_name, password=NEW)
    with pytest.raises(WrongPassword):
        change_password(session, clock, by=person, old=PASSWORD, new=NEW)


def test_a_weaker_hash_of_old_is_replaced_at_sign_in(session: Session, clock: StoppedClock) -> None:
    person = a_person(session)
    weak = type(HASHER)(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with session.begin():
        person.password_hash = weak

    sign_in(session, clock, user_name=person.user_name, password=PASSWORD)

    assert not HASHER.check_needs_rehash(person.password_hash)


def test_who_is_switched_off_is_out_everywhere(session: Session, clock: StoppedClock) -> None:
    person, admin = a_person(session), a_person(session, RoleName.OFFICE_ADMIN)
    token = sign_in(session, clock, user_name=person.user_name, password=PASSWORD).token

    set_active(session, clock, person_id=person.id, is_active=False, by=admin)

    assert person_of_token(session, clock, token) is None
    with pytest.raises(WrongPassword):
        sign_in(session, clock, user_name=person.user_name, password=PASSWORD)
    with pytest.raises(Conflict):
        set_active(session, clock, person_id=admin.id, is_active=False, by=admin)
    with pytest.raises(NotAllowed):
        set_active(session, clock, person_id=admin.id, is_active=False, by=person)


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("user_name", NewPerson(user_name="a b", display_name="", password=FLOWER)),
        ("user_name", NewPerson(user_name="SOMCHAI", display_name="", password=FLOWER)),
        ("display_name", NewPerson(user_name="x1", display_name="ก" * 201, password=FLOWER)),
        ("password", NewPerson(user_name="x1", display_name="", password=FLOWER[:7])),
        ("password", NewPerson(user_name="x1", display_name="", password=FLOWER * 20)),
    ],
)
def test_what_cannot_be_taken_names_its_field(
    session: Session, clock: StoppedClock, field: str, new: NewPerson
) -> None:
    a_person(session, user_name="somchai")

    with pytest.raises(FieldError) as refused:
        create_person(session, clock, new=new)

    assert refused.value.field == field


def test_an_invitation_makes_one_person_once(session: Session, clock: StoppedClock) -> None:
    school, admin = a_school(session), a_person(session, RoleName.OFFICE_ADMIN)
    token = make_invitation(
        session, clock, role=RoleName.SCHOOL_ADMIN, school_id=school.id, by=admin
    )
    _, invited_to = find_invitation(session, clock, token)

    person = accept_invitation(session, clock, token=token, new=MALI)

    assert invited_to is not None
    assert invited_to.id == school.id
    assert [(role.name, role.school_id) for role in person.roles] == [("school_admin", school.id)]
    with pytest.raises(LinkExpired):
        accept_invitation(session, clock, token=token, new=MALI)
    assert acts_noted(session) == ["invitation.make", "invitation.use", "role.add"]


def test_an_invitation_is_too_old_after_seven_days(session: Session, clock: StoppedClock) -> None:
    school = a_school(session)
    token = make_invitation(session, clock, role=RoleName.TEACHER, school_id=school.id, by=None)

    clock.forward(days=7)

    with pytest.raises(LinkExpired):
        find_invitation(session, clock, token)


def test_a_taken_name_leaves_the_invitation_for_another_try(
    session: Session, clock: StoppedClock
) -> None:
    school = a_school(session)
    a_person(session, user_name="mali")
    token = make_invitation(session, clock, role=RoleName.TEACHER, school_id=school.id, by=None)

    with pytest.raises(FieldError):
        accept_invitation(session, clock, token=token, new=MALI)

    find_invitation(session, clock, token)


def test_who_is_signed_in_adds_the_invited_role(session: Session, clock: StoppedClock) -> None:
    school, person = a_school(session), a_person(session)
    token = make_invitation(
        session, clock, role=RoleName.SCHOOL_ADMIN, school_id=school.id, by=None
    )

    accept_as(session, clock, token=token, by=person)

    assert {role.name for role in person.roles} == {RoleName.TEACHER, RoleName.SCHOOL_ADMIN}


def test_school_administrators_invite_to_their_own_school_alone(
    session: Session, clock: StoppedClock
) -> None:
    own, other = a_school(session), a_school(session)
    admin = a_person(session, RoleName.SCHOOL_ADMIN, own)

    make_invitation(session, clock, role=RoleName.TEACHER, school_id=own.id, by=admin)

    with pytest.raises(NotAllowed):
        make_invitation(session, clock, role=RoleName.TEACHER, school_id=other.id, by=admin)
    with pytest.raises(NotAllowed):
        make_invitation(session, clock, role=RoleName.OFFICE_ADMIN, school_id=None, by=admin)
    assert [school.id for school in list_schools(session, by=admin)] == [own.id]


def test_roles_are_given_and_taken_but_the_office_keeps_an_administrator(
    session: Session, clock: StoppedClock
) -> None:
    school, admin = a_school(session), a_person(session, RoleName.OFFICE_ADMIN)
    person = a_person(session, RoleName.STUDENT, school)

    for _ in range(2):  # the second time nothing happens
        add_role(
            session,
            clock,
            person_id=person.id,
            role=RoleName.TEACHER,
            school_id=school.id,
            by=admin,
        )
    assert [found.id for found in list_people(session, school_id=school.id, by=admin)] == [
        person.id
    ]
    remove_role(session, clock, role_id=person.roles[1].id, by=admin)

    assert [role.name for role in person.roles] == [RoleName.STUDENT]
    with pytest.raises(FieldError):
        remove_role(session, clock, role_id=admin.roles[0].id, by=admin)
    with pytest.raises(NotAllowed):
        list_people(session, school_id=school.id, by=person)


def test_a_school_code_is_unique_and_only_the_office_makes_schools(
    session: Session, clock: StoppedClock
) -> None:
    admin = a_person(session, RoleName.OFFICE_ADMIN)
    codes = [("smis", "70010001")]
    school = create_school(session, clock, name=" บ้านไร่  ", by=admin, identifiers=codes)

    rename_school(session, clock, school_id=school.id, name="บ้านไร่ใหม่", by=admin)

    assert school.name == "บ้านไร่ใหม่"
    with pytest.raises(FieldError):
        create_school(session, clock, name="อื่น", by=admin, identifiers=codes)
    with pytest.raises(FieldError):
        create_school(session, clock, name=" ", by=admin)
    with pytest.raises(NotAllowed):
        create_school(session, clock, name="อื่น", by=a_person(session))


def test_the_first_run_happens_once(session: Session, clock: StoppedClock) -> None:
    def run(user_name: str) -> None:
        first_run(
            session,
            clock,
            office_name="สพป.พิจิตร เขต 1",
            user_name=user_name,
            display_name="ผู้ดูแล",
            password=FLOWER,
        )

    run("admin")

    assert session.scalars(select(Office.name)).one() == "สพป.พิจิตร เขต 1"
    result = sign_in(session, clock, user_name="admin", password=FLOWER)
    assert [role.name for role in result.person.roles] == [RoleName.OFFICE_ADMIN]
    with pytest.raises(Conflict):
        run("second")
