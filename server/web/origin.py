"""By which way somebody came to a lesson."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """By which way somebody came to a lesson."""

    share_token: str = ""
    share_link_id: UUID | None = None
    ticket: str = ""
