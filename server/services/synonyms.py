"""Words that the office says mean the same: who searches for one finds all."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from search.synonyms import Synonyms
from search.thai import normalise
from server.errors import FieldError, NotAllowed
from server.models.people import Person
from server.models.searches import SynonymGroup
from server.policy import may_manage_office
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row

LEAST_WORDS, MOST_WORDS = 2, 20
LONGEST_WORD = 60
MOST_GROUPS = 500


def office_synonyms(session: Session) -> Synonyms:
    """Return every group of words, in the order in which they were made, for a query."""
    with session.begin():
        rows = session.scalars(select(SynonymGroup.words).order_by(SynonymGroup.id))
        return Synonyms(groups=tuple(tuple(words) for words in rows))


def list_synonyms(session: Session, *, by: Person) -> Sequence[SynonymGroup]:
    """Return the groups, last changed first. Raises NotAllowed."""
    _check(by)
    newest = select(SynonymGroup).order_by(SynonymGroup.changed_at.desc(), SynonymGroup.id.desc())
    with session.begin():
        return session.scalars(newest).all()


def add_synonyms(session: Session, now: Clock, *, words: Sequence[str], by: Person) -> SynonymGroup:
    """Add a group. Raises NotAllowed, FieldError."""
    _check(by)
    kept = checked_words(words)
    with session.begin():
        _refuse_known(session, kept)
        group = SynonymGroup(words=kept, changed_at=now())
        session.add(group)
        session.flush()
        _note(session, now, "synonyms.add", group, by)
    return group


def change_synonyms(
    session: Session, now: Clock, *, group_id: UUID, words: Sequence[str], by: Person
) -> SynonymGroup:
    """Change the words of a group. Raises NotAllowed, NotFound, FieldError."""
    _check(by)
    kept = checked_words(words)
    with session.begin():
        group = find_row(session, SynonymGroup, group_id)
        _refuse_known(session, kept, but=group_id)
        group.words, group.changed_at = kept, now()
        _note(session, now, "synonyms.change", group, by)
    return group


def remove_synonyms(session: Session, now: Clock, *, group_id: UUID, by: Person) -> None:
    """Remove a group. Raises NotAllowed, NotFound."""
    _check(by)
    with session.begin():
        group = find_row(session, SynonymGroup, group_id)
        session.delete(group)
        _note(session, now, "synonyms.remove", group, by)


def checked_words(words: Sequence[str]) -> list[str]:
    """Return each word once, in one spelling. Raises FieldError."""
    spelled = (" ".join(normalise(word.replace("\x00", "")).split()) for word in words)
    kept = list({word.casefold(): word for word in spelled if word}.values())
    if len(kept) < LEAST_WORDS:
        raise FieldError("words", "two words or more", rule="too_few")
    if len(kept) > MOST_WORDS:
        raise FieldError("words", "too many", rule="too_many", most=MOST_WORDS)
    if any(len(word) > LONGEST_WORD for word in kept):
        raise FieldError("words", "too long", rule="too_long", most=LONGEST_WORD)
    return kept


def _check(by: Person) -> None:
    if not may_manage_office(by):
        raise NotAllowed("the words of the search are the office's")


def _refuse_known(session: Session, words: Sequence[str], but: UUID | None = None) -> None:
    """Raise FieldError for a word of another group: it would be in two at once."""
    sought = {word.casefold() for word in words}
    groups = session.scalars(select(SynonymGroup)).all()
    if but is None and len(groups) >= MOST_GROUPS:
        raise FieldError("words", "too many groups", rule="full", most=MOST_GROUPS)
    for group in groups:
        for word in group.words:
            if group.id != but and word.casefold() in sought:
                raise FieldError("words", "in another group", rule="taken", word=word)


def _note(session: Session, now: Clock, action: str, group: SynonymGroup, by: Person) -> None:
    note_act(session, now, action=action, by=by, thing_id=group.id, words=group.words)
