"""A session on a shared tablet reads, of its pupil's own things, those of one classroom.

Two pictures are soon known to others, so they open that classroom and nothing else of the child.
The limit stands beneath all services, in the database's session: no route has to think of it.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, event, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.util import LoaderCriteriaOption

from server.models.assignments import Assignment, HandIn
from server.models.base import Base
from server.models.classrooms import Classroom, Enrolment
from server.models.library import Upload
from server.models.people import Person, Role, RoleName, SignIn
from server.services.given import is_given_to_pupil

_KEPT_TO = "classroom_of_tablet"


def keep_to_classroom(session: Session, sign_in: SignIn) -> None:
    """Leave out, in all that this session reads from now on, what is of the pupil elsewhere.

    Their places and roles, and with them what is given and told there and whose lessons they see;
    their work; and files that they began to send before, until the same file is chosen here: who
    begins it again (services/upload.py) has touched it. For other sign-ins nothing happens.
    """
    if sign_in.classroom_id is None or _KEPT_TO in session.info:
        return
    limits = _limits(session, sign_in)
    session.info[_KEPT_TO] = sign_in.classroom_id

    @event.listens_for(session, "do_orm_execute")
    def leave_out(asked: ORMExecuteState) -> None:
        if asked.is_select:
            asked.statement = asked.statement.options(*limits)

    # The roles that they came with were read before.
    session.get(Person, sign_in.person_id, populate_existing=True)


def _limits(session: Session, sign_in: SignIn) -> Sequence[LoaderCriteriaOption]:
    """Return them with values in them, no queries: such would get limits of their own."""
    person_id, classroom_id = sign_in.person_id, sign_in.classroom_id
    given_here = is_given_to_pupil().where(
        Enrolment.person_id == person_id, Assignment.classroom_id == classroom_id
    )
    lesson_ids = session.scalars(given_here.with_only_columns(Assignment.lesson_id)).all()
    school_id = session.scalar(select(Classroom.school_id).where(Classroom.id == classroom_id))
    is_pupil_here = and_(Role.name == RoleName.STUDENT, Role.school_id == school_id)
    return (
        _only(Enrolment, Enrolment.person_id != person_id, Enrolment.classroom_id == classroom_id),
        _only(Role, Role.person_id != person_id, is_pupil_here),
        _only(HandIn, HandIn.person_id != person_id, HandIn.lesson_id.in_(lesson_ids)),
        _only(Upload, Upload.owner_id != person_id, Upload.touched_at >= sign_in.created_at),
    )


def _only(
    kind: type[Base], is_others: ColumnElement[bool], is_here: ColumnElement[bool]
) -> LoaderCriteriaOption:
    return with_loader_criteria(kind, or_(is_others, is_here), include_aliases=True)
