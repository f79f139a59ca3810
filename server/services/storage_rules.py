"""What the office decides about the disk: how long originals are kept, how much each may use."""

from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import FieldError, NotAllowed
from server.models.people import Office, Person, School
from server.policy import may_manage_office
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row

MOST_DAYS = 36_500
MOST_BYTES = 10**15
MOST_YEARS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRules:
    """For all schools without rules of their own; 0 is for ever, or no limit."""

    originals_kept_days: int
    school_quota_bytes: int
    person_quota_bytes: int
    work_kept_years: int = 1  # after the year in which it was made


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolRules:
    """For one school; None is as the office says, 0 for ever or no limit."""

    originals_kept_days: int | None
    quota_bytes: int | None


def office_rules(session: Session) -> OfficeRules:
    """Return what holds for all."""
    with session.begin():
        office = session.scalars(select(Office)).one()
    return OfficeRules(
        originals_kept_days=office.originals_kept_days,
        school_quota_bytes=office.school_quota_bytes,
        person_quota_bytes=office.person_quota_bytes,
        work_kept_years=office.work_kept_years,
    )


def set_office_rules(session: Session, now: Clock, *, rules: OfficeRules, by: Person) -> None:
    """Change what holds for all. Raises NotAllowed, FieldError."""
    _check(by, rules.originals_kept_days, rules.school_quota_bytes, rules.person_quota_bytes)
    if not 0 <= rules.work_kept_years <= MOST_YEARS:
        raise FieldError("work_kept_years", "years", rule="range", most=MOST_YEARS)
    with session.begin():
        office = session.scalars(select(Office)).one()
        for name, value in asdict(rules).items():
            setattr(office, name, value)
        note_act(session, now, action="office.storage", by=by, thing_id=office.id, **asdict(rules))


def set_school_rules(
    session: Session, now: Clock, *, school_id: UUID, rules: SchoolRules, by: Person
) -> School:
    """Change what holds for one school. Raises NotAllowed, NotFound, FieldError."""
    _check(by, rules.originals_kept_days or 0, rules.quota_bytes or 0)
    with session.begin():
        school = find_row(session, School, school_id)
        for name, value in asdict(rules).items():
            setattr(school, name, value)
        note_act(session, now, action="school.storage", by=by, thing_id=school_id, **asdict(rules))
    return school


def set_person_quota(
    session: Session, now: Clock, *, person_id: UUID, quota_bytes: int | None, by: Person
) -> Person:
    """Change what one person may use; None is as the office says. Raises as above."""
    _check(by, 0, quota_bytes or 0)
    with session.begin():
        person = find_row(session, Person, person_id)
        person.quota_bytes = quota_bytes
        note_act(
            session, now, action="person.quota", by=by, thing_id=person_id, quota_bytes=quota_bytes
        )
    return person


def _check(by: Person, kept_days: int, *quotas_bytes: int) -> None:
    if not may_manage_office(by):
        raise NotAllowed("the disk is the office's")
    if not 0 <= kept_days <= MOST_DAYS:
        raise FieldError("kept_days", "days", rule="range", most=MOST_DAYS)
    if any(not 0 <= size <= MOST_BYTES for size in quotas_bytes):
        raise FieldError("quota_gb", "bytes", rule="range")
