"""What people reached in a package, for who teaches with it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, defer

from server.models.lessons import Lesson
from server.models.packages import PackageAttempt
from server.models.people import Person, Role
from server.policy import may_manage_school, schools_of
from server.services.lessons import get_lesson_to_edit

MOST_ATTEMPTS = 5_000  # the latest ones


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageResult:
    """The best of one person's attempts, and when they were last there."""

    name: str
    user_name: str  # empty: comes in without a password
    is_completed: bool
    success: str  # "passed", "failed", "unknown"
    score_share: float | None  # of the most that can be reached, 0 to 1
    score_raw: float | None
    score_max: float | None
    attempt_count: int
    duration_s: float  # of all attempts
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageResults:
    """What a teacher sees: people of the lesson's school by name, others as a number."""

    lesson: Lesson
    people: Sequence[PackageResult]
    other_count: int


def package_results(session: Session, *, lesson_id: UUID, by: Person) -> PackageResults:
    """Return what people reached in a lesson that `by` may edit, in the order of their names.

    Other schools' pupils play public lessons, too: who they are is not for this school, and who
    has left it learns no names of its pupils any more. Raises NotFound.
    """
    lesson = get_lesson_to_edit(session, lesson_id=lesson_id, by=by)
    is_there = may_manage_school(by, lesson.school_id) or lesson.school_id in schools_of(by)
    of_school = exists().where(Role.person_id == Person.id, Role.school_id == lesson.school_id)
    wanted = (
        select(PackageAttempt, Person, of_school)
        .join(Person, and_(Person.id == PackageAttempt.person_id, Person.is_active))
        .where(PackageAttempt.lesson_id == lesson_id)
        .options(defer(PackageAttempt.state))
        .order_by(PackageAttempt.changed_at.desc())
        .limit(MOST_ATTEMPTS)
    )
    ours: dict[Person, list[PackageAttempt]] = defaultdict(list)
    others = set()
    with session.begin():
        for attempt, person, is_ours in session.execute(wanted):
            if is_ours and is_there:
                ours[person].append(attempt)
            else:
                others.add(person.id)
    people = [_result(person, attempts) for person, attempts in ours.items()]
    people.sort(key=lambda one: (one.name, one.user_name))
    return PackageResults(lesson=lesson, people=people, other_count=len(others))


def _result(person: Person, attempts: Sequence[PackageAttempt]) -> PackageResult:
    best = max(attempts, key=_rank)
    return PackageResult(
        name=person.display_name,
        user_name=person.user_name if person.has_password else "",
        is_completed=any(each.completion == "completed" for each in attempts),
        success=best.success,
        score_share=score_share(best),
        score_raw=best.score_raw,
        score_max=best.score_max,
        attempt_count=len(attempts),
        duration_s=sum(each.duration_s for each in attempts),
        changed_at=max(each.changed_at for each in attempts),
    )


def _rank(attempt: PackageAttempt) -> tuple[bool, float, bool, datetime]:
    """Return by what one attempt is better than another: passed, points, completed, the later."""
    share = score_share(attempt)
    is_done = attempt.completion == "completed"
    is_passed = attempt.success == "passed"
    return is_passed, -1.0 if share is None else share, is_done, attempt.changed_at


def score_share(attempt: PackageAttempt) -> float | None:
    """Return the share of points reached, 0 to 1; None where the package told none."""
    if attempt.score_scaled is not None:
        return max(0.0, attempt.score_scaled)
    least, most = attempt.score_min or 0.0, attempt.score_max
    if attempt.score_raw is None or most is None or most <= least:
        return None
    return min(1.0, max(0.0, (attempt.score_raw - least) / (most - least)))
