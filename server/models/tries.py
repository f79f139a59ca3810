"""How often something was tried lately, and the devices on which somebody was signed in before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Key


class TryCount(Base):
    """Tries of one thing until `ends_at`; what it is, an address or a name, stands nowhere."""

    __tablename__ = "try_count"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # a SHA-256
    taken: Mapped[int]  # begun: judged wrong, or not judged yet
    wrong: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)


class KnownDevice(Base):
    """A browser that somebody signed in on: strangers' wrong tries do not count there."""

    __tablename__ = "known_device"
    __table_args__ = (UniqueConstraint("token_sha256", "person_id"),)
    id: Mapped[Key]
    token_sha256: Mapped[str] = mapped_column(String(64))  # of the browser: several persons' rows
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    seen_at: Mapped[datetime]
