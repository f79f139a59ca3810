"""What the pages of classrooms are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import segno
from flask import url_for

from server.models.classrooms import Classroom, Enrolment, KeyKind
from server.services.class_waiting import Waiting
from server.services.classrooms import ListedClassroom
from server.services.device_pupils import PupilHere
from server.services.enrolments import Pupil
from server.services.names import alike_among, short_name
from server.services.open_rooms import is_for_small, shown_picture
from server.services.pupil_sign_ins import PupilSignIn
from server.web.account_cards import device_name
from server.web.choices import grades_text
from server.web.classroom_words import picture_labels, way_labels
from server.web.dates import shown_year


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassroomCard:
    """A classroom in lists and heads of pages."""

    id: UUID
    name: str
    grades: str
    school: str
    year: str
    is_small: bool = False  # children who come in by slips and pictures
    pupil_count: int = 0
    waiting_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCard:
    """How pupils come in: the code in two halves, and the link with its picture."""

    halves: tuple[str, str]
    url: str
    short_url: str
    qr_svg: str
    ends_at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomCard:
    """A room that is open for a lesson, and the picture by which the teacher knows who is there."""

    ends_at: datetime
    picture: int
    picture_label: str
    picture_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilCard:
    """A pupil in the register."""

    enrolment_id: UUID
    name: str
    list_number: int | None
    student_number: str
    has_come: bool
    is_signed_in: bool
    is_locked: bool
    has_slip: bool
    is_alike: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilSignInCard:
    """A session of a pupil; `let_in_by` is empty where no teacher did."""

    id: UUID
    device: str
    created_at: datetime
    way: str
    classroom: str
    let_in_by: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCard:
    """A device that waits; `alike` are (enrolment, name) who may be meant.

    `typed` is what was typed where it agrees with the list; `in_on` the device on which somebody
    of this name is in, since `in_since`.
    """

    request_id: UUID
    name: str
    typed: str
    device: str
    created_at: datetime
    has_chosen: bool
    is_new: bool
    is_double: bool
    is_in: bool
    is_doubted: bool
    is_late: bool
    in_on: str
    in_since: datetime | None
    alike: Sequence[tuple[UUID, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameChoice:
    """A name that a pupil may choose."""

    enrolment_id: UUID
    name: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilHereCard:
    """A pupil who is kept on this phone; `asks` is picture, pin or none."""

    person_id: UUID
    name: str
    asks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipCard:
    """One printed slip; `pictures` are numbers, `pin` is empty for them."""

    name: str
    number: str
    qr_svg: str
    pictures: Sequence[int]
    pin: str


def classroom_card(classroom: Classroom, *, pupils: int = 0, waiting: int = 0) -> ClassroomCard:
    """Return a classroom for people to read."""
    return ClassroomCard(
        id=classroom.id,
        name=classroom.name,
        grades=grades_text(classroom.grades),
        school=classroom.school.name,
        year=shown_year(classroom.academic_year),
        is_small=is_for_small(classroom.grades),
        pupil_count=pupils,
        waiting_count=waiting,
    )


def listed_card(listed: ListedClassroom, waiting: int) -> ClassroomCard:
    """Return a classroom with how many pupils it has and how many wait."""
    return classroom_card(listed.classroom, pupils=listed.pupil_count, waiting=waiting)


def code_card(classroom: Classroom, now: datetime) -> CodeCard:
    """Return code, link and QR code."""
    url = url_for("joining.choose_name", token=classroom.token, _external=True)
    short_url = url_for("joining.enter_code", _external=True).partition("://")[2]
    return CodeCard(
        halves=(classroom.code[:3], classroom.code[3:]),
        url=url,
        short_url=short_url,
        qr_svg=qr_code(url),
        ends_at=classroom.code_ends_at,
        is_open=classroom.code_ends_at > now,
    )


def room_card(classroom: Classroom, now: datetime) -> RoomCard | None:
    """Return the picture to show or say; None while the room is not open."""
    shown = shown_picture(classroom, now)
    if shown is None or classroom.room_ends_at is None:
        return None
    picture, until = shown
    return RoomCard(
        ends_at=classroom.room_ends_at,
        picture=picture,
        picture_label=picture_labels()[picture - 1],
        picture_until=until,
    )


def qr_code(url: str) -> str:
    """Return an address as a QR code, SVG made here."""
    made = segno.make(url, error="m", micro=False)
    return made.svg_inline(
        scale=6, border=4, omitsize=True, dark="#000", light="#fff", svgclass="qr"
    )


def register_cards(pupils: Sequence[Pupil]) -> list[PupilCard]:
    """Return the register; names that may be of one pupil are marked."""
    alike = alike_among([row.enrolment.person.display_name for row in pupils])
    return [pupil_card(row, is_alike=row.enrolment.person.display_name in alike) for row in pupils]


def pupil_card(pupil: Pupil, *, is_alike: bool = False) -> PupilCard:
    """Return a line of the register."""
    row = pupil.enrolment
    return PupilCard(
        enrolment_id=row.id,
        name=row.person.full_name,
        list_number=row.list_number,
        student_number=pupil.student_number,
        has_come=row.came_in_at is not None,
        is_signed_in=pupil.is_signed_in,
        is_locked=bool(pupil.locked_kinds),
        has_slip=KeyKind.SLIP in pupil.key_kinds,
        is_alike=is_alike,
    )


def pupil_sign_in_card(seen: PupilSignIn) -> PupilSignInCard:
    """Return a session of a pupil: where, when, through which class, and who let it in."""
    row = seen.sign_in
    return PupilSignInCard(
        id=row.id,
        device=device_name(row.device),
        created_at=row.created_at,
        way=way_labels()[row.way],
        classroom=seen.classroom.name,
        let_in_by=seen.let_in_by.display_name if seen.let_in_by else "",
        is_open=seen.is_open,
    )


def waiting_card(waiting: Waiting) -> WaitingCard:
    """Return a device that waits."""
    known = waiting.enrolment.person if waiting.enrolment else waiting.person
    row, last_in = waiting.request, waiting.last_in
    typed = numbered_text(row.typed_number, row.typed_name)
    return WaitingCard(
        request_id=row.id,
        name=known.full_name if known else typed,
        typed=typed if known else "",
        device=device_name(row.device),
        created_at=row.created_at,
        has_chosen=waiting.has_chosen,
        is_new=waiting.enrolment is None,
        is_double=waiting.is_double,
        is_in=waiting.is_in,
        is_doubted=waiting.is_doubted,
        is_late=waiting.is_late,
        in_on=device_name(last_in.device) if last_in else "",
        in_since=last_in.created_at if last_in else None,
        alike=[(row.id, numbered(row)) for row in waiting.alike],
    )


def pupil_here_card(here: PupilHere) -> PupilHereCard:
    """Return a pupil who is kept on this phone: the given name is enough at home."""
    name = here.person.display_name.partition(" ")[0]
    return PupilHereCard(person_id=here.person.id, name=name, asks=str(here.asks))


def numbered(row: Enrolment) -> str:
    """Return a member's name with the place in the register."""
    return numbered_text(row.list_number, row.person.full_name)


def numbered_text(number: int | None, name: str) -> str:
    """Return a name with a place in the register, if there is one."""
    return name if number is None else f"{number}. {name}"


def name_choices(members: Sequence[Enrolment]) -> list[NameChoice]:
    """Return names to choose from: as little of each as tells them apart."""
    short = [short_name(row.person.display_name) for row in members]
    return [
        NameChoice(
            enrolment_id=row.id,
            name=name if short.count(name) == 1 else row.person.display_name,
            number="" if row.list_number is None else str(row.list_number),
        )
        for row, name in zip(members, short, strict=True)
    ]
