"""Pages: one module per area, all answered by templates that are given cards."""

from flask import Flask

from server.web import (
    account,
    admin,
    embed,
    lessons,
    library,
    page_frame,
    queues,
    storage,
    studio,
    studio_files,
    studio_lessons,
)

AREAS = (
    library,
    lessons,
    embed,
    studio,
    studio_lessons,
    studio_files,
    account,
    admin,
    queues,
    storage,
)


def register(app: Flask) -> None:
    """Add every page, and what templates may use everywhere."""
    page_frame.register(app)
    for area in AREAS:
        app.register_blueprint(area.bp)
