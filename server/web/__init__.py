"""Pages: one module per area, all answered by templates that are given cards."""

from flask import Flask

from server.web import (
    account,
    admin,
    class_members,
    classrooms,
    embed,
    joining,
    lessons,
    library,
    page_frame,
    queues,
    saving,
    school_joining,
    search_admin,
    start,
    storage,
    studio,
    studio_captions,
    studio_files,
    studio_lessons,
    studio_pictures,
    studio_results,
    studio_trim,
    terms,
)

AREAS = (
    library,
    lessons,
    embed,
    studio,
    studio_lessons,
    studio_files,
    studio_captions,
    studio_pictures,
    studio_results,
    studio_trim,
    account,
    admin,
    queues,
    saving,
    search_admin,
    storage,
    start,
    classrooms,
    class_members,
    joining,
    school_joining,
    terms,
)


def register(app: Flask) -> None:
    """Add every page, and what templates may use everywhere."""
    page_frame.register(app)
    for area in AREAS:
        app.register_blueprint(area.bp)
