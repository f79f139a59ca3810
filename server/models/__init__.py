"""The tables. Importing this package registers all of them."""

from server.models import checks, jobs, lessons, library, packages, people

__all__ = ["checks", "jobs", "lessons", "library", "packages", "people"]
