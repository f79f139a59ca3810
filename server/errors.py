"""The outcomes that are not success, each with a stable code.

`web` and `api` alone know the HTTP status of each. The message is for programmers and logs; what
a person reads is chosen by `code` and translated (server/web/error_texts.py).
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID


class AppError(Exception):
    """An outcome that the caller can act on."""

    code = "bad_request"

    def __init__(self, message: str = "", **facts: object) -> None:
        """Keep `facts` (plain values such as sizes or dates) for the translated text."""
        super().__init__(message or self.code)
        self.facts = facts


class NotFound(AppError):
    """No such thing, or not for this person to know of."""

    code = "not_found"


class NotAllowed(AppError):
    """The thing is known to the person, the act is not theirs."""

    code = "not_allowed"


class PupilsAccount(NotAllowed):
    """A pupil's account becomes staff by no link alone."""

    code = "pupils_account"


class SignInNeeded(NotAllowed):
    """Guests may not, a signed-in person perhaps may."""

    code = "sign_in_needed"


class NewPasswordNeeded(NotAllowed):
    """Signed in with a password that somebody else chose: a new one comes first."""

    code = "new_password_needed"


class WrongPassword(AppError):
    """Unknown name or wrong password: never told apart."""

    code = "wrong_password"


class Conflict(AppError):
    """The state of the thing forbids it now."""

    code = "conflict"


class AlreadyThere(Conflict):
    """They hold at this school already what they ask for."""

    code = "already_there"


class ManyWait(Conflict):
    """So many wait to be confirmed already that no more are taken; `facts` hold how many."""

    code = "many_wait"


class LastAdministrator(Conflict):
    """The school would be left without an administrator: that is for the office."""

    code = "last_administrator"


class LessonNotReady(Conflict):
    """A lesson without a title or a file that can be played is not shown to anyone."""

    code = "lesson_not_ready"


class LessonChanged(Conflict):
    """More hangs on the lesson now than the person was shown."""

    code = "lesson_changed"


class ConsentMissing(Conflict):
    """Consents of those in the picture do not reach this audience."""

    code = "consent_missing"


class LinkExpired(AppError):
    """An invitation, share link, ticket or token that was used, revoked or is too old."""

    code = "link_expired"


class TooMuch(AppError):
    """A quota, size or rate limit; `facts` hold the limit."""

    code = "too_much"


class TooManyTries(AppError):
    """Wrong too often; `retry_after_s` says when the next try is judged."""

    code = "too_many_tries"

    def __init__(self, message: str, *, retry_after_s: int, **facts: object) -> None:
        """Name the seconds."""
        super().__init__(message, retry_after_s=retry_after_s, **facts)
        self.retry_after_s = retry_after_s


class FieldError(AppError):
    """A form value that cannot be taken; `field` names it."""

    code = "bad_value"

    def __init__(self, field: str, message: str, **facts: object) -> None:
        """Name the form's field."""
        super().__init__(message, **facts)
        self.field = field


class CaptionsFaulty(FieldError):
    """Captions that a person has to correct first; `text_aside_id` names where they are kept."""

    def __init__(self, faults: Sequence[Any], text_aside_id: UUID | None = None) -> None:
        """Take the faults of a reading, first one first."""
        first = faults[0]
        super().__init__("captions", str(first), rule=first.code, line=first.line)
        self.faults = faults
        self.text_aside_id = text_aside_id


class CaptionsChanged(Conflict):
    """Somebody else saved these captions meanwhile; both texts are kept."""

    code = "captions_changed"


class TrimChanged(Conflict):
    """Somebody else trimmed this lesson meanwhile."""

    code = "trim_changed"


class NoTriesLeft(Conflict):
    """The quiz was tried as often as it may be."""

    code = "no_tries_left"


class ReadOnly(Conflict):
    """The store or the database is away; nothing was changed and it may be tried again."""

    code = "storage_unavailable"
    retry_after_s = 5


class StorageFull(ReadOnly):
    """No space is left; what is there is safe, and somebody has to make room."""

    code = "storage_full"
    retry_after_s = 60


class SearchAway(ReadOnly):
    """The index cannot be read now; everything else works."""

    code = "search_unavailable"


class LeaseLost(Conflict):
    """Another worker has taken this job over: stop, write nothing."""

    code = "lease_lost"
