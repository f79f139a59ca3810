"""Objects whose rows a person or a rule has removed: noted with the rows, removed afterwards.

A death in between leaves a note, and the next tidying goes on; so what was removed on purpose is
never taken for a file whose row was lost.
"""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.models.set_aside import GoingObject
from storage.keys import NOTE, ORIGINALS, note_key
from storage.store import ObjectStore


def note_going(session: Session, keys: Iterable[str]) -> None:
    """Note that these objects (or folders, "…/") are to go, in the caller's transaction."""
    for key in keys:
        session.merge(GoingObject(key=key))


def remove_going(session: Session, store: ObjectStore) -> int:
    """Remove what was noted, and what is noted beside sent files; return how many.

    Raises StoreError; then the rest goes the next time.
    """
    with session.begin():
        keys = session.scalars(select(GoingObject.key)).all()
    for key in keys:
        _remove(store, key)
    if keys:
        with session.begin():
            session.execute(
                delete(GoingObject).where(GoingObject.key.in_(keys)), execution_options=RAW
            )
    return len(keys)


def _remove(store: ObjectStore, key: str) -> None:
    if key.endswith("/"):
        store.delete_prefix(key)
        return
    store.delete(key)
    if key.startswith(ORIGINALS) and not key.endswith(NOTE):
        store.delete(note_key(key))


RAW = {"synchronize_session": False}
