"""The outcomes that are not success, each with a stable code.

`web` and `api` alone know the HTTP status of each. The message is for programmers and logs; what
a person reads is chosen by `code` and translated (server/web/error_texts.py).
"""


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


class SignInNeeded(NotAllowed):
    """Guests may not, a signed-in person perhaps may."""

    code = "sign_in_needed"


class WrongPassword(AppError):
    """Unknown name or wrong password: never told apart."""

    code = "wrong_password"


class Conflict(AppError):
    """The state of the thing forbids it now."""

    code = "conflict"


class LessonNotReady(Conflict):
    """A lesson without a title or a file that can be played is not shown to anyone."""

    code = "lesson_not_ready"


class LinkExpired(AppError):
    """An invitation, share link, ticket or token that was used, revoked or is too old."""

    code = "link_expired"


class TooMuch(AppError):
    """A quota, size or rate limit; `facts` hold the limit."""

    code = "too_much"


class FieldError(AppError):
    """A form value that cannot be taken; `field` names it."""

    code = "bad_value"

    def __init__(self, field: str, message: str, **facts: object) -> None:
        """Name the form's field."""
        super().__init__(message, **facts)
        self.field = field


class ReadOnly(Conflict):
    """The disk is full or the store is away; nothing was changed and it may be tried again."""

    code = "storage_unavailable"


class LeaseLost(Conflict):
    """Another worker has taken this job over: stop, write nothing."""

    code = "lease_lost"
