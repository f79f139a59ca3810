"""What all rows share: keys made where things happen, times in UTC, one registry of tables."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import JSON, DateTime, MetaData, String, TypeDecorator, Uuid
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column


def uuid7() -> UUID:
    """Return a time-ordered key (RFC 9562, version 7).

    48 bits of Unix ms, 12 bits of its fraction (method 3, so that rows made in one ms stay in
    order), 62 random bits.
    """
    ms, rest_ns = divmod(time.time_ns(), 1_000_000)
    value = ms << 80 | 0x7 << 76 | (rest_ns * 4096 // 1_000_000) << 64
    return UUID(int=value | 0b10 << 62 | int.from_bytes(os.urandom(8), "big") >> 2)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime in Python on every database; SQLite alone would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse naive times: they are always a mistake."""
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(TypeDecorator[StrEnum]):
    """A StrEnum's value as text; what is read back is the enum's own member."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum], length: int = 20) -> None:
        """Keep which enum it is."""
        super().__init__(length)
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, _dialect: Dialect) -> str | None:
        """Raise ValueError for what is not a member."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> StrEnum | None:
        """Give the member back."""
        return None if value is None else self.kind(value)


class SharedUuid(Uuid[UUID]):
    """A UUID. Where it is read as text, on SQLite, that is done once for many rows of the same."""

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[..., Any] | None:
        """Return what keeps those that were read lately; None where the driver gives UUIDs."""
        return None if dialect.supports_native_uuid else _uuid_of


@lru_cache(maxsize=10_000)
def _uuid_of(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


class Base(DeclarativeBase):
    """The registry; names of constraints are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy's own attribute)
        datetime: UtcTime(),
        UUID: SharedUuid(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
        list[dict[str, Any]]: JSON(),
        list[list[float]]: JSON(),
    }


Key = Annotated[UUID, mapped_column(primary_key=True, default=uuid7)]


def insert_into(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that may end in `on_conflict_do_update`, for this session's database."""
    is_postgres = session.get_bind().dialect.name == "postgresql"
    return (postgresql.insert if is_postgres else sqlite.insert)(table)
