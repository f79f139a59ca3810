"""A lost password: who makes the link, what its use does, and when it ends; on both databases."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, SessionTransaction

from server.errors import AppError, Conflict, FieldError, LinkExpired, NotAllowed, WrongPassword
from server.models.people import AuditEntry, PasswordLink, Person, RoleName, School
from server.request_context import RequestSession
from server.services.joining import give_role
from server.services.password_links import (
    find_password_link,
    make_password_link,
    password_news,
    refuse_password_links,
    use_password_link,
)
from server.services.people import (
    change_password,
    replace_first_password,
    set_active,
    sign_in,
)
from server.services.schools import remove_role
from server.services.scopes import person_of_token
from server.services.sign_ins import open_sign_ins
from server.services.tidy import forget_ended_sessions
from tests.builders import PASSWORD, StoppedClock, a_person, a_school, a_sign_in, at_noon
from tests.write_guard import building

NEW = "ลมพัดใบตาลหน้าหนาว"


@pytest.fixture
def admin(session: Session, school: School) -> Person:
    """An administrator of the school where `teacher` teaches."""
    return a_person(session, RoleName.SCHOOL_ADMIN, school, display_name="ผอ.วิชัย รักเรียน")


@pytest.fixture
def link(session: Session, clock: StoppedClock, teacher: Person, admin: Person) -> str:
    """The token of a link that the administrator made for the teacher."""
    return make_password_link(session, clock, person_id=teacher.id, by=admin)[0]


@pytest.fixture
def sessions(engine: Engine) -> Callable[[], Session]:
    """Sessions as POST requests have, on both databases."""
    return lambda: RequestSession(engine, expire_on_commit=False, info={"changes": True})


class Interrupted(RequestSession):
    """A session in which something happens after the first transaction."""

    def begin(self, nested: bool = False) -> SessionTransaction:  # noqa: FBT001, FBT002 (inherited)
        """Begin; before the second one, let it happen."""
        self.info["begun_count"] = self.info.get("begun_count", 0) + 1
        if self.info["begun_count"] == 2:
            self.info["between"]()
        return super().begin(nested)


def acts_noted(session: Session) -> list[str]:
    with session.begin():
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_its_use_sets_the_password_signs_everybody_out_and_is_noted(
    session: Session, clock: StoppedClock, teacher: Person, admin: Person, link: str
) -> None:
    phone = a_sign_in(session, teacher, clock())

    use_password_link(session, clock, token=link, password=NEW)

    assert person_of_token(session, clock, phone) is None
    sign_in(session, clock, user_name=teacher.user_name, password=NEW)
    with pytest.raises(WrongPassword):
        sign_in(session, clock, user_name=teacher.user_name, password=PASSWORD)
    assert acts_noted(session) == ["password_link.make", "password_link.use"]
    (news,) = password_news(session, clock, person=teacher)
    assert (news.made_by, news.used_at) == (admin.display_name, clock())


def test_until_it_is_used_nothing_changes(
    session: Session, clock: StoppedClock, teacher: Person, link: str
) -> None:
    phone = a_sign_in(session, teacher, clock())

    _link, whose = find_password_link(session, clock, token=link)

    assert whose.id == teacher.id
    assert person_of_token(session, clock, phone) is not None
    sign_in(session, clock, user_name=teacher.user_name, password=PASSWORD)


def test_a_password_that_is_not_taken_leaves_the_link_for_another_try(
    session: Session, clock: StoppedClock, teacher: Person, link: str
) -> None:
    with pytest.raises(FieldError):
        use_password_link(session, clock, token=link, password="password1234")  # noqa: S106

    use_password_link(session, clock, token=link, password=NEW)


def test_it_ends_after_its_use_and_after_a_day(
    session: Session, clock: StoppedClock, teacher: Person, admin: Person, link: str
) -> None:
    use_password_link(session, clock, token=link, password=NEW)
    late, _whose = make_password_link(session, clock, person_id=teacher.id, by=admin)
    clock.forward(days=1)

    for token in (link, late, "never-was"):
        with pytest.raises(LinkExpired):
            use_password_link(session, clock, token=token, password=PASSWORD)


def test_a_newer_one_ends_the_older(
    session: Session, clock: StoppedClock, teacher: Person, admin: Person, link: str
) -> None:
    newer, _whose = make_password_link(session, clock, person_id=teacher.id, by=admin)

    with pytest.raises(LinkExpired):
        use_password_link(session, clock, token=link, password=NEW)
    use_password_link(session, clock, token=newer, password=NEW)


def ends_by_a_change(session: Session, teacher: Person, _admin: Person) -> None:
    change_password(session, at_noon, by=teacher, old=PASSWORD, new=NEW)


def ends_by_refusal(session: Session, teacher: Person, _admin: Person) -> None:
    refuse_password_links(session, at_noon, by=teacher)


def maker_loses_the_role(session: Session, _teacher: Person, admin: Person) -> None:
    office = a_person(session, RoleName.OFFICE_ADMIN)
    remove_role(session, at_noon, role_id=admin.roles[0].id, by=office)


def maker_is_switched_off(session: Session, _teacher: Person, admin: Person) -> None:
    office = a_person(session, RoleName.OFFICE_ADMIN)
    set_active(session, at_noon, person_id=admin.id, is_active=False, by=office)


def person_is_switched_off(session: Session, teacher: Person, _admin: Person) -> None:
    office = a_person(session, RoleName.OFFICE_ADMIN)
    set_active(session, at_noon, person_id=teacher.id, is_active=False, by=office)


def person_is_promoted(session: Session, teacher: Person, _admin: Person) -> None:
    with session.begin():
        give_role(session, at_noon, teacher, RoleName.OFFICE_ADMIN, None, None)


def person_joins_another_school(session: Session, teacher: Person, _admin: Person) -> None:
    other = a_school(session)
    with session.begin():
        give_role(session, at_noon, teacher, RoleName.TEACHER, other.id, None)


@pytest.mark.parametrize(
    "happens",
    [
        ends_by_a_change,
        ends_by_refusal,
        maker_loses_the_role,
        maker_is_switched_off,
        person_is_switched_off,
        person_is_promoted,
        person_joins_another_school,
    ],
    ids=lambda happens: happens.__name__,
)
def test_it_ends_when_something_happens_between(
    session: Session,
    clock: StoppedClock,
    teacher: Person,
    admin: Person,
    link: str,
    happens: Callable[[Session, Person, Person], None],
) -> None:
    happens(session, teacher, admin)

    with pytest.raises(LinkExpired):
        find_password_link(session, clock, token=link)
    with pytest.raises(LinkExpired):
        use_password_link(session, clock, token=link, password=NEW)


def test_from_the_machine_it_is_for_everybody_with_a_password(
    session: Session, clock: StoppedClock, office: object
) -> None:
    last = a_person(session, RoleName.OFFICE_ADMIN)
    token, _whose = make_password_link(session, clock, person_id=last.id, by=None)

    use_password_link(session, clock, token=token, password=NEW)

    (news,) = password_news(session, clock, person=last)
    assert news.made_by is None
    pupil = a_person(session, RoleName.STUDENT)
    with session.begin():
        pupil.password_hash = ""
    with pytest.raises(Conflict):
        make_password_link(session, clock, person_id=pupil.id, by=None)


def test_a_first_password_is_replaced_once_and_by_another(
    session: Session, clock: StoppedClock, teacher: Person
) -> None:
    with session.begin():
        teacher.needs_new_password = True
    elsewhere = a_sign_in(session, teacher, clock())

    with pytest.raises(FieldError):
        replace_first_password(session, clock, by=teacher, new=PASSWORD)
    replace_first_password(session, clock, by=teacher, new=NEW)

    assert person_of_token(session, clock, elsewhere) is None
    sign_in(session, clock, user_name=teacher.user_name, password=NEW)
    with pytest.raises(NotAllowed):
        replace_first_password(session, clock, by=teacher, new=PASSWORD)


def test_of_two_who_use_it_at_once_one_does(
    engine: Engine, sessions: Callable[[], Session]
) -> None:
    with building(engine) as session:
        person = a_person(session)
        token, _whose = make_password_link(session, at_noon, person_id=person.id, by=None)
    ready, outcomes = Barrier(4), list[str]()

    def use(number: int) -> None:
        with sessions() as own:
            ready.wait()
            try:
                use_password_link(own, at_noon, token=token, password=f"{NEW} {number}")
            except AppError as error:
                outcomes.append(error.code)
            else:
                outcomes.append(f"set {number}")

    threads = [Thread(target=use, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (winner,) = (each for each in outcomes if each.startswith("set"))
    assert sorted(outcomes) == sorted([winner, *["link_expired"] * 3])
    with sessions() as session:
        sign_in(session, at_noon, user_name=person.user_name, password=f"{NEW} {winner.split()[1]}")


def test_who_signs_in_with_the_old_password_while_a_new_one_is_set_stays_out(
    engine: Engine, sessions: Callable[[], Session]
) -> None:
    with building(engine) as session:
        person = a_person(session)
        token, _whose = make_password_link(session, at_noon, person_id=person.id, by=None)

    def set_new() -> None:
        with sessions() as other:
            use_password_link(other, at_noon, token=token, password=NEW)

    slow = Interrupted(engine, expire_on_commit=False, info={"changes": True, "between": set_new})
    with slow, pytest.raises(WrongPassword):
        sign_in(slow, at_noon, user_name=person.user_name, password=PASSWORD)

    with sessions() as session:
        assert open_sign_ins(session, at_noon, person.id) == []


def test_links_are_forgotten_with_the_traffic_logs(
    session: Session, clock: StoppedClock, link: str
) -> None:
    def kept() -> int:
        with session.begin():
            return len(session.scalars(select(PasswordLink)).all())

    clock.forward(days=90)
    forget_ended_sessions(session, clock)
    kept_so_far = kept()
    clock.forward(days=2)
    forget_ended_sessions(session, clock)

    assert (kept_so_far, kept()) == (1, 0)
