"""Who waits before a classroom: whom its teacher may believe, and who gives way when it is full.

Pure rules over what waiting devices did. A device is a browser, an address a school or a home: one
of sixteen pictures is soon guessed by many devices, so what counts is how all behind an address,
under a name and before the room chose.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from server.services.terms import BANGKOK, Term, terms_around

WRONG_OF_DEVICE = 2  # then it waits until the teacher looks at it
WRONG_OF_ADDRESS, WRONG_OF_ROOM = 1, 2  # so few say nothing
RIGHT_FOR_WRONG = 2  # beside each wrong choice behind an address, where there are more
RIGHT_FOR_WRONG_APART = 4  # where each is alone at home
TOGETHER = 3  # right ones behind one address
WRONG_AT_MOST = 20  # behind one address: who guesses, one in sixteen, gets no further
WRONG_IS_KEPT = timedelta(days=7)  # under a name
MOST_WAITING = 200  # in one room
MOST_OF_ADDRESS = 80  # who are not safe: two classes behind one address
ASKS_OF_DEVICE, ASKS_WITHIN = 20, timedelta(hours=1)
SCHOOL_BEGINS, SCHOOL_ENDS = time(7), time(17)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Tally:
    """How often pictures were chosen: behind one address, or before one room."""

    wrong: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a device did under a name, whether it still waits or not."""

    id: UUID
    device: str
    address: str
    name: str  # of a member, a person, or as typed
    wrong_count: int = 0
    wrong_at: datetime | None = None
    right_at: datetime | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the room; safe when its device chose right, or name and number agree."""

    id: UUID
    address: str
    is_safe: bool


def may_choose(*, wrong_of_device: int, of_address: Tally) -> bool:
    """Return whether a device may still choose; who may not waits until the teacher looks."""
    is_guessing = of_address.wrong >= max(WRONG_AT_MOST, RIGHT_FOR_WRONG * of_address.right)
    return wrong_of_device < WRONG_OF_DEVICE and not is_guessing


def is_believed(tally: Tally, *, free: int, right_for_wrong: int) -> bool:
    """Return whether right choices are no luck: few wrong ones, or several right beside each."""
    return tally.wrong <= free or tally.right >= right_for_wrong * tally.wrong


def tally_of(claims: Iterable[Claim], opened_at: datetime) -> Tally:
    """Return how was chosen since the room was opened."""
    wrong = right = 0
    for each in claims:
        wrong += each.wrong_count if each.wrong_at and each.wrong_at >= opened_at else 0
        right += chose_right(each.right_at, opened_at)
    return Tally(wrong, right)


def chose_right(right_at: datetime | None, opened_at: datetime | None) -> bool:
    """Return whether a right choice was made since the room was opened; False while it is not."""
    return right_at is not None and opened_at is not None and right_at >= opened_at


def doubted(claims: Collection[Claim], opened_at: datetime) -> set[UUID]:
    """Return claims that need a second look for what others chose since the room was opened.

    Behind the address; behind all addresses at which no class sits together (several right ones at
    one are no luck); or under the name: another device chose wrong, and nobody was let in since.
    """
    behind: dict[str, list[Claim]] = {}
    under: dict[str, list[Claim]] = {}
    for each in claims:
        behind.setdefault(each.address, []).append(each)
        under.setdefault(each.name, []).append(each)
    tallies = {address: tally_of(those, opened_at) for address, those in behind.items()}
    apart = {address for address, tally in tallies.items() if tally.right < TOGETHER}
    of_those = tally_of((each for each in claims if each.address in apart), opened_at)
    guessing = {
        address
        for address, tally in tallies.items()
        if not is_believed(tally, free=WRONG_OF_ADDRESS, right_for_wrong=RIGHT_FOR_WRONG)
    }
    if not is_believed(of_those, free=WRONG_OF_ROOM, right_for_wrong=RIGHT_FOR_WRONG_APART):
        guessing |= apart
    return {
        each.id
        for each in claims
        if each.address in guessing or _was_tried_by_others(each, under[each.name])
    }


def who_gives_way(waiting: Sequence[Place], address: str) -> UUID | None:
    """Return whose place one more device takes, from this address; None while there is room.

    `waiting` begins with the oldest. Safe places are kept. A crowd gives way to itself: the oldest
    behind its own address, where that has its share; in a full room the oldest behind the address
    that has most places.
    """
    open_to_all = [each for each in waiting if not each.is_safe]
    own = [each for each in open_to_all if each.address == address]
    if len(own) >= MOST_OF_ADDRESS:
        return own[0].id
    if len(waiting) < MOST_WAITING or not open_to_all:
        return None
    counts = Counter(each.address for each in open_to_all)
    return max(open_to_all, key=lambda each: counts[each.address]).id  # the first of the most


def is_in_school_hours(at: datetime, others: Iterable[Term] = ()) -> bool:
    """Return whether schools teach now: on a weekday of a term, from seven to five."""
    here = at.astimezone(BANGKOK)
    is_term = any(
        term.starts_on <= here.date() <= term.ends_on for term in terms_around(here.date(), others)
    )
    return is_term and here.weekday() < SATURDAY and SCHOOL_BEGINS <= here.time() < SCHOOL_ENDS


def _was_tried_by_others(claim: Claim, under_the_name: Iterable[Claim]) -> bool:
    let_in = [each.confirmed_at for each in under_the_name if each.confirmed_at]
    last = max(let_in, default=None)
    return any(
        each.wrong_at is not None
        and each.confirmed_at is None
        and each.id != claim.id
        and not (each.device and each.device == claim.device)
        and (last is None or each.wrong_at > last)
        for each in under_the_name
    )
