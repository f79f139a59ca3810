"""The tables. Importing this package registers all of them."""

from server.models import jobs, lessons, library, people

__all__ = ["jobs", "lessons", "library", "people"]
