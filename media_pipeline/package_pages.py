"""Pages of packages as they are served: each begins with the script that joins it to its lesson."""

import re

H5P_PAGE_NAME = "khlang-h5p.html"
# In a sandbox every page has an origin of its own, so a page finds no scoring functions in the
# page around it: they must stand in itself, before its own scripts run.
SCRIPTS = {form: f"/static/package/{form}.js" for form in ("scorm12", "scorm2004", "html", "h5p")}
# One page, no frame in a frame: a frame inside a sandbox could not be written into.
H5P_PAGE = f"""<!DOCTYPE html>
<html lang="th">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>H5P</title>
<script src="{SCRIPTS["html"]}"></script>
<style>html, body {{ margin: 0; background: #fff; }}</style>
</head>
<body>
<div id="h5p"></div>
<script src="/static/package/h5p-standalone/main.bundle.js"></script>
<script src="{SCRIPTS["h5p"]}"></script>
</body>
</html>
"""
_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_UTF_8_BOM = b"\xef\xbb\xbf"
_WITHIN_BYTES = 64 * 1024
_SEARCHED_BYTES = 1024  # where browsers look for it
# The first place that is surely in the head and before every script.
_BEGINNING = re.compile(
    rb"(?is)\A(?:\xef\xbb\xbf)?(?:\s|<\?xml.*?\?>|<!--(?:(?!-->).)*-->|<!doctype[^>]*>)*"
    rb"(?:<html\b[^>]*>(?:\s|<!--(?:(?!-->).)*-->)*)?(?:<head\b[^>]*>)?"
)


def with_bridge(page: bytes, form: str) -> bytes:
    """Return the page with the form's script first in its head, and its charset if it says none."""
    for bom, encoding in _BOMS:
        if page.startswith(bom):
            page = _UTF_8_BOM + page.decode(encoding, "replace").encode("utf-8", "replace")
    added = _charset(page) + b'<script src="%s"></script>' % SCRIPTS[form].encode()
    found = _BEGINNING.match(page[:_WITHIN_BYTES])
    at = found.end() if found else 0
    return page[:at] + added + page[at:]


def _charset(page: bytes) -> bytes:
    """Say in which letters a page is written that does not say it: browsers would guess wrong."""
    head = page[:_SEARCHED_BYTES].lower()
    if page.isascii() or page.startswith(_UTF_8_BOM) or b"charset" in head or b"encoding=" in head:
        return b""
    try:
        page.decode()
    except UnicodeDecodeError:
        return b'<meta charset="windows-874"/>'
    return b'<meta charset="utf-8"/>'
