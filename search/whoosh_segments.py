"""Segments that stay open from one commit to the next."""

from whoosh.index import FileIndex

from search.whoosh_search import Snapshot
from search.whoosh_segment import Segment, SegmentWords


class OpenSegments:
    """Opens what a commit added, keeps what it left, lets go of what it merged away."""

    def __init__(self) -> None:
        self._open: dict[str, Segment] = {}
        self._words = SegmentWords()

    def snapshot(self, index: FileIndex) -> Snapshot:
        """Return the newest state of the index. Raises FileNotFoundError if a merge is faster."""
        newest = {segment.segment_id(): segment for segment in index._segments()}  # noqa: SLF001
        for name, segment in newest.items():
            if name not in self._open:
                self._open[name] = Segment(index.storage, segment)
        for name in self._open.keys() - newest:
            del self._open[name]
        segments = [self._open[name] for name in newest]
        deleted = [frozenset(segment.deleted_docs()) for segment in newest.values()]
        return Snapshot(segments, deleted, self._words)

    def close(self) -> None:
        """Let go of all files."""
        self._open.clear()
