"""The same services for programs: JSON under /api/v1, described by an OpenAPI document."""

from flask import Flask

from server.api import assets, lessons, openapi, packages, playback, quizzes
from server.api.blueprint import bp

__all__ = ["assets", "lessons", "openapi", "packages", "playback", "quizzes", "register"]


def register(app: Flask) -> None:
    """Add the routes."""
    app.register_blueprint(bp)
