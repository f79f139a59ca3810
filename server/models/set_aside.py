"""Bytes in the store that cannot be made again and that nothing else names; and what is to go."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, EnumText, Key
from server.models.library import Asset
from server.models.people import Person, School


class AsideWhy(StrEnum):
    """Why bytes are set aside."""

    DAMAGED = "damaged"  # a sent file that is not what it was; used as far as it can be read
    UNCLAIMED = "unclaimed"  # a sent file of which no row knows
    PIECES = "pieces"  # the beginning of one, and nobody knows whose
    SPARE = "spare"  # sent a second time: until the first one was read and found whole


class SetAside(Base):
    """Bytes that no program removes but where the same ones are known to be elsewhere.

    Else it is for the owner to decide, or the office.
    """

    __tablename__ = "set_aside"
    id: Mapped[Key]
    why: Mapped[AsideWhy] = mapped_column(EnumText(AsideWhy, 20))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    multipart_id: Mapped[str] = mapped_column(String(400), default="")  # of pieces
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    whole_bytes: Mapped[int] = mapped_column(BigInteger)  # how many there should be
    asset_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("asset.id", ondelete="SET NULL"), index=True
    )  # whose original it was, or is a second copy of
    owner_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id", ondelete="SET NULL"))
    file_name: Mapped[str] = mapped_column(String(400), default="")
    sent_at: Mapped[datetime | None]
    found_at: Mapped[datetime]
    asset: Mapped[Asset | None] = relationship()
    owner: Mapped[Person | None] = relationship()
    school: Mapped[School | None] = relationship()


class GoingObject(Base):
    """An object, or a folder of them ("…/"), whose rows were removed on purpose.

    It stands here until the store has removed it, so that it is not taken for one that was lost.
    """

    __tablename__ = "going_object"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
