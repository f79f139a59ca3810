"""The line that a hit shows."""

from search.thai import normalise

SNIPPET_CHARACTERS = 160
_BEFORE = 50


def cut_snippet(text: str, query: str) -> str:
    """Return about a line of `text` around the first place that holds a word of `query`.

    Without any such place the line is the beginning. "…" marks what was left out.
    """
    line = " ".join(normalise(text).split())
    found = [
        at for word in normalise(query).lower().split() if (at := line.lower().find(word)) >= 0
    ]
    start = max(0, min(found, default=0) - _BEFORE)
    end = start + SNIPPET_CHARACTERS
    return ("…" if start else "") + line[start:end].strip() + ("…" if end < len(line) else "")
