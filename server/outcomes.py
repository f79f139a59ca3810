"""What each outcome that is not success is in HTTP: for pages, the API and what is below Flask."""

from collections.abc import Mapping

from sqlalchemy.exc import SQLAlchemyError

from server.errors import (
    AppError,
    Conflict,
    FieldError,
    LinkExpired,
    NotAllowed,
    NotFound,
    ReadOnly,
    SignInNeeded,
    StorageFull,
    TooManyTries,
    TooMuch,
    WrongPassword,
)
from storage.store import StoreError, StoreFull

_STATUS_OF: Mapping[type[BaseException], int] = {
    NotFound: 404,
    SignInNeeded: 401,
    NotAllowed: 403,
    StorageFull: 507,
    ReadOnly: 503,
    Conflict: 409,
    LinkExpired: 410,
    TooMuch: 413,
    TooManyTries: 429,
    WrongPassword: 401,
    FieldError: 422,
    AppError: 400,
}


def status_of(error: AppError) -> int:
    """Return the status of the nearest listed base class."""
    return next(_STATUS_OF[kind] for kind in type(error).__mro__ if kind in _STATUS_OF)


def headers_of(error: AppError) -> tuple[tuple[str, str], ...]:
    """Return when to try again, where that helps."""
    if isinstance(error, ReadOnly | TooManyTries):
        return (("Retry-After", str(error.retry_after_s)),)
    return ()


def outcome_of(error: StoreError | SQLAlchemyError) -> ReadOnly:
    """Return what it means that disk, store or database cannot do it now."""
    if isinstance(error, StoreFull):
        return StorageFull(str(error))
    return ReadOnly(str(error))
