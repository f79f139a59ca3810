"""Addresses of places in lessons: the second, the page or the item where words were found."""

from uuid import UUID

from search.index import Passage


def path_to(lesson_id: UUID, passage: Passage | None = None) -> str:
    """Return the path of a lesson's page; seconds in it are of the original, as in all links."""
    path = f"/lessons/{lesson_id}"
    if passage is None:
        return path
    if passage.page is not None:
        return f"{path}?page={passage.page}#page-{passage.page}"
    if passage.at_s is None:
        return f"{path}/items/{passage.item_id}" if passage.item_id else path
    return f"{path}?t={passage.at_s:.2f}".rstrip("0").rstrip(".")


def path_to_course(course_id: UUID | str) -> str:
    """Return the path of a course's page."""
    return f"/courses/{course_id}"
