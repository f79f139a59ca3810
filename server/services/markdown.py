"""Markdown of teachers as HTML that may stand in a page, without scripts and other sites' pictures.

And as its words alone, for the search.
"""

import re

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token

TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote"),
    *("h2", "h3", "h4", "ul", "ol", "li", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
HIGHEST = 2  # the page has its own first heading
LOWEST = 4
MOST_CELLS = 4_000  # of all tables of a text: what is beyond stays as it was typed
_READER = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(
    ["table", "strikethrough"]
)
_COLUMN = re.compile("-+")  # in the line below the heads


def _table(state: StateBlock, first_line: int, end_line: int, silent: bool) -> bool:  # noqa: FBT001
    """Read a table, while there is room for its cells.

    Rows that are shorter than the first are filled up, so that each letter can cost as much as a
    line of text: a page would take seconds.
    """
    if first_line + 2 > end_line:
        return False
    heads_end = slice(state.bMarks[first_line + 1], state.eMarks[first_line + 1])
    column_count = len(_COLUMN.findall(state.src[heads_end]))
    used_count = state.env.get("cell_count", 0)
    row_count = (MOST_CELLS - used_count) // column_count if column_count else 0
    # Its heads, the line below, and the rows for which there is room.
    last_line = min(end_line, first_line + 1 + row_count)
    if row_count < 1 or not table(state, first_line, last_line, silent):
        return False
    if not silent:
        state.env["cell_count"] = used_count + column_count * (state.line - first_line - 1)
    return True


_READER.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})


def as_html(markdown: str) -> str:
    """Return safe HTML; headings begin below the page's own, links lead out without a trace."""
    tokens = _READER.parse(markdown)
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    first = min((int(token.tag[1]) for token in headings), default=HIGHEST)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) - first + HIGHEST, LOWEST)}"
    html = _READER.renderer.render(tokens, _READER.options, {})
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def as_plain(markdown: str) -> str:
    """Return the words without their marks, each block on a line."""
    return "\n".join(filter(None, map(_words_of, _READER.parse(markdown))))


def _words_of(block: Token) -> str:
    if block.children is None:
        return block.content.strip()
    return "".join(each.content or " " * each.type.endswith("break") for each in block.children)
