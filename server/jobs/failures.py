"""What a handler's error means for its job."""

import errno

from sqlalchemy.exc import OperationalError

from media_pipeline.errors import MediaFailed, ToolsMissing
from server.queue import RoomNeeded
from storage.store import ObjectExists, ObjectNotFound, StoreError

NO_SPACE = "No space left on device"


def is_outage(error: BaseException) -> bool:
    """Tell whether the place is at fault: disk full, store or database away, programs missing."""
    if isinstance(error, ObjectNotFound | ObjectExists):
        return False
    if isinstance(error, MediaFailed):
        return isinstance(error, ToolsMissing) or NO_SPACE in error.detail
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    return isinstance(error, StoreError | OperationalError | RoomNeeded)


def text_of(error: BaseException) -> str:
    """Return what administrators are shown."""
    detail = error.detail if isinstance(error, MediaFailed) else ""
    return f"{type(error).__name__}: {error}\n{detail}".strip()
