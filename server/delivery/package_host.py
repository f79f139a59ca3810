"""A second host for packages: there, nothing but their files and the players' scripts."""

from urllib.parse import urlsplit

from server.delivery import http

OPEN = ("/v/", "/static/")


class PackageHost:
    """Tells which requests came for that host and ask for something else."""

    def __init__(self, package_url: str) -> None:
        """Take the address of the host; empty where there is none."""
        self._host = urlsplit(package_url).netloc.casefold()

    def refuses(self, scope: http.Scope) -> bool:
        """Return whether no page of the site may be shown: it would have the packages' origin."""
        if not self._host or scope["path"].startswith(OPEN):
            return False
        return http.headers_of(scope).get("host", "").casefold() == self._host
