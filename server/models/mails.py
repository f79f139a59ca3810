"""Mails that were written, and whether they were sent."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, EnumText, Key


class MailState(StrEnum):
    """Where a mail is on its way."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"  # waits for a person


class Mail(Base):
    """One mail to one address; a job sends it."""

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_address", "to_address", "state"),)
    id: Mapped[Key]
    to_address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)  # emptied when it was sent: links in it open accounts
    state: Mapped[MailState] = mapped_column(EnumText(MailState, 10), default=MailState.WAITING)
    try_count: Mapped[int] = mapped_column(default=0)  # that the mail server did not take
    fault: Mapped[str] = mapped_column(String(20), default="")  # of the last try: a MailFault
    detail: Mapped[str] = mapped_column(String(500), default="")  # the mail server's words
    made_at: Mapped[datetime] = mapped_column(index=True)
    next_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
