"""Captions and chapters that belong to a lesson's file: laid aside with it, and brought back.

Objects of captions lie beside the parts of the asset that the lesson plays, because a playback
address opens no other folder.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from server.models.lessons import Chapter, Lesson, TextTrack
from storage.keys import part_key
from storage.store import ObjectStore


def caption_key(asset_id: UUID, text: str) -> str:
    """Return the key of captions beside an asset."""
    return part_key(asset_id, hashlib.sha256(text.encode()).hexdigest(), "vtt")


def store_captions(store: ObjectStore, asset_id: UUID, texts: Iterable[str]) -> None:
    """Put captions beside an asset; those that are there stay. Raises StoreError."""
    for text in texts:
        key = caption_key(asset_id, text)
        store.put_bytes(key, text.encode(), content_type="text/vtt; charset=utf-8")


def texts_of(lesson: Lesson) -> dict[str, Any]:
    """Return captions and chapters as JSON values."""
    return {
        "tracks": [
            {
                "language": track.language,
                "kind": track.kind,
                "key": track.key,
                "text": track.text,
                "size_bytes": track.size_bytes,
                "created_at": track.created_at.isoformat(),
                "version": track.version,
                "is_automatic": track.is_automatic,
                "by_id": str(track.by_id) if track.by_id else None,
            }
            for track in lesson.text_tracks
        ],
        "chapters": [[chapter.start_s, chapter.title] for chapter in lesson.chapters],
    }


def give_texts(lesson: Lesson, texts: dict[str, Any], asset_id: UUID) -> None:
    """Give a lesson without captions and chapters these; the objects are beside the asset."""
    lesson.text_tracks = [
        TextTrack(
            language=track["language"],
            kind=track["kind"],
            key=caption_key(asset_id, track["text"]),
            text=track["text"],
            size_bytes=len(track["text"].encode()),
            created_at=datetime.fromisoformat(track["created_at"]),
            version=track.get("version", 1),  # rows from before there were versions
            is_automatic=track.get("is_automatic", False),
            by_id=UUID(track["by_id"]) if track.get("by_id") else None,
        )
        for track in texts.get("tracks", ())
    ]
    lesson.chapters = [
        Chapter(start_s=start_s, title=title) for start_s, title in texts.get("chapters", ())
    ]
