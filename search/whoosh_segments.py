"""Segments that stay open from one commit to the next."""

from whoosh.index import FileIndex
from whoosh.reading import SegmentReader

from search.whoosh_search import Snapshot
from search.whoosh_segment import Segment, SegmentWords


class OpenSegments:
    """Opens what a commit added, keeps what it left, closes what it merged away."""

    def __init__(self) -> None:
        self._open: dict[str, Segment] = {}
        self._words = SegmentWords()

    def snapshot(self, index: FileIndex) -> Snapshot:
        """Return the newest state of the index. Raises FileNotFoundError if a merge is faster."""
        reader = index.reader()
        # The reader of an empty index has no segment.
        readers: list[SegmentReader] = [leaf for leaf, _ in reader.leaf_readers() if leaf.segment()]
        segments, deleted = [], []
        for leaf in readers:
            name = leaf.segment().segment_id()
            if name in self._open:
                leaf.close()
            else:
                self._open[name] = Segment(leaf)
            segments.append(self._open[name])
            deleted.append(frozenset(leaf.segment().deleted_docs()))
        for name in self._open.keys() - {leaf.segment().segment_id() for leaf in readers}:
            self._open.pop(name).close()
        return Snapshot(segments, deleted, self._words)

    def close(self) -> None:
        """Let go of all files."""
        for segment in self._open.values():
            segment.close()
        self._open.clear()
