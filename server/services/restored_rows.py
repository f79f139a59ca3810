"""What is put right in rows that come out of a backup, before anybody sees them."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.models.classrooms import JoinRequest, SchoolLink
from server.models.library import Upload
from server.models.mails import Mail, MailState
from server.models.people import Invitation, PasswordLink, SignIn
from server.services.audit import note_act
from server.services.clock import Clock
from storage.store import ObjectStore


def send_uploads_back(session: Session, now: Clock, store: ObjectStore) -> int:
    """Let unfinished uploads go on from what is there; return how many begin anew.

    Pieces are not in backups. They are there only where the store outlived the database.
    """
    known = {each.multipart_id for each in store.list_unfinished()}
    unfinished = session.scalars(select(Upload).where(Upload.finished_at.is_(None))).all()
    lost = [upload for upload in unfinished if upload.multipart_id not in known]
    for upload in lost:
        upload.multipart_id = store.start_multipart(
            upload.object_key, content_type="application/octet-stream"
        )
        upload.stored_bytes, upload.parts = 0, []
    for upload in unfinished:
        upload.touched_at = now()  # else those of an older backup would expire at once
    return len(lost)


def end_what_opens(session: Session, now: Clock) -> None:
    """End sign-ins and links that let people in: some were ended, or used, after the backup."""
    session.execute(delete(SignIn))
    session.execute(delete(Mail).where(Mail.state == MailState.WAITING))  # may have gone since
    session.execute(delete(JoinRequest).where(JoinRequest.claimed_at.is_(None)))
    unused = Invitation.used_at.is_(None) & (Invitation.expires_at > now())
    session.execute(update(Invitation).where(unused).values(expires_at=now()))
    waits = PasswordLink.used_at.is_(None) & PasswordLink.ended_at.is_(None)
    session.execute(update(PasswordLink).where(waits).values(ended_at=now()))
    session.execute(
        update(SchoolLink).where(SchoolLink.revoked_at.is_(None)).values(revoked_at=now())
    )


def note_restore(session: Session, now: Clock, name: str) -> None:
    """Have the audit log say that what follows stands on a backup."""
    note_act(session, now, action="installation.restore", by=None, backup=name)
