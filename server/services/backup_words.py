"""What an object is to people, by the rows of a backup: the lesson, the file, whose it is."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from server.services.backup_format import Dump

MANY = 3


class ObjectNames:
    """Names objects; rows are read when the first one is asked for."""

    def __init__(self, dump: Dump) -> None:
        """Take the backup whose rows name them."""
        self._dump = dump

    def name(self, key: str) -> str:
        """Return such as `the sent file "clip.mp4" of lesson "เศษส่วน"`, with the key."""
        folder, _, rest = key.partition("/")
        asset_id = self._asset_of.get(key, "") if folder == "originals" else rest.partition("/")[0]
        originals = self._originals.get(asset_id, [])
        titles = {title for each in originals for title in self._titles.get(each["id"], ())}
        files = ", ".join(f'"{each["file_name"]}"' for each in originals[:1]) or "(no longer used)"
        thing = {"originals": "the sent file"}.get(folder, "a piece made of the file")
        what = "captions of the file" if key.endswith(".vtt") else thing
        owners = {self._persons.get(each["owner_id"], "") for each in originals}
        of_lesson = f" of lesson {_listed(titles)}" if titles else ""
        of_person = f", sent by {_listed(owners)}" if owners else ""
        return f"{what} {files}{of_lesson}{of_person} [{key}]"

    @cached_property
    def _asset_of(self) -> dict[str, str]:
        return {row["original_key"]: row["id"] for row in self._dump.lines("asset")}

    @cached_property
    def _persons(self) -> dict[str, str]:
        return {row["id"]: row["display_name"] for row in self._dump.lines("person")}

    @cached_property
    def _originals(self) -> dict[str, list[dict[str, Any]]]:
        by_asset = defaultdict(list)
        for row in self._dump.lines("original"):
            by_asset[row["asset_id"]].append(row)
        return by_asset

    @cached_property
    def _titles(self) -> dict[str, set[str]]:
        titles = {row["id"]: row["title"] for row in self._dump.lines("lesson")}
        shown = defaultdict(set)
        for original_id, lesson_id in self._uses():
            if lesson_id in titles:  # work outlives its lesson
                shown[original_id].add(titles[lesson_id])
        return shown

    def _uses(self) -> Iterator[tuple[str, str]]:
        """Yield which original stands in which lesson, handed-in files among them."""
        for row in self._dump.lines("lesson"):
            yield row["original_id"], row["id"]
        for table in ("lesson_file", "lesson_item_file"):
            for row in self._dump.lines(table):
                yield row["original_id"], row["lesson_id"]
        lessons = {row["id"]: row["lesson_id"] for row in self._dump.lines("hand_in")}
        for row in self._dump.lines("hand_in_file"):
            yield row["original_id"], lessons.get(row["hand_in_id"], "")


def _listed(names: set[str]) -> str:
    some = sorted(names)[:MANY]
    more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
    return ", ".join(f'"{name}"' for name in some) + more
