"""The tables. Importing this package registers all of them."""

from server.models import (
    assignments,
    checks,
    class_sessions,
    classrooms,
    consents,
    courses,
    curriculum,
    jobs,
    lesson_versions,
    lessons,
    library,
    packages,
    people,
    progress,
    quizzes,
    searches,
)

__all__ = [
    "assignments",
    "checks",
    "class_sessions",
    "classrooms",
    "consents",
    "courses",
    "curriculum",
    "jobs",
    "lesson_versions",
    "lessons",
    "library",
    "packages",
    "people",
    "progress",
    "quizzes",
    "searches",
]
