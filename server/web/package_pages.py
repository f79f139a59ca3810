"""What the page of a lesson is given to play a package (H5P, SCORM, HTML)."""

from typing import Any

from flask_wtf.csrf import generate_csrf

from server.models.library import AssetState
from server.models.packages import PackageAttempt
from server.models.people import Person
from server.request_context import db, wiring
from server.services.packages import find_package, latest_attempt
from server.services.shown_files import ShownFile
from server.web.dates import language
from server.web.translate import translate as _

KEPT = (
    "revision",
    "state",
    "score_raw",
    "score_min",
    "score_max",
    "score_scaled",
    "completion",
    "success",
    "duration_s",
)


def package_config(
    file: ShownFile, *, by: Person | None, share_token: str, ticket: str
) -> dict[str, Any] | None:
    """Return `data-package`, whose keys frontend/src/package_config.ts reads; None for no package.

    `by` is None for guests and in frames of other sites: nothing of theirs is kept.
    """
    lesson, asset = file.lesson, file.asset
    if asset.state != AssetState.READY:
        return None
    package = find_package(db(), asset.id)
    if package is None:
        return None
    attempt = latest_attempt(db(), lesson_id=lesson.id, asset_id=asset.id, by=by)
    return {
        "title": file.title,
        "form": package.form,
        "launches": package.launches,
        "playUrl": f"{file_api_url(file)}/playback",
        "hostUrl": wiring().settings.package_url,
        "ticket": ticket or None,
        "share": share_token or None,
        "csrf": generate_csrf() if by else None,
        "attemptsUrl": f"{file_api_url(file)}/attempts/" if by else None,
        "attempt": _attempt(attempt) if attempt else None,
        "lang": language(),
        "words": package_words(),
    }


def file_api_url(file: ShownFile) -> str:
    """Return below which address programs play the file."""
    lesson_url = f"/api/v1/lessons/{file.lesson.id}"
    return lesson_url if file.is_own else f"{lesson_url}/files/{file.original.id}"


def package_words() -> dict[str, str]:
    """Return the words of the player of packages."""
    return {
        "start": _("Start"),
        "go_on": _("Go on"),
        "start_again": _("Start again from the beginning"),
        "fullscreen": _("Full screen"),
        "leave_fullscreen": _("Leave full screen"),
        "parts": _("Parts of this lesson"),
        "part": _("Part {number}"),
        "frame_title": _("Interactive lesson: {title}"),
        "score": _("Score {score} of {most}"),
        "score_percent": _("Score {percent}%"),
        "completed": _("All done"),
        "passed": _("Passed"),
        "failed": _("Not passed yet"),
        "kept": _("Your work is kept. It goes on from here next time."),
        "not_kept": _("Not signed in: what is done here is not kept."),
        "offline": _(
            "No connection: the latest work is not kept yet. "
            "Leave this page open; it is kept by itself when the connection is back."
        ),
        "refused": _(
            "The latest work could not be kept. What was kept before is safe. "
            "Open the page again; if it asks, sign in."
        ),
        "not_allowed": _("This lesson may no longer be opened here. Open the lesson's page again."),
        "failed_to_open": _("It could not be opened. Check the connection and press Start again."),
    }


def _attempt(row: PackageAttempt) -> dict[str, Any]:
    return {"id": str(row.id), **{name: getattr(row, name) for name in KEPT}}
