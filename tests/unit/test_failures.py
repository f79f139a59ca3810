"""Whose fault a failure is."""

import errno

import pytest
from sqlalchemy.exc import OperationalError

from media_pipeline.errors import MediaFailed, ToolsMissing
from server.jobs.failures import is_outage
from storage.store import ObjectNotFound, StoreError, StoreFull


@pytest.mark.parametrize(
    ("error", "is_of_the_place"),
    [
        (StoreFull("no space"), True),
        (StoreError("away"), True),
        (ObjectNotFound("originals/x"), False),
        (OSError(errno.ENOSPC, "full"), True),
        (OSError(errno.EACCES, "not allowed"), False),
        (OperationalError("SELECT 1", {}, Exception("away")), True),
        (ToolsMissing("ffmpeg"), True),
        (MediaFailed("av_interleaved_write_frame(): No space left on device"), True),
        (MediaFailed("Invalid data found"), False),
        (KeyError("a mistake of ours"), False),
    ],
)
def test_an_outage_is_told_from_a_job_that_cannot_succeed(
    *, error: BaseException, is_of_the_place: bool
) -> None:
    assert is_outage(error) is is_of_the_place
