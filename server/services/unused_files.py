"""Files of which no lesson was made: they stay until their owner removes them."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from server.errors import Conflict, NotFound
from server.messages import TidyUp
from server.models.library import Original
from server.models.people import Person
from server.queue import enqueue
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.used_files import is_used


def remove_unused_file(session: Session, now: Clock, *, original_id: UUID, by: Person) -> None:
    """Remove one's own file for good; its bytes go with the next tidying.

    Raises NotFound, or Conflict when a lesson or a task has it.
    """
    with session.begin():
        original = session.get(Original, original_id)
        if original is None or original.owner_id != by.id:
            raise NotFound("no such file of this person")
        unused = delete(Original).where(Original.id == original_id, ~is_used())
        gone = session.scalars(unused.returning(Original.id), execution_options=NO_SYNC).all()
        if not gone:
            raise Conflict("a lesson shows it, or may show it again")
        note_act(session, now, action="original.remove", by=by, thing_id=original_id)
        enqueue(session, TidyUp(), now())


NO_SYNC = {"synchronize_session": False}
