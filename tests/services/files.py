"""A small file server as players need it: ranges, and readable from every origin."""

import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/mp4",
}


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers GET of files below `root`, whole or one range."""

    protocol_version = "HTTP/1.1"
    root: Path

    def do_GET(self) -> None:
        path = self.root / self.path.partition("?")[0].lstrip("/")
        if not path.is_file():
            self._begin(HTTPStatus.NOT_FOUND, 0, path)
            return
        content = path.read_bytes()
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if asked:
            start, end = int(asked[1]), int(asked[2]) + 1
            total, content = len(content), content[start:end]
            self._begin(
                HTTPStatus.PARTIAL_CONTENT, len(content), path, f"{start}-{end - 1}/{total}"
            )
        else:
            self._begin(HTTPStatus.OK, len(content), path)
        self.wfile.write(content)

    def do_OPTIONS(self) -> None:
        self._begin(HTTPStatus.NO_CONTENT, 0, self.root)

    def _begin(self, status: HTTPStatus, length: int, path: Path, shown_range: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", TYPES.get(path.suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(length))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "Range")
        if shown_range:
            self.send_header("Content-Range", shown_range)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as it is inherited)
        """Say nothing."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Players drop connections when they seek: no fault."""


@contextmanager
def served_folder(root: Path) -> Iterator[str]:
    """Yield the URL, without a slash at the end, under which the files of `root` are answered."""
    handler = type("Handler", (_Handler,), {"root": root})
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
