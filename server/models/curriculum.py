"""Curriculum frameworks as data: several versions in force at once, each a tree of nodes."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, EnumText, Key


class NodeKind(StrEnum):
    """The levels of a framework, outermost first."""

    LEARNING_AREA = "learning_area"
    STRAND = "strand"
    STANDARD = "standard"
    INDICATOR = "indicator"


class Framework(Base):
    """One version of a curriculum, as the office imported it."""

    __tablename__ = "framework"
    __table_args__ = (UniqueConstraint("code", "version"),)
    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300))
    grades: Mapped[list[str]] = mapped_column(default=list)  # A1…A3 P1…P6 M1…M6; empty: all
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]  # the last day; empty: still in force
    imported_at: Mapped[datetime]
    by_id: Mapped[UUID | None]  # no foreign key: the framework outlives the person


class FrameworkNode(Base):
    """A learning area, strand, standard or indicator, with its text as imported."""

    __tablename__ = "framework_node"
    __table_args__ = (UniqueConstraint("framework_id", "kind", "code"),)
    id: Mapped[Key]
    framework_id: Mapped[UUID] = mapped_column(ForeignKey("framework.id", ondelete="CASCADE"))
    parent_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("framework_node.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[NodeKind] = mapped_column(EnumText(NodeKind, 20))
    code: Mapped[str] = mapped_column(String(60), index=True)  # canonical: "ค 1.1 ป.1/1"
    text: Mapped[str] = mapped_column(Text)
    grades: Mapped[list[str]] = mapped_column(default=list)
    place: Mapped[int]  # in its file
