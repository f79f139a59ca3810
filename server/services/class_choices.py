"""A device that waits shows that it is with the class: it chooses the picture the teacher shows."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from server.models.classrooms import Classroom, Enrolment, JoinRequest
from server.models.people import Person
from server.services.class_joining import find_request, still_waiting
from server.services.clock import Clock
from server.services.find_row import find_row
from server.services.joining import sha256_of
from server.services.open_rooms import is_right_picture, opened_since
from server.services.waiting_room import Tally, chose_right, may_choose


class Choice(StrEnum):
    """What a device that waits is to do about the picture."""

    ASKED = "asked"
    RIGHT = "right"  # chosen; the teacher lets it in with all others
    NO_MORE = "no_more"  # wrong too often: the teacher looks at who it is
    CLOSED = "closed"  # no picture is shown now


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDevice:
    """What the page of a waiting device shows: under which name, as it was chosen or typed.

    `link` leads back to the names; empty when it has closed.
    """

    name: str
    link: str
    choice: Choice
    is_confirmed: bool


def waiting_device(session: Session, now: Clock, *, token: str) -> WaitingDevice:
    """Return what this device waits for. Raises WaitEnded."""
    row = find_request(session, now, token=token)
    with session.begin():
        classroom = find_row(session, Classroom, row.classroom_id)
        return WaitingDevice(
            name=_name_shown(session, row),
            link=classroom.token if classroom.code_ends_at > now() else "",
            choice=_choice(session, now, classroom, row),
            is_confirmed=row.confirmed_at is not None,
        )


def choose_picture(session: Session, now: Clock, *, token: str, picture: int) -> Choice:
    """Take a choice; ASKED means that it was wrong and one more is left.

    Raises WaitEnded.
    """
    held = select(JoinRequest).where(JoinRequest.token_sha256 == sha256_of(token))
    with session.begin():
        found = session.scalar(held.with_for_update().execution_options(populate_existing=True))
        row = still_waiting(now, found)
        classroom = find_row(session, Classroom, row.classroom_id)
        if _choice(session, now, classroom, row) is not Choice.ASKED:
            return _choice(session, now, classroom, row)
        if is_right_picture(classroom, picture, now()):
            row.chose_right_at = now()
        else:
            row.wrong_count = _wrong_in_this_opening(row, classroom, now) + 1
            row.wrong_at = now()
        session.flush()
        return _choice(session, now, classroom, row)


def _name_shown(session: Session, row: JoinRequest) -> str:
    """Return the name without telling more of it than is known on this device."""
    if row.typed_name:
        return row.typed_name
    member = session.get(Enrolment, row.enrolment_id) if row.enrolment_id else None
    person = member.person if member else session.get(Person, row.person_id)
    return person.display_name.partition(" ")[0] if person else ""


def _choice(session: Session, now: Clock, classroom: Classroom, row: JoinRequest) -> Choice:
    opened_at = opened_since(classroom, now())
    if opened_at is None:
        return Choice.CLOSED
    if row.confirmed_at or chose_right(row.chose_right_at, opened_at):
        return Choice.RIGHT
    since = JoinRequest.wrong_at >= opened_at
    wrong = func.coalesce(func.sum(case((since, JoinRequest.wrong_count), else_=0)), 0)
    right = func.count(case((JoinRequest.chose_right_at >= opened_at, 1)))
    here = select(wrong, right).where(JoinRequest.classroom_id == classroom.id)
    of_address = session.execute(here.where(JoinRequest.address_key == row.address_key)).one()
    of_device = session.execute(here.where(_same_device(row))).one()
    is_free = may_choose(wrong_of_device=of_device[0], of_address=Tally(*of_address))
    return Choice.ASKED if is_free else Choice.NO_MORE


def _wrong_in_this_opening(row: JoinRequest, classroom: Classroom, now: Clock) -> int:
    opened_at = opened_since(classroom, now())
    is_of_this = row.wrong_at is not None and opened_at is not None and row.wrong_at >= opened_at
    return row.wrong_count if is_of_this else 0


def _same_device(row: JoinRequest) -> ColumnElement[bool]:
    if not row.device_sha256:
        return JoinRequest.id == row.id
    return JoinRequest.device_sha256 == row.device_sha256
