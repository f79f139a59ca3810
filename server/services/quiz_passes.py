"""What a page with questions carries: for whom they are, and when they were given.

It is signed, not kept. So an answer that was given without a connection counts for who gave it,
from a tablet where somebody else is signed in by then, and at the time when it was given: the
server's time of the questions, and the seconds since by a clock that nobody can set.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from server.errors import LinkExpired, NotAllowed

VALID_FOR = timedelta(days=200)  # a term: a tablet may lie in a cupboard over the holidays
LONGEST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizPass:
    """Who was asked which questions when, by the server's clock."""

    person_id: UUID
    lesson_id: UUID
    item_id: UUID
    version: int
    asked_at: datetime
    sign_in_id: UUID | None = None  # once it is revoked, what comes with the pass is not believed


def sign_quiz_pass(secret: str, asked: QuizPass) -> str:
    """Return the pass as text; rights were checked before."""
    ids = [asked.person_id.hex, asked.lesson_id.hex, asked.item_id.hex]
    device = asked.sign_in_id.hex if asked.sign_in_id else ""
    facts = [*ids, asked.version, int(asked.asked_at.timestamp()), device]
    return str(_signer(secret).dumps(facts))


def read_quiz_pass(secret: str, text: str, now: datetime) -> QuizPass:
    """Return what a pass says. Raises NotAllowed if it is forged, LinkExpired if too old."""
    if len(text) > LONGEST:
        raise NotAllowed("not a pass of ours")
    try:
        person, lesson, item, version, asked_s, *devices = _signer(secret).loads(text)
    except BadSignature as error:
        raise NotAllowed("not a pass of ours") from error
    asked = QuizPass(
        person_id=UUID(person),
        lesson_id=UUID(lesson),
        item_id=UUID(item),
        version=version,
        asked_at=datetime.fromtimestamp(asked_s, UTC),
        # Passes that were signed before sessions had scopes tell none.
        sign_in_id=UUID(devices[0]) if devices and devices[0] else None,
    )
    if asked.asked_at + VALID_FOR < now:
        raise LinkExpired("the pass is too old")
    return asked


def answered_at(asked_at: datetime, elapsed_s: float | None, *, received_at: datetime) -> datetime:
    """Return when an answer was given; without the seconds since the questions, now.

    The device counts these seconds by a clock that only goes forward. It may stand while the device
    sleeps: an answer may seem earlier than it was, never later.
    """
    if elapsed_s is None or not 0 <= elapsed_s < math.inf:
        return received_at
    if elapsed_s >= (received_at - asked_at).total_seconds():
        return received_at
    return asked_at + timedelta(seconds=elapsed_s)


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="quiz")
