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

# Also what is said where the file beside the database, which all processes share, cannot grow.
SQLITE_IS_FULL = frozenset(
    {"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_SHMOPEN"}
)
POSTGRESQL_IS_FULL = "53100"

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


def is_full(error: BaseException | None) -> bool:
    """Tell whether a database's driver says that its disk is full: SQLite's, PostgreSQL's."""
    name = getattr(error, "sqlite_errorname", "") or ""
    state = getattr(error, "sqlstate", "") or ""
    return name in SQLITE_IS_FULL or state == POSTGRESQL_IS_FULL


def outcome_of(error: StoreError | SQLAlchemyError) -> ReadOnly:
    """Return what it means that disk, store or database cannot do it now."""
    said = getattr(error, "orig", None) or error  # not the statement, which holds what was written
    if isinstance(error, StoreFull) or is_full(said):
        return StorageFull(str(said))
    return ReadOnly(str(said))
