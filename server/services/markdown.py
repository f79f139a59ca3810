"""Markdown of teachers as HTML that may stand in a page, without scripts and other sites' pictures.

And as its words alone, for the search.
"""

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote"),
    *("h2", "h3", "h4", "ul", "ol", "li", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
HIGHEST = 2  # the page has its own first heading
LOWEST = 4
_READER = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(
    ["table", "strikethrough"]
)


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
