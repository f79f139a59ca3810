"""Where in a text something stands that is nearly a word: edits are counted, not guessed."""

from typing import NamedTuple


class Near(NamedTuple):
    """A place of a text and by how many letters it differs."""

    distance: int
    start: int
    end: int


def nearest(word: str, text: str) -> Near:
    """Return the place in `text` that is most like `word`; of equally good ones the first.

    Missing, additional, wrong letters count one each, and so do two neighbours in wrong order.
    By Myers' bit vectors: a few operations for each letter of the text.
    """
    distance, end = _end_of_nearest(word, text)
    if distance == 2 and (at := _swapped_at(word, text)) >= 0:  # noqa: PLR2004 (a swap is two edits)
        return Near(1, at, at + len(word))
    _, length = _end_of_nearest(word[::-1], text[:end][::-1], is_anchored=True)
    return Near(distance, end - length, end)


def _swapped_at(word: str, text: str) -> int:
    """Return where the word stands with two neighbours in wrong order, or -1."""
    swapped = (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1))
    return next((text.index(other) for other in swapped if other in text), -1)


def _end_of_nearest(word: str, text: str, *, is_anchored: bool = False) -> tuple[int, int]:
    """Return the smallest distance and where that place ends; anchored: it begins at 0."""
    everything = (1 << len(word)) - 1
    last = 1 << (len(word) - 1)
    where: dict[str, int] = {}
    for at, letter in enumerate(word):
        where[letter] = where.get(letter, 0) | 1 << at
    plus, minus, distance = everything, 0, len(word)
    best, best_end = distance, 0
    for at, letter in enumerate(text):
        equal = where.get(letter, 0)
        vertical = equal | minus
        horizontal = (((equal & plus) + plus) ^ plus) | equal
        up, down = minus | ~(horizontal | plus) & everything, plus & horizontal
        distance += bool(up & last) - bool(down & last)
        up, down = (up << 1 | is_anchored) & everything, down << 1 & everything
        plus, minus = down | ~(vertical | up) & everything, up & vertical
        if distance < best:
            best, best_end = distance, at + 1
    return best, best_end
