"""What the consistency check found, and when."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Key


class ConsistencyCheck(Base):
    """One run over rows, objects and index; unfinished when `ended_at` is empty."""

    __tablename__ = "consistency_check"
    id: Mapped[Key]
    began_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    is_deep: Mapped[bool] = mapped_column(default=False)
    fault_count: Mapped[int] = mapped_column(default=0)
    repaired_count: Mapped[int] = mapped_column(default=0)
    faults: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # the first of them
