"""What a session opens of its person's: found out where a cookie or a playback is read.

By a password everything is open. Through a home class the whole account is, or what is of that
school where the pupil learns at others, too; through any other classroom that classroom. Sessions
of one person add up where the browser held the one when the other began: a shared secret of the
device would let in who copied it. Why so: docs/decisions/0033.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from server.models.classrooms import Classroom, ClassroomLoan, Enrolment, HomePlace
from server.models.people import WHOLE_ACCOUNT, Person, Scope, SignIn, SignInWay
from server.policy import home_opens_all, may_stand_in
from server.services.clock import Clock
from server.services.home_places import is_newest_home
from server.services.joining import sha256_of


@dataclass(frozen=True, slots=True)
class SignedInHere:
    """Who a browser's cookie stands for, with the scope of the session, and the session."""

    person: Person
    sign_in: SignIn


def person_of_token(session: Session, now: Clock, token: str) -> SignedInHere | None:
    """Return who a cookie's token stands for; None when it ended, is too old, or never was.

    When its class has ended it, another session that adds up with it goes on.
    """
    wanted = (
        select(Person, SignIn)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(SignIn.token_sha256 == sha256_of(token), Person.is_active)
    )
    with session.begin():
        row = session.execute(wanted).one_or_none()
        if row is None:
            return None
        person, found = row
        sign_in = _open_one(session, now(), found)
        if sign_in is None:
            return None
        person.scope = scope_of(session, now(), person, sign_in)
    return SignedInHere(person, sign_in)


def scope_of(session: Session, at: datetime, person: Person, sign_in: SignIn) -> Scope:
    """Return what the session opens, together with those that add up with it.

    Inside the caller's transaction.
    """
    rows = session.execute(_together(at, sign_in)).all() if sign_in.classroom_id else []
    if sign_in.way is SignInWay.PASSWORD or any(row.way is SignInWay.PASSWORD for row in rows):
        return _with_loans(session, at, person)
    at_home = {row.school_id for row in rows if row.opens_account and row.home_id}
    if at_home and home_opens_all(person, at_home, session.scalars(_learns_at(person.id)).all()):
        return WHOLE_ACCOUNT
    rooms = {(row.classroom_id, row.school_id) for row in rows if row.classroom_id}
    if at_home:
        rooms |= {
            (id_, school_id) for id_, school_id in session.execute(_rooms_at(person.id, at_home))
        }
    return Scope(
        is_whole=False,
        classroom_ids=frozenset(room_id for room_id, _ in rooms),
        school_ids=frozenset(school_id for _, school_id in rooms),
    )


def is_open(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a sign-in is good now."""
    return and_(SignIn.ended_at.is_(None), SignIn.expires_at > at)


def _open_one(session: Session, at: datetime, found: SignIn) -> SignIn | None:
    if found.ended_at is None and found.expires_at > at:
        return found
    others = select(SignIn).where(_adds_up(found), is_open(at))
    return session.scalars(others.order_by(SignIn.created_at.desc()).limit(1)).first()


def _adds_up(sign_in: SignIn) -> ColumnElement[bool]:
    """Return the condition on sessions that count together with this one, and on itself.

    Those that the browser held before: whoever kept an older token gains nothing by what begins
    later. Two pictures and a number are soon known to others: they never open more than their
    classroom.
    """
    is_same = SignIn.id == sign_in.id
    if sign_in.way in (SignInWay.PICTURE, SignInWay.PIN):
        return is_same
    first_id = sign_in.beside_id or sign_in.id
    is_beside = or_(SignIn.id == first_id, SignIn.beside_id == first_id)
    is_older = SignIn.id < sign_in.id  # keys are in the order of time
    return or_(is_same, and_(SignIn.person_id == sign_in.person_id, is_beside, is_older))


def _together(
    at: datetime, sign_in: SignIn
) -> Select[SignInWay, UUID | None, bool, UUID | None, UUID | None]:
    is_home = and_(
        HomePlace.person_id == SignIn.person_id,
        HomePlace.classroom_id == SignIn.classroom_id,
        is_newest_home(),
    )
    return (
        select(
            SignIn.way,
            SignIn.classroom_id,
            SignIn.opens_account,
            Classroom.school_id,
            HomePlace.id.label("home_id"),
        )
        .outerjoin(Classroom, Classroom.id == SignIn.classroom_id)
        .outerjoin(HomePlace, is_home)
        .where(_adds_up(sign_in), is_open(at))
    )


def _learns_at(person_id: UUID) -> Select[UUID]:
    """Return the schools in which the person has a place now."""
    return (
        select(Classroom.school_id)
        .join(Enrolment, Enrolment.classroom_id == Classroom.id)
        .where(Enrolment.person_id == person_id, Enrolment.left_at.is_(None))
        .distinct()
    )


def _rooms_at(person_id: UUID, school_ids: Collection[UUID]) -> Select[UUID, UUID]:
    """Return the classrooms of a pupil at these schools, with their school, also former ones."""
    return (
        select(Classroom.id, Classroom.school_id)
        .join(Enrolment, Enrolment.classroom_id == Classroom.id)
        .where(Enrolment.person_id == person_id, Classroom.school_id.in_(school_ids))
    )


def _with_loans(session: Session, at: datetime, person: Person) -> Scope:
    """Return the whole account, with the classrooms in which the person stands in now."""
    if not may_stand_in(person):
        return WHOLE_ACCOUNT
    lent = select(ClassroomLoan.classroom_id).where(
        ClassroomLoan.person_id == person.id,
        ClassroomLoan.starts_at <= at,
        ClassroomLoan.ends_at > at,
    )
    lent_ids = frozenset(session.scalars(lent))
    return Scope(lent_ids=lent_ids) if lent_ids else WHOLE_ACCOUNT
