"""What people search for, counted by day and without persons: what is wanted, what is missing.

Kept are the words and two numbers a day. What few people typed may be a name, so it is not shown;
what looks like a number or an address of a person is not kept at all.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from search.thai import normalise
from server.errors import NotAllowed
from server.models.base import insert_into, uuid7
from server.models.people import Person
from server.models.searches import AskedQuery
from server.policy import may_manage_office
from server.services.clock import Clock

SHORTEST, LONGEST = 2, 100
LEAST_ASKED = 5  # as in published statistics: fewer could be one person
MOST_SHOWN = 50
OF_A_PERSON = re.compile(r"@|(?:\d[ .-]?){9}")  # addresses of mail, telephone and identity numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedText:
    """One query of all days together."""

    text: str
    asked_count: int
    missed_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLog:
    """What was asked most, and what was most often asked in vain."""

    popular: tuple[AskedText, ...]
    missed: tuple[AskedText, ...]
    asked_count: int  # all together, also what is not shown
    missed_count: int


def logged_text(text: str) -> str:
    """Return a query as it is counted: one spelling; empty if it is not to be kept."""
    kept = " ".join(normalise(text).lower().split())
    if not SHORTEST <= len(kept) <= LONGEST or OF_A_PERSON.search(kept):
        return ""
    return kept


def note_query(session: Session, now: Clock, *, text: str, is_missed: bool) -> None:
    """Count a query of today; what is not to be kept is forgotten."""
    kept = logged_text(text.replace("\x00", ""))
    if not kept:
        return
    row = {
        "id": uuid7(),
        "text": kept,
        "asked_on": now().date(),
        "asked_count": 1,
        "missed_count": int(is_missed),
    }
    insert = insert_into(session, AskedQuery).values(row)
    more = {
        "asked_count": AskedQuery.asked_count + insert.excluded.asked_count,
        "missed_count": AskedQuery.missed_count + insert.excluded.missed_count,
    }
    with session.begin():
        session.execute(
            insert.on_conflict_do_update(index_elements=["text", "asked_on"], set_=more)
        )


def search_log(session: Session, now: Clock, *, days: int, by: Person) -> SearchLog:
    """Return what was asked in the last days, most often first. Raises NotAllowed."""
    if not may_manage_office(by):
        raise NotAllowed("what is searched for is the office's to read")
    since = now().date() - timedelta(days=days)
    asked, missed = func.sum(AskedQuery.asked_count), func.sum(AskedQuery.missed_count)
    shown = (
        select(AskedQuery.text, asked, missed)
        .where(AskedQuery.asked_on > since)
        .group_by(AskedQuery.text)
        .limit(MOST_SHOWN)
    )
    with session.begin():
        often = session.execute(
            shown.having(asked >= LEAST_ASKED).order_by(asked.desc(), AskedQuery.text)
        ).all()
        in_vain = session.execute(
            shown.having(missed >= LEAST_ASKED).order_by(missed.desc(), AskedQuery.text)
        ).all()
        totals = session.execute(select(asked, missed).where(AskedQuery.asked_on > since)).one()
    return SearchLog(
        popular=tuple(_asked(*row) for row in often),
        missed=tuple(_asked(*row) for row in in_vain),
        asked_count=totals[0] or 0,
        missed_count=totals[1] or 0,
    )


def forget_old_queries(session: Session, now: Clock, *, kept_days: int) -> None:
    """Remove the counts of days that are past the set age."""
    with session.begin():
        old = now().date() - timedelta(days=kept_days)
        session.execute(delete(AskedQuery).where(AskedQuery.asked_on < old))


def _asked(text: str, asked_count: int, missed_count: int) -> AskedText:
    return AskedText(text=text, asked_count=int(asked_count), missed_count=int(missed_count))
