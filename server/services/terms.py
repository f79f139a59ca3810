"""Academic years and terms: 16 May to 15 May by rule, otherwise where office or school says so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.errors import FieldError, NotAllowed
from server.models.classrooms import TermDates
from server.models.people import Person, School
from server.policy import may_manage_school
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row

BANGKOK = ZoneInfo("Asia/Bangkok")
YEAR_BEGINS = (5, 16)
WEEK = timedelta(days=7)
SATURDAY = 5
LEAST_LEFT = timedelta(days=7)  # who comes in on the last days of a term stays for the next one


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """One term; `academic_year` is of the common era, in which it begins."""

    academic_year: int
    number: int
    starts_on: date
    ends_on: date


def day_in_bangkok(at: datetime) -> date:
    """Return the day on which it is this time in Thailand."""
    return at.astimezone(BANGKOK).date()


def academic_year_of(day: date) -> int:
    """Return the year of the common era in which the academic year of this day began."""
    return day.year if (day.month, day.day) >= YEAR_BEGINS else day.year - 1


def usual_terms(academic_year: int) -> tuple[Term, Term]:
    """Return the two terms as the regulation has them."""
    year = academic_year
    return (
        Term(year, 1, date(year, 5, 16), date(year, 10, 11)),
        Term(year, 2, date(year, 11, 1), date(year + 1, 4, 1)),
    )


def terms_around(day: date, others: Iterable[Term] = ()) -> list[Term]:
    """Return the terms of this academic year and its neighbours; `others` replace usual ones."""
    year = academic_year_of(day)
    usual = [term for each in (year - 1, year, year + 1) for term in usual_terms(each)]
    by_number = {(term.academic_year, term.number): term for term in usual}
    by_number |= {(term.academic_year, term.number): term for term in others}
    return sorted(by_number.values(), key=lambda term: term.starts_on)


def days_of_weeks(term: Term, first_week: int, last_week: int) -> tuple[date, date] | None:
    """Return the first and last day of weeks of a term, from 1; None where it ends before them.

    Weeks begin on Mondays, the first one with the term; a term never begins at a weekend.
    """
    days_in = term.starts_on.weekday()
    monday = term.starts_on - timedelta(days=days_in if days_in < SATURDAY else days_in - 7)
    first = max(term.starts_on, monday + (first_week - 1) * WEEK)
    last = min(term.ends_on, monday + last_week * WEEK - timedelta(days=1))
    return (first, last) if first <= last else None


def end_of_stay(at: datetime, others: Iterable[Term] = ()) -> datetime:
    """Return until when a pupil's own phone stays signed in: the day on which a next term begins.

    So it lasts through the holidays; a week is left at the least.
    """
    earliest = day_in_bangkok(at + LEAST_LEFT)
    starts = (term.starts_on for term in terms_around(day_in_bangkok(at), others))
    some_day = earliest + LEAST_LEFT  # where a school has set all of its terms into the past
    next_start = next((day for day in starts if day > earliest), some_day)
    return start_of_day(next_start)


def start_of_day(day: date) -> datetime:
    """Return when a day begins in Thailand."""
    return datetime.combine(day, time.min, BANGKOK)


def terms_of_school(session: Session, school_id: UUID | None) -> list[Term]:
    """Return what office and school have set, the school's last; inside a transaction."""
    wanted = select(TermDates).where(
        or_(TermDates.school_id == school_id, TermDates.school_id.is_(None))
    )
    rows = sorted(session.scalars(wanted), key=lambda row: row.school_id is not None)
    return [Term(row.academic_year, row.number, row.starts_on, row.ends_on) for row in rows]


def present_terms(
    session: Session, now: Clock, *, school_id: UUID | None, by: Person
) -> list[Term]:
    """Return the two terms of this academic year, as they are for a school or (empty) the area.

    Raises NotAllowed.
    """
    if not may_manage_school(by, school_id):
        raise NotAllowed("terms are shown to the school's administrators and the office")
    day = day_in_bangkok(now())
    with session.begin():
        others = terms_of_school(session, school_id)
    year = academic_year_of(day)
    return [term for term in terms_around(day, others) if term.academic_year == year]


def set_term(
    session: Session, now: Clock, *, school_id: UUID | None, term: Term, by: Person
) -> None:
    """Set when a term begins and ends, for a school or (empty) the area.

    Raises NotAllowed, NotFound, FieldError.
    """
    if not may_manage_school(by, school_id):
        raise NotAllowed("terms are set by the school's administrators and the office")
    is_term = (term.academic_year, term.number) in {
        (each.academic_year, each.number) for each in terms_around(day_in_bangkok(now()))
    }
    year, last_year = term.academic_year, term.ends_on.year
    is_near = year <= term.starts_on.year <= last_year <= year + 1
    is_in_order = timedelta() < term.ends_on - term.starts_on <= timedelta(days=366)
    if not is_term or not is_near or not is_in_order:
        raise FieldError("ends_on", "a term ends after it begins", rule="order")
    same = select(TermDates).where(
        TermDates.school_id == school_id,
        TermDates.academic_year == term.academic_year,
        TermDates.number == term.number,
    )
    with session.begin():
        if school_id is not None:
            find_row(session, School, school_id)
        row = session.scalar(same) or TermDates(
            school_id=school_id, academic_year=term.academic_year, number=term.number
        )
        row.starts_on, row.ends_on = term.starts_on, term.ends_on
        session.add(row)
        note_act(session, now, action="term.set", by=by, thing_id=school_id, term=term.number)
