"""Work to do, kept in the database beside what it is about."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, EnumText, Key


class JobState(StrEnum):
    """Finished jobs are deleted; dead ones wait for a person."""

    WAITING = "waiting"
    RUNNING = "running"
    DEAD = "dead"


class JobRow(Base):
    """One message with ids only, and who is working on it."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_next", "state", "rank", "priority", "wanted_at", "id"),)
    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]]
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    asset_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("asset.id", ondelete="CASCADE"), index=True
    )
    rank: Mapped[int] = mapped_column(default=0)  # a person's wish; before priority: lower first
    priority: Mapped[int] = mapped_column(
        default=100
    )  # lower runs first; < 50 may use the kept-free slot
    wanted_at: Mapped[datetime]  # when who began to watch at once would come there: sooner first
    work_s: Mapped[float] = mapped_column(default=0.0)  # of one slot; corrected by WorkSpeed
    state: Mapped[JobState] = mapped_column(EnumText(JobState, 10), default=JobState.WAITING)
    run_at: Mapped[datetime]  # not before
    claimed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)  # that failed
    takeovers: Mapped[int] = mapped_column(default=0)  # from workers that died with it
    fence: Mapped[int] = mapped_column(
        default=0
    )  # rises with every claim; writes of older claims are refused
    lease_until: Mapped[datetime | None]
    worker: Mapped[str] = mapped_column(String(100), default="")
    progress: Mapped[float] = mapped_column(default=0.0)  # 0…1
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]


class WorkerRow(Base):
    """A worker process that was seen lately."""

    __tablename__ = "worker"
    name: Mapped[str] = mapped_column(String(100), primary_key=True)  # host:pid:random
    version: Mapped[str] = mapped_column(String(40), default="")
    seen_at: Mapped[datetime]
    started_at: Mapped[datetime]


class WorkSpeed(Base):
    """How long finished jobs of a kind took beside what was expected; older ones fade away."""

    __tablename__ = "work_speed"
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    expected_s: Mapped[float]
    took_s: Mapped[float]
    job_count: Mapped[int]


class OutboxEntry(Base):
    """A lesson or course whose index entries may be out of date: a job drains these rows."""

    __tablename__ = "outbox_entry"
    id: Mapped[Key]
    lesson_id: Mapped[UUID]  # or a course's; no foreign key: deletions must reach the index too
    at: Mapped[datetime]
