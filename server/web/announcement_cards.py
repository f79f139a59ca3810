"""What pages are given of announcements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.services.announcements import PupilsAnnouncement, TeachersAnnouncement
from server.web.classroom_cards import numbered


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementCard:
    """One announcement: for its teacher with who has seen it, for pupils from whom it is."""

    id: UUID
    text: str
    by: str
    classroom: str
    created_at: datetime
    is_seen: bool = False
    seen: Sequence[str] = ()
    unseen: Sequence[str] = ()


def teachers_card(told: TeachersAnnouncement) -> AnnouncementCard:
    """Return it for who teaches."""
    return AnnouncementCard(
        id=told.announcement.id,
        text=told.announcement.text,
        by=told.announcement.by_name,
        classroom="",
        created_at=told.announcement.created_at,
        seen=[numbered(row) for row in told.seen],
        unseen=[numbered(row) for row in told.unseen],
    )


def pupils_card(told: PupilsAnnouncement) -> AnnouncementCard:
    """Return it for who learns."""
    return AnnouncementCard(
        id=told.announcement.id,
        text=told.announcement.text,
        by=told.announcement.by_name,
        classroom=told.classroom.name,
        created_at=told.announcement.created_at,
        is_seen=told.is_seen,
    )
