"""The tables. Importing this package registers all of them."""

from server.models import (
    checks,
    classrooms,
    jobs,
    lesson_versions,
    lessons,
    library,
    packages,
    people,
    progress,
    searches,
)

__all__ = [
    "checks",
    "classrooms",
    "jobs",
    "lesson_versions",
    "lessons",
    "library",
    "packages",
    "people",
    "progress",
    "searches",
]
